"""Puts labels in place of secrets in requests and answers: `<session 2>`, `<access token 1>`, `<code>`.

Which fields are secret is read from the API's model, from its `sensitive` mark; the fields that it leaves
unmarked are named here. A session or a token has the same label wherever it occurs, so that one sees which
call gave it and which call took it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from local_cognito.calls.subject import NOBODY, Subject
from local_cognito.model.service_model import Collection, Scalar, Structure

if TYPE_CHECKING:
    from local_cognito.model.service_model import Shape

# The model marks these, but they are what one looks for: in a local pool names and addresses are made up.
_NAMES = frozenset({"ClientIdType", "UsernameType", "AttributeValueType"})
# The model does not mark these. A verifier and its salt would let anybody try guesses of a password.
_UNMARKED_SECRETS = frozenset({"ConfirmationCodeType"})
_STRUCTURES_OF_SECRETS = frozenset({"DeviceSecretVerifierConfigType"})
# Of AuthParameters, ChallengeResponses and ChallengeParameters, which the model leaves free.
_FREE_MAPS = frozenset({"AuthParametersType", "ChallengeResponsesType", "ChallengeParametersType"})
_SHOWN_PARAMETERS = frozenset(
    {
        "CODE_DELIVERY_DELIVERY_MEDIUM",
        "CODE_DELIVERY_DESTINATION",
        "DEVICE_KEY",
        "DEVICE_NAME",
        "FRIENDLY_DEVICE_NAME",
        "MFAS_CAN_CHOOSE",
        "MFAS_CAN_SETUP",
        "TIMESTAMP",
        "USERNAME",
        "USER_ID_FOR_SRP",
        "requiredAttributes",
        "userAttributes",
    }
)
# To SELECT_MFA_TYPE and SELECT_CHALLENGE, and in PREFERRED_CHALLENGE: names of factors.
_SHOWN_ANSWERS = frozenset(
    {
        *("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", "SMS_OTP"),
        *("WEB_AUTHN", "PASSWORD", "PASSWORD_SRP"),
    }
)
_CHOICES = frozenset({"ANSWER", "PREFERRED_CHALLENGE"})
# Values that come back in later calls, and are numbered for that.
_NUMBERED = frozenset({"access token", "ID token", "refresh token", "session"})
_WORDS = {
    **dict.fromkeys(
        ("NEW_PASSWORD", "PreviousPassword", "ProposedPassword", "TemporaryPassword"), "password"
    ),
    "IdToken": "ID token",
    "PASSWORD_CLAIM_SECRET_BLOCK": "secret block",
    "PASSWORD_CLAIM_SIGNATURE": "signature",
    "PasswordVerifier": "verifier",
    "SecretCode": "TOTP key",
    "Token": "refresh token",
}
_CODE = re.compile(r"(.*_)?code", re.IGNORECASE)
_CODES = frozenset({"UserCode", "ConfirmationCode"})
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_WORDS = 40  # characters of a name that comes from outside
_MOST_KNOWN = 10_000  # secrets whose labels are remembered


class Labels:
    """The labels given so far, and the owner of each session and token."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[str, Subject]] = {}
        self._counts: dict[str, int] = {}

    def labelled(self, shape: Shape | None, value: Any, subject: Subject) -> Any:
        """Return a request or an answer with a label in place of each secret.

        Args:
            shape: of the request or the answer, in the API's model; None where there is none.
            value: it, as JSON.
            subject: the call's subject, which owns the secrets in it.
        """
        return self._labelled(shape, "", value, subject)

    def subject_of(self, request: dict[str, Any]) -> Subject:
        """Return the owner of the session or token in a request, as far as earlier calls tell."""
        for name in ("Session", "AccessToken", "RefreshToken", "Token"):
            if isinstance(request.get(name), str):
                _, subject = self._known.get(_digest(request[name]), ("", NOBODY))
                if subject is not NOBODY:
                    return subject
        return NOBODY

    def _labelled(self, shape: Shape | None, name: str, value: Any, subject: Subject) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if shape is None or _is_secret(shape):
            return self._label(name, value, subject)
        if isinstance(shape, Structure) and isinstance(value, dict):
            members = {} if shape.name in _STRUCTURES_OF_SECRETS else shape.members
            return {key: self._labelled(members.get(key), key, item, subject) for key, item in value.items()}
        if isinstance(shape, Collection):
            return self._labelled_collection(shape, name, value, subject)
        # A value of another type than its shape may be anything.
        is_single = isinstance(shape, Scalar) and not isinstance(value, (dict, list))
        return value if is_single else self._label(name, value, subject)

    def _labelled_collection(self, shape: Collection, name: str, value: Any, subject: Subject) -> Any:
        if shape.type == "map" and isinstance(value, dict):
            is_free = shape.name in _FREE_MAPS
            return {
                key: item
                if is_free and _is_shown(key, item)
                else self._labelled(None if is_free else shape.item, key, item, subject)
                for key, item in value.items()
            }
        if shape.type == "list" and isinstance(value, list):
            return [self._labelled(shape.item, name, item, subject) for item in value]
        return self._label(name, value, subject)

    def _label(self, name: str, value: Any, subject: Subject) -> str:
        words = words_of(name)
        if not isinstance(value, str):
            return f"<{words}>"
        digest = _digest(value)
        if digest in self._known:
            return self._known[digest][0]
        if words not in _NUMBERED:
            return f"<{words}>"
        self._counts[words] = self._counts.get(words, 0) + 1
        label = f"<{words} {self._counts[words]}>"
        self._known[digest] = (label, subject)
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return label


def words_of(name: str) -> str:
    """Return the words for a secret field, such as "access token" for `AccessToken`."""
    if name in _CODES or (name not in _WORDS and _CODE.fullmatch(name)):
        return "code"
    words = _WORDS.get(name) or _WORD_STARTS.sub(" ", name).replace("_", " ").lower()
    return words[:_LONGEST_WORDS] or "value"


def _is_secret(shape: Shape) -> bool:
    if shape.name in _FREE_MAPS or shape.name in _NAMES:
        return False
    return shape.is_sensitive or shape.name in _UNMARKED_SECRETS


def _is_shown(parameter: str, value: Any) -> bool:
    return parameter in _SHOWN_PARAMETERS or (parameter in _CHOICES and value in _SHOWN_ANSWERS)


def _digest(secret: str) -> bytes:
    """Return what a secret is remembered by."""
    return hashlib.blake2b(secret.encode(errors="surrogatepass"), digest_size=16).digest()
