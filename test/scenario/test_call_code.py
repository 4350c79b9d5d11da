"""Calls as code: at most six lines, answers at most four, that Python could read but for the labels."""

from __future__ import annotations

import ast

import pytest

from scenario.call_code import answer_lines, call_lines, compact, is_cut, one_line
from scenario.labels import Label

LONG = {f"Name{number}": "v" * 30 for number in range(20)}


def test_short_call() -> None:
    """What fits into a line is one; labels have no quotes."""
    lines = call_lines("confirm_sign_up", {"Username": "alice", "ConfirmationCode": Label("<code>")}, 76)

    assert lines == ['cognito.confirm_sign_up(Username="alice", ConfirmationCode=<code>)']


def test_an_argument_a_line() -> None:
    """What does not fit has a line for each argument."""
    lines = call_lines("sign_up", {"Username": "alice", "Password": "x" * 30, "Attributes": []}, 60)

    assert lines == [
        "cognito.sign_up(",
        '    Username="alice",',
        f'    Password="{"x" * 30}",',
        "    Attributes=[],",
        ")",
    ]


def test_short_arguments_share_a_line() -> None:
    """Where there are too many for a line each, the short ones share one, and the bracket ends the last."""
    proof = {"USERNAME": "alice", "TIMESTAMP": "x" * 28, "PASSWORD_CLAIM_SECRET_BLOCK": Label("<block>")}
    challenge = {"ChallengeName": "DEVICE_PASSWORD_VERIFIER", "Session": Label("<session 6>")}

    lines = call_lines("respond", {**challenge, "ChallengeResponses": {**proof, "SIGNATURE": "y" * 40}}, 76)

    assert lines == [
        "cognito.respond(",
        '    ChallengeName="DEVICE_PASSWORD_VERIFIER", Session=<session 6>,',
        '    ChallengeResponses={"USERNAME": "alice",',
        f'     "TIMESTAMP": "{"x" * 28}",',
        '     "PASSWORD_CLAIM_SECRET_BLOCK": <block>,',
        f'     "SIGNATURE": "{"y" * 40}"}})',
    ]


@pytest.mark.parametrize("width", [40, 56, 76, 196])
@pytest.mark.parametrize("fields", [LONG, {"AuthParameters": LONG}, {"Users": [LONG, LONG]}])
def test_never_more_than_six_and_four_lines(fields: dict[str, object], width: int) -> None:
    """However much there is, it is cut to that, and no line is wider than the screen."""
    call, answer = call_lines("x", fields, width), answer_lines(fields, width)

    assert len(call) <= 6
    assert len(answer) <= 4
    assert max(map(len, [*call, *answer])) <= width
    assert is_cut(answer) or width > 76


@pytest.mark.parametrize(
    "text", ["plain", 'a "quoted" name', "it's", "back\\slash", "line\nend", "Zoë 漢 😀"]
)
def test_texts_are_python(text: str) -> None:
    """Texts are Python's own: nothing in them ends the string."""
    (line,) = call_lines("x", {"Name": text}, 200)

    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert ast.literal_eval(call.keywords[0].value) == text


def test_one_line() -> None:
    """Where there is no width the lines are put together again."""
    lines = call_lines("sign_up", {"Username": "alice", "Password": "x" * 30, "Attributes": []}, 60)

    assert one_line(lines) == f'cognito.sign_up(Username="alice", Password="{"x" * 30}", Attributes=[])'


def test_compact() -> None:
    """Where there is little room, what says least is left out, and long texts are shortened."""
    answer = {"ChallengeParameters": {}, "Result": {"ExpiresIn": 900, "DeviceKey": "us-east-1_" + "0" * 40}}

    assert compact(answer) == {"Result": {"DeviceKey": "us-east-1_0000…0000"}}
