"""Reading refusals: values that Cognito quotes are not shown, and long messages take no long time."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from story.refusals import message_of

_QUOTED = "Value 'hunter2' at 'password' failed to satisfy constraint: Member must be long"
_UNQUOTED = "Value at 'password' failed to satisfy constraint: Member must be long"


def refusal(message: str) -> ClientError:
    """Return a refusal with that message."""
    return ClientError({"Error": {"Code": "InvalidParameterException", "Message": message}}, "SignUp")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("User already exists", "User already exists"),
        (_QUOTED, _UNQUOTED),
        (
            f"2 errors: {_QUOTED}; {_QUOTED}",
            f"2 errors: {_UNQUOTED}; {_UNQUOTED}",
        ),
        ("Value 'a' at 'b' is fine", "Value 'a' at 'b' is fine"),
        ("Value 'it's\nat' at 'x' failed to satisfy y", "Value at 'x' failed to satisfy y"),
        ("Value '' at 'x' failed to satisfy y", "Value at 'x' failed to satisfy y"),
        ("' at 'x' failed to satisfy y, Value 'z", "' at 'x' failed to satisfy y, Value 'z"),
    ],
)
def test_quoted_values_are_left_out(message: str, shown: str) -> None:
    """What was sent may be a password, typed too early; everything else is shown as it came."""
    assert message_of(refusal(message)) == shown


@pytest.mark.parametrize(
    "part",
    [
        "Value '",
        "' at 'x",
        "' at 'x' failed to satisfy",
        "Value 'y' at 'x' failed to satisfy ",
        "' at '",
        "'",
    ],
)
def test_long_messages(part: str) -> None:
    """A message of a million characters is read in no time, whatever it is made of, and cut."""
    message = part * (1_000_000 // len(part))
    begin = time.process_time()

    assert len(message_of(refusal(message))) < 2100

    assert time.process_time() - begin < 2  # by the square of the length it would be minutes
