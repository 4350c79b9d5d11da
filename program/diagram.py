"""A run as a Mermaid sequence diagram: the person, their app, passkeys and mailbox, program and Cognito.

Each call has its inputs and its answer, with labels in place of secrets. Of the person's answers it shows
"yes" and "no"; for all others, only that there was one.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel

    from question import Asker, Validator

_LEFT_OUT = {"UserPoolId", "ClientId"}  # the same in every call
_NO_BREAK = "\N{NO-BREAK SPACE}"
_COLUMNS = 60  # of a text on an arrow
_LONGEST = 600  # characters of it
# From left to right, so that most arrows lead to a neighbour.
_PARTICIPANTS = {
    "A": "participant A as Authenticator app",
    "K": "participant K as Authenticator of passkeys",
    "U": "actor U as The person",
    "P": "participant P as The program",
    "C": "participant C as Amazon Cognito",
    "M": "participant M as Mailbox",
    "S": "participant S as Text messages",
}
_ALWAYS = {"P", "C"}
_MEANING_SOMETHING = re.compile(r"[^\w .,=()/+@:-]")
_ARROW = re.compile("([A-Z])-[->x]+([A-Z])")
_SENT_TO = {"EMAIL": "M", "SMS": "S", "EMAIL_OTP": "M", "SMS_MFA": "S"}
_CODES_OF_THE_APP = {"set_up_code", "mfa_code"}
_SENT_CODES = {"confirmation_code", "sent_code"}
_NOT_TOLD = {"go_on"}
_IN_WORDS = {
    "authenticator": "where the passkey shall be",
    "email": "e-mail address",
    "existing_user": "what to do about the user who exists",
    "factor": "which second factor",
    "first_factor": "how to sign in",
    "go_on_anyway": "go on",
    "set_up_mfa": "set up MFA",
}
_DIAGRAM = """\
# {title}

Each solid arrow is what one tells or sends another, each dashed one what that brings; between the program and
Amazon Cognito these are the calls with their inputs, and how long they took. Labels such as &lt;session 2&gt;
stand for secrets: where two labels are the same, the secrets are.

```mermaid
sequenceDiagram
{lines}
```
"""


class Diagram:
    """A diagram that grows with the run."""

    def __init__(self) -> None:
        self._lines: list[str] = []  # with no secret in them from the beginning
        self._has_code = ""  # the participant that the latest code was sent to

    def markdown(self, title: str) -> str:
        """Return all of it as Markdown."""
        arrows = [arrow for line in self._lines if (arrow := _ARROW.match(line))]
        taking_part = {*_ALWAYS, *(name for arrow in arrows for name in arrow.groups())}
        heads = [head for name, head in _PARTICIPANTS.items() if name in taking_part]
        lines = textwrap.indent("\n".join([*heads, *self._lines]), "    ")
        return _DIAGRAM.format(title=" ".join(re.findall(r"\w+", title)), lines=lines)

    def step(self, number: int, title: str) -> None:
        """Begin a step of the scenario."""
        self.draw("Note over P,C", f"Step {number}. {title}")

    def draw(self, arrow: str, text: str) -> None:
        """Add a line."""
        self._lines.append(f"{arrow}: {_label(text)}")

    def lead_up(self, request: Mapping[str, Any]) -> None:
        """Add what a request comes from: a challenge that an authenticator has signed."""
        if "Credential" in request or "CREDENTIAL" in request.get("ChallengeResponses", {}):
            self.draw("P->>K", "challenge")
            self.draw("K-->>P", "signed challenge")

    def follow_up(self, answer: Mapping[str, Any]) -> None:
        """Add what an answer of Cognito's leads to: a code that is sent, a key that is shown for the app."""
        delivery = answer.get("CodeDeliveryDetails") or {}
        medium = delivery.get("DeliveryMedium") or answer.get("ChallengeName")
        if medium in _SENT_TO:
            self._has_code = _SENT_TO[medium]
            self.draw(f"C->>{self._has_code}", "code")
        if "SecretCode" in answer:
            self.draw("P->>A", "key (QR code)")

    def answered(self, name: str | None, answer: Any) -> None:
        """Add the person's answer to the question of that name, and its source."""
        if name is None or name in _NOT_TOLD:
            return
        if name in _CODES_OF_THE_APP:
            self._draw_code("A", answer)
        elif name in _SENT_CODES:
            self._draw_code(self._has_code, answer)
        elif isinstance(answer, bool):
            self._draw_entry(f"{_in_words(name)}, {'yes' if answer else 'no'}")
        else:
            self._draw_entry(_in_words(name))

    def _draw_code(self, source: str, answer: str) -> None:
        """Draw a code on its way; Enter alone has the built-in app tell it, or another message sent."""
        if answer and source:
            self.draw(f"{source}-->>U", "code")
        if answer or source != "A":
            self._draw_entry("code" if answer else "Enter, for another code")
        else:
            self.draw("A-->>P", "code")

    def _draw_entry(self, words: str) -> None:
        line = f"U->>P: {_label(words)}"
        if self._lines[-1:] != [line]:  # a repetition of a password, for example
            self._lines.append(line)


class HeardAsker:
    """An asker that has a diagram tell of each answer.

    Args:
        ask: what answers.
        diagram: records the answers.
    """

    def __init__(self, ask: Asker, diagram: Diagram) -> None:
        self._ask = ask
        self._diagram = diagram

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Return the answer."""
        answer = self._ask(question, *validators, hidden=hidden, name=name)
        self._diagram.answered(name, answer)
        return answer


def drawn_call(model: OperationModel, fields: Mapping[str, Any], note: str = "") -> str:
    """Return the text of a call: its action and its inputs, as `CallText.fields` returns them."""
    inputs = _flat(fields) + ([note] if note else [])
    return f"{model.name} ({', '.join(inputs)})" if inputs else model.name


def drawn_answer(fields: Mapping[str, Any]) -> str:
    """Return the text of an answer, as `CallText.fields` returns it."""
    return ", ".join(_flat(fields)) or "empty answer"


def _flat(fields: Mapping[str, Any]) -> list[str]:
    """Return "name=value" for each value of the fields, however deep it lies."""
    parts: list[str] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            parts += _flat(value)
        elif isinstance(value, list):
            parts += [
                part for item in value for part in _flat(item if isinstance(item, dict) else {name: item})
            ]
        elif name not in _LEFT_OUT:
            parts.append(f"{name}={value}")
    return parts


def _in_words(name: str) -> str:
    return _IN_WORDS.get(name, name.replace("_", " "))


def _label(text: str) -> str:
    """Return text for an arrow, with numbers for characters that mean something to Mermaid or Markdown."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} ..."
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    words = re.sub(
        r"\([0-9.]+ m?s\)|<[\w, ]{1,60}>", lambda kept: kept[0].replace(" ", _NO_BREAK), words
    )  # neither times nor labels are broken
    lines = textwrap.wrap(words, _COLUMNS, break_on_hyphens=False, break_long_words=False)
    return "<br/>".join(_MEANING_SOMETHING.sub(_entity, line.replace(_NO_BREAK, " ")) for line in lines)


def _entity(character: re.Match[str]) -> str:
    return {"<": "#lt;", ">": "#gt;"}.get(character[0], f"#{ord(character[0])};")
