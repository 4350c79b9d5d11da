"""Acting on the page: each form calls one action of the API.

A form carries the page's token, which no page of another origin can read. The request goes the way of every
request, so that it is among the calls, with Cognito's own refusals.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from local_cognito.model.wire import TARGET_PREFIX
from local_cognito.rules import identifiers, outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.calls.log import CallLog
    from local_cognito.model.wire import Response
    from local_cognito.rules.cognito import Cognito
    from local_cognito.runtime.clock import MovableClock
    from local_cognito.triggers.running import Run

_USER = ("UserPoolId", "Username")
# The actions that there are forms for, and the members that these send.
ACTIONS: dict[str, tuple[str, ...]] = {
    "AdminConfirmSignUp": _USER,
    "AdminSetUserPassword": (*_USER, "Password"),
    "AdminResetUserPassword": _USER,
    "AdminDisableUser": _USER,
    "AdminEnableUser": _USER,
    "AdminDeleteUser": _USER,
    "AdminAddUserToGroup": (*_USER, "GroupName"),
    "AdminRemoveUserFromGroup": (*_USER, "GroupName"),
    "AdminForgetDevice": (*_USER, "DeviceKey"),
    "AdminCreateUser": (*_USER, "TemporaryPassword"),
    "CreateGroup": ("UserPoolId", "GroupName"),
}
_FIXED: dict[str, dict[str, Any]] = {"AdminSetUserPassword": {"Permanent": True}}
# The parameters of a link that confirms a user, and the members of ConfirmSignUp that they stand for.
_LINK_MEMBERS = {"client_id": "ClientId", "user_name": "Username", "confirmation_code": "ConfirmationCode"}
_MOST_FIELDS = 20
_SIGNED = "the page"  # what stands for a signature: any text does


class FormError(ValueError):
    """A form or a link is not one of this server's; the text says why."""


@dataclass(frozen=True)
class Desk:
    """Receives the page's forms.

    Attributes:
        cognito: the service.
        calls: the log that the requests of the forms are in, too.
        handle: answers one request to the API.
        clock: the clock, where it can be moved.
        is_read_only: whether there are no forms.
        token: what a form must carry.
    """

    cognito: Cognito
    calls: CallLog
    handle: Callable[[Cognito, str, str | None, bytes, Run | None], Response]
    clock: MovableClock | None
    is_read_only: bool = False
    token: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def act(self, body: bytes, run: Run | None = None) -> tuple[str | None, int | None]:
        """Do what a form asks for; return the pool that it is about, and the ID of the call.

        `run` is how far the call has come, of a caller who does other things while a function runs.

        Raises:
            FormError: the form is none of this page's.
        """
        form = self._form(body)
        action = form.pop("action", "")
        if action == "ClearMailbox":
            with self.cognito.store.transaction():
                outbox.clear(self.cognito)
            return form.get("UserPoolId"), None
        if action == "MoveClock" and self.clock is not None:
            self._move_clock(form.get("minutes", ""))
            return form.get("UserPoolId"), None
        if action not in ACTIONS:
            raise FormError("The page has no such form.")
        return form.get("UserPoolId"), self._call(action, form, run)

    def _form(self, body: bytes) -> dict[str, str]:
        try:
            form = dict(parse_qsl(body.decode(), errors="strict", max_num_fields=_MOST_FIELDS))
        except ValueError:
            raise FormError("The page has no such form.") from None
        if self.is_read_only:
            raise FormError("The page is read-only: the server was started with --read-only.")
        if not hmac.compare_digest(form.pop("token", "").encode(), self.token.encode()):
            raise FormError("The form is not of this page, or of another start of the server. Load it again.")
        return form

    def _call(self, action: str, form: dict[str, str], run: Run | None) -> int:
        request = {name: form[name] for name in ACTIONS[action] if name in form} | _FIXED.get(action, {})
        if form.get("email"):
            request["UserAttributes"] = [
                {"Name": "email", "Value": form["email"]},
                {"Name": "email_verified", "Value": "true"},
            ]
        _, call = self._send(action, request, _SIGNED, run)
        return call

    def confirm(self, query: str, run: Run | None = None) -> Response:
        """Answer the link of a message with the answer of ConfirmSignUp; `run` as in `act`.

        Raises:
            FormError: the query is not one of a link.
        """
        try:
            given = dict(parse_qsl(query, errors="strict", max_num_fields=_MOST_FIELDS))
        except ValueError:
            raise FormError("No message has this link.") from None
        request = {member: given[name] for name, member in _LINK_MEMBERS.items() if name in given}
        if len(request) < len(_LINK_MEMBERS):
            raise FormError("No message has this link.")
        with self.cognito.store.transaction(only_reads=True):
            client = self.cognito.store.clients.get(request["ClientId"])
        if client is not None and client.secrets:  # the link stands in for the client, which knows the secret
            secret = client.secrets[0]
            request["SecretHash"] = identifiers.secret_hash(secret, request["Username"], client.id)
        response, _ = self._send("ConfirmSignUp", request, None, run)
        return response

    def _send(
        self, action: str, request: dict[str, Any], authorization: str | None, run: Run | None
    ) -> tuple[Response, int]:
        """Send a request to the API; return its answer and the ID of the call."""
        body = orjson.dumps(request)
        began = time.perf_counter()
        response = self.handle(self.cognito, TARGET_PREFIX + action, authorization, body, run)
        milliseconds = (time.perf_counter() - began) * 1000
        called = run.functions if run else ()
        return response, self.calls.record(action, body, response.status, response.body, milliseconds, called)

    def _move_clock(self, minutes: str) -> None:
        try:
            seconds = float(minutes) * 60
            if self.clock is not None:
                with self.cognito.store.transaction():  # a move that is not kept is not made
                    self.clock.advance(seconds)
                    self.cognito.store.keep_time(self.cognito.now(), at_once=True)
        except ValueError:
            raise FormError("A clock moves forward, by a number of minutes.") from None
