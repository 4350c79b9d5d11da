"""The diagram: what the person, the app and the mailbox have to do in it, and nothing of what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from program.diagram import Diagram, HeardAsker
from test.support.stage import Script

if TYPE_CHECKING:
    from collections.abc import Callable

MAIL: dict[str, Any] = {"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL", "Destination": "a***"}}


@pytest.fixture
def diagram() -> Diagram:
    """Return an empty diagram."""
    return Diagram()


def drawn(diagram: Diagram) -> list[str]:
    """Return the lines below the participants."""
    body = diagram.markdown("A run").split("sequenceDiagram\n")[1].removesuffix("```\n")
    lines = [line.strip() for line in body.splitlines()]
    return [line for line in lines if not line.startswith(("participant ", "actor "))]


def heads(diagram: Diagram) -> str:
    """Return the letters of the participants, from left to right."""
    words = [line.split() for line in diagram.markdown("A run").splitlines()]
    return "".join(line[1] for line in words if line[:1] in (["participant"], ["actor"]))


def test_only_those_who_take_part(diagram: Diagram) -> None:
    """Program and Cognito are in every diagram, the others where they have something to do."""
    assert heads(diagram) == "PC"

    diagram.answered("user_name", "alice")
    assert heads(diagram) == "UPC"

    diagram.follow_up(MAIL)
    diagram.answered("mfa_code", "123456")
    assert heads(diagram) == "AUPCM"


def test_entries_have_no_values(diagram: Diagram) -> None:
    """An entry is named, once when it is repeated; only "yes" and "no" are told."""
    answers: dict[str, list[str | Callable[[], str]]] = {
        "user_name": ["alice"],
        "password": ["Correct-Horse-1!", "Correct-Horse-1!"],
        "go_on": [""],
    }
    ask = HeardAsker(Script(**answers), diagram)

    for name in ("user_name", "password", "password", "go_on"):
        ask("?", hidden=name == "password", name=name)
    diagram.answered("delete_user", answer=True)
    diagram.answered("remember_device", answer=False)
    diagram.answered(None, "x")

    assert drawn(diagram) == [
        "U->>P: user name",
        "U->>P: password",
        "U->>P: delete user, yes",
        "U->>P: remember device, no",
    ]


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        (MAIL, "M"),
        ({"CodeDeliveryDetails": {"DeliveryMedium": "SMS"}}, "S"),
        ({"ChallengeName": "EMAIL_OTP"}, "M"),
        ({"ChallengeName": "SMS_MFA"}, "S"),
    ],
)
def test_code_that_is_sent(diagram: Diagram, answer: dict[str, Any], letter: str) -> None:
    """A code goes from Cognito to the mailbox or the telephone, to the person, and into the program."""
    diagram.follow_up(answer)
    diagram.answered("sent_code", "")
    diagram.answered("confirmation_code", "123456")

    assert drawn(diagram) == [
        f"C->>{letter}: code",
        "U->>P: Enter, for another code",
        f"{letter}-->>U: code",
        "U->>P: code",
    ]


def test_codes_of_the_app(diagram: Diagram) -> None:
    """The app takes the key from the QR code; a person types its codes, unless it is the built-in one."""
    diagram.follow_up({"SecretCode": "GEZD", "Session": "x"})
    diagram.answered("set_up_code", "123456")
    diagram.answered("mfa_code", "")

    assert drawn(diagram) == ["P->>A: key (QR code)", "A-->>U: code", "U->>P: code", "A-->>P: code"]


def test_answers_that_lead_to_nothing(diagram: Diagram) -> None:
    """Most answers have neither code nor key; a code that nobody saw being sent is an entry alone."""
    diagram.follow_up({"ChallengeName": "MFA_SETUP", "CodeDeliveryDetails": None})
    diagram.answered("confirmation_code", "123456")

    assert drawn(diagram) == ["U->>P: code"]


def test_name_from_elsewhere(diagram: Diagram) -> None:
    """The name of an attribute, which Cognito sends, can't break the diagram."""
    diagram.answered("userAttributes.x;\n```P->>C: y", "secret")

    assert drawn(diagram) == ["U->>P: userAttributes.x#59; #96;#96;#96;P-#gt;#gt;C: y"]
