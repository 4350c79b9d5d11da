"""The fields of a call to Cognito as they may be shown: labels stand for the secrets in them.

Which fields are secret is read from botocore's model of the service, from its `sensitive` mark; the few that
lack it are named here. User names and e-mail addresses are marked too, but they are no secrets in one's own
run.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from scenario.labels import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import Shape

    from scenario.labels import Labels

LONGEST_VALUE: Final = 80  # characters; an ARN still fits
_LONGEST_MESSAGE: Final = 300

# Shapes that the model leaves unmarked. A confirmation code is a secret like the MFA codes that it does mark.
# An SRP verifier and its salt would let anybody try guesses of the device's password.
_ALSO_SECRET: Final = frozenset({"ConfirmationCodeType", "DeviceSecretVerifierConfigType"})
# It marks these, but they are names: an app client's ID tells which one it is, and lets nobody in.
_NOT_SECRET: Final = frozenset({"ClientIdType", "UsernameType"})
# Maps of strings: the members that are settings, names, or masked by Cognito itself. All others are secret.
_MAPS: Final = frozenset({"AuthParametersType", "ChallengeParametersType", "ChallengeResponsesType"})
_OPEN_MEMBERS: Final = frozenset(
    {
        "CODE_DELIVERY_DELIVERY_MEDIUM",
        "CODE_DELIVERY_DESTINATION",
        "DEVICE_KEY",
        "MFAS_CAN_CHOOSE",
        "MFAS_CAN_SETUP",
        "PREFERRED_CHALLENGE",
        "TIMESTAMP",
        "USERNAME",
        "USER_ID_FOR_SRP",
        "requiredAttributes",
    }
)
# What a person chooses, in SELECT_MFA_TYPE and SELECT_CHALLENGE; other answers are of custom challenges.
_CHOICES: Final = frozenset(
    {
        *("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_MFA", "EMAIL_OTP", "SMS_OTP"),
        *("PASSWORD", "PASSWORD_SRP", "WEB_AUTHN"),
    }
)
# Members of WebAuthn documents that may be shown beside the relying party; others hold keys, challenges.
_OPEN_IN_DOCUMENTS: Final = frozenset(
    {
        *(
            "alg",
            "attestation",
            "authenticatorAttachment",
            "displayName",
            "hints",
            "name",
            "requireResidentKey",
            "residentKey",
        ),
        *("timeout", "transports", "type", "userVerification"),
    }
)
_OPEN_ATTRIBUTES: Final = frozenset({"email", "email_verified", "phone_number_verified", "sub"})
_NESTED: Final = frozenset({"structure", "map", "list"})
_ATTRIBUTE: Final = "AttributeType"
_COUNTED: Final = frozenset({"Users", "UserPools", "UserPoolClients", "Groups", "Devices"})
# Request fields whose values are names of the API. All other values come from outside and may be secret.
_NAMES_OF_THE_API: Final = frozenset({"AuthFlow", "ChallengeName", "Name"})


class CallText:
    """Replaces the secrets of requests and answers by their labels.

    Args:
        labels: of the run.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def fields(
        self, shape: Shape | None, values: Mapping[str, Any], *, are_lists_counted: bool = False
    ) -> dict[str, Any]:
        """Return the fields of a request or an answer, each secret in them replaced by its `Label`.

        Args:
            shape: of the request or the answer, in botocore's model.
            values: its fields.
            are_lists_counted: whether of every list there is only the number of items.
        """
        return {
            name: self._shown(name, _member(shape, name), value, are_lists_counted=are_lists_counted)
            for name, value in values.items()
        }

    def refusal(self, answer: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, str]:
        """Return error code and message of a refusal, without the secrets that it quotes of the request."""
        error = answer.get("Error", {})
        code, message = str(error.get("Code", "")), str(error.get("Message", ""))
        return (
            self.without_secrets(code, request)[:LONGEST_VALUE],
            self.without_secrets(message, request)[:_LONGEST_MESSAGE],
        )

    def without_secrets(self, message: str, request: Mapping[str, Any]) -> str:
        """Return Cognito's message, in one line, with a label in place of each secret of the request.

        Validation errors quote what was sent, which may be a password typed at the wrong prompt.
        """
        # The longest value goes first, so that one that is a part of another leaves nothing of it.
        for value in sorted(filter(None, _sent_values(request)), key=len, reverse=True):
            label = self._labels.known(value)
            if label:
                message = re.sub(re.escape(value), label.replace("\\", ""), message, flags=re.IGNORECASE)
        return " ".join(message.split())

    def _shown(
        self, name: str, shape: Shape | None, value: Any, *, is_secret: bool = False, are_lists_counted: bool
    ) -> Any:
        """Return a value with every secret in it labelled, by its shape in the model.

        A value that has no shape, or another type than its shape, is one that nothing is known about.
        """
        if getattr(shape, "is_document_type", False):
            return self._document(name, value, are_lists_counted=are_lists_counted)
        is_secret = is_secret or shape is None or _is_marked(shape)
        kind = shape.type_name if shape else ""
        if kind == "structure" and isinstance(value, dict):
            return self._structure(shape, value, is_secret=is_secret, are_lists_counted=are_lists_counted)
        if kind == "map" and isinstance(value, dict):
            return self._map(shape, value, is_secret=is_secret)
        if kind == "list" and isinstance(value, list):
            if are_lists_counted or name in _COUNTED:  # what comes back may be a whole user pool
                return count(len(value))
            member = getattr(shape, "member", None)
            return [
                self._shown(name, member, item, is_secret=is_secret, are_lists_counted=False)
                for item in value
            ]
        is_nested = kind in _NESTED or isinstance(value, dict | list)
        return self._plain(name, value, is_secret=is_secret or is_nested)

    def _structure(
        self, shape: Any, value: Mapping[str, Any], *, is_secret: bool, are_lists_counted: bool
    ) -> dict[str, Any]:
        if shape.name == _ATTRIBUTE and not is_secret:
            return self._attribute(value)
        return {
            name: self._shown(
                name, _member(shape, name), item, is_secret=is_secret, are_lists_counted=are_lists_counted
            )
            for name, item in value.items()
        }

    def _document(self, name: str, value: Any, parent: str = "", *, are_lists_counted: bool) -> Any:
        """Return a JSON document of WebAuthn, which the model has no members of."""
        if isinstance(value, dict):
            return {
                key: self._document(key, item, name, are_lists_counted=are_lists_counted)
                for key, item in value.items()
            }
        if isinstance(value, list):
            if are_lists_counted:
                return count(len(value))
            return [self._document(name, item, parent, are_lists_counted=False) for item in value]
        is_open = parent == "rp" or name in _OPEN_IN_DOCUMENTS
        field = {"id": "user handle" if parent == "user" else "CredentialId", "rawId": "CredentialId"}
        return self._plain(field.get(name, name), value, is_secret=not is_open)

    def _attribute(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return a user's attribute, whose value is labelled after it; some values may be seen."""
        name = str(value.get("Name"))
        return {
            member: self._plain(
                name, item, is_secret=member != "Name" and (member != "Value" or name not in _OPEN_ATTRIBUTES)
            )
            for member, item in value.items()
        }

    def _map(self, shape: Any, value: Mapping[str, Any], *, is_secret: bool) -> dict[str, Any]:
        is_open_map = shape.name in _MAPS
        return {
            name: self._plain(
                name,
                item,
                is_secret=not _is_open(name, item) if is_open_map else is_secret or _is_marked(shape.value),
            )
            for name, item in value.items()
        }

    def _plain(self, name: str, value: Any, *, is_secret: bool) -> bool | float | str:
        """Return a value that is short enough to be shown, or how long it is; of a secret its label."""
        if is_secret:
            return self._labels.of(name, value)
        if isinstance(value, bool | int | float):
            return value
        text = str(value)
        label = self._labels.known(text)
        if label:
            return label
        return text if len(text) <= LONGEST_VALUE else Label(f"({len(text)} characters)")


def as_words(fields: Mapping[str, Any]) -> list[str]:
    """Return "Name=value" for each of the fields that `CallText.fields` returned."""
    return [f"{name}={_as_text(value)}" for name, value in fields.items()]


def count(number: int) -> Label:
    """Say how many items there are."""
    return Label("(1 item)" if number == 1 else f"({number} items)")


def _member(shape: Any, name: str) -> Shape | None:
    members: Mapping[str, Shape] = getattr(shape, "members", {})
    return members.get(name)


def _is_marked(shape: Shape) -> bool:
    is_marked = bool(shape.metadata.get("sensitive")) and shape.name not in _NOT_SECRET
    return (is_marked and shape.name not in _MAPS) or shape.name in _ALSO_SECRET


def _is_open(name: str, value: object) -> bool:
    return name in _OPEN_MEMBERS or (name == "ANSWER" and value in _CHOICES)


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_as_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_text, value))}]"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _sent_values(fields: Any) -> Iterator[str]:
    if isinstance(fields, str):
        yield fields
    elif isinstance(fields, dict):
        for field, value in fields.items():
            if field not in _NAMES_OF_THE_API:
                yield from _sent_values(value)
    elif isinstance(fields, list):
        for value in fields:
            yield from _sent_values(value)
