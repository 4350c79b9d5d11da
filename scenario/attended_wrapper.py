"""The wrapper while a person waits: each call is shown, and made again where that may help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from cognito_idp_actions import CognitoIdentityProviderWrapper, secret_hash
from question import printable
from scenario import advice
from scenario.asking import yesno
from scenario.refusals import (
    RefusedAfterFailuresError,
    is_needless_client_secret,
    is_transient,
    is_wrong_client_secret,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from scenario.display import CallDisplay
    from scenario.person import Person


class AttendedWrapper(CognitoIdentityProviderWrapper):
    """Shows each call and its answer, and offers another attempt after one that failed.

    `call` raises what the base class raises when another attempt would not help, is not wanted, or when
    nobody is there to be asked. A refusal that follows on failed attempts of the same call is a
    `RefusedAfterFailuresError`.

    Args:
        cognito_idp_client: a boto3 `cognito-idp` client.
        user_pool_id: the user pool's ID.
        client_id: the app client's ID.
        client_secret: the app client's secret; it is asked for when Cognito wants a secret hash.
        person: who waits, and is asked.
        is_attended: whether a person can be asked.
        display: shows the calls; without one they are only made.
        on_answer: called after each successful call, with model, operation, request and answer.
    """

    def __init__(
        self,
        cognito_idp_client: CognitoIdentityProviderClient,
        user_pool_id: str,
        client_id: str,
        client_secret: str | None = None,
        *,
        person: Person,
        is_attended: bool = True,
        display: CallDisplay | None = None,
        on_answer: Callable[[OperationModel, str, dict[str, Any], dict[str, Any]], None] | None = None,
    ) -> None:
        super().__init__(cognito_idp_client, user_pool_id, client_id, client_secret)
        self._person = person
        self._is_attended = is_attended
        self._display = display
        self._on_answer = on_answer

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Show the call, make it, and show the answer; see the class and the base class."""
        model = self._model(operation)
        if self._display:
            self._display.call(model, operation, fields)
        fields, answer = self._answer(operation, fields)
        if self._display:
            self._display.answer(model, answer)
        if self._on_answer:
            self._on_answer(model, operation, fields, answer)
        return answer

    def _model(self, operation: str) -> OperationModel:
        meta = self.cognito_idp_client.meta
        return meta.service_model.operation_model(meta.method_to_api_mapping[operation])

    def _answer(self, operation: str, fields: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the fields that were sent in the end, and the answer."""
        has_failed = False
        while True:
            try:
                with self._person.terminal.busy("Waiting for Cognito"):
                    return fields, super().call(operation, **fields)
            except (ClientError, BotoCoreError) as error:
                if not self._prepare_retry(error, fields):
                    if has_failed and isinstance(error, ClientError):
                        raise RefusedAfterFailuresError(error) from error
                    raise
                has_failed = has_failed or is_transient(error)
                fields = self._with_secret(fields)

    def _prepare_retry(self, error: ClientError | BotoCoreError, fields: dict[str, Any]) -> bool:
        """Show what went wrong, and change it or ask; return whether the call shall be made again."""
        if is_transient(error):
            return self._is_attended and self._offer_retry(error)
        if not isinstance(error, ClientError):
            return False
        if self._display:
            self._display.refusal(error, fields)
        if not self._is_attended:
            return False
        if is_wrong_client_secret(error):
            self.client_secret = self._person.ask(
                "The app client's secret", printable, hidden=True, name="client_secret"
            )
            return True
        if is_needless_client_secret(error) and self.client_secret:
            self._person.terminal.hint("Going on without the secret.")
            self.client_secret = None
            return True
        return False

    def _offer_retry(self, error: ClientError | BotoCoreError) -> bool:
        what, what_to_do = advice.explained(error)
        self._person.terminal.warn(what)
        self._person.terminal.hint(what_to_do)
        return yesno(self._person.ask, "Try this once more?", "try_again")

    def _with_secret(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the fields with the hash of the present client secret, or without any."""
        if "RefreshToken" in fields or "Token" in fields:
            return _replaced(fields, "ClientSecret", self.client_secret)
        for name in ("AuthParameters", "ChallengeResponses"):
            if name in fields:
                parameters = fields[name]
                return {**fields, name: _replaced(parameters, "SECRET_HASH", self._hash(parameters))}
        return _replaced(fields, "SecretHash", self._hash(fields)) if "ClientId" in fields else fields

    def _hash(self, fields: dict[str, Any]) -> str | None:
        name = fields.get("Username") or fields.get("USERNAME")
        return secret_hash(name, self.client_id, self.client_secret) if name and self.client_secret else None


def _replaced(fields: dict[str, Any], name: str, value: str | None) -> dict[str, Any]:
    others = {key: item for key, item in fields.items() if key != name}
    return {**others, name: value} if value else others
