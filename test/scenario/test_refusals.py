"""Reading refusals: values that Cognito quotes are not shown, and long messages take no long time."""

from __future__ import annotations

from typing import SupportsIndex

import pytest
from botocore.exceptions import ClientError

from scenario.refusals import message_of

_QUOTED = "Value 'hunter2' at 'password' failed to satisfy constraint: Member must be long"
_UNQUOTED = "Value at 'password' failed to satisfy constraint: Member must be long"


class Searched(str):  # noqa: SLOT000 - it counts
    """Text that counts how many of its characters `find` has to look at."""

    looked_at = 0

    def find(self, part: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None) -> int:
        """Find a part, as text does."""
        found = super().find(part, start, end)
        last = len(self) if end is None else int(end)
        self.looked_at += (last if found < 0 else found + len(part)) - int(start or 0)
        return found


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
    """A message of a million characters is cut, and none of it is searched twice, whatever it is made of."""
    message = Searched(part * (1_000_000 // len(part)))

    assert len(message_of(refusal(message))) < 2100

    assert message.looked_at < 2 * len(message)  # by the square of the length it would be billions
