"""A user's token in HTTP requests: `auth=` of requests and of httpx, for threads and for event loops."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Awaitable, Generator
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from token_verifier import Use


class User(Protocol):
    """The owner of the tokens, such as `signed_in_user.SignedInUser`."""

    def fresh_token(self, use: Use, instead_of: str | None = None) -> str:
        """Return a token that is good, and another one than `instead_of`."""
        raise NotImplementedError

    def fresh_token_async(self, use: Use, instead_of: str | None = None) -> Awaitable[str]:
        """Return the same without blocking the event loop."""
        raise NotImplementedError


class _Request(Protocol):
    headers: Any


Request = TypeVar("Request", bound=_Request)


class TokenAuth:
    """Puts a user's token into HTTP requests: `auth=` of requests, and of httpx, sync and async.

    Each request gets a token that is good, renewed if need be. In httpx.AsyncClient a renewal does not
    block the event loop; import httpx before you make the object.

    Args:
        user: the owner of the token.
        use: "access" for the access token, "id" for the ID token.
        header: name of the header. Another than Authorization is not taken off when a server redirects to
            another host.
        prefix: the text before the token; some gateways want none.
        retry_on_401: answer a 401 by a new token and one more attempt, for tokens that were revoked early or
            clocks that differ. The request's body must be one that can be sent again.
    """

    def __new__(cls, *_: Any, **__: Any) -> TokenAuth:  # noqa: PYI034 - Self is new in Python 3.11
        """Make an object that httpx, where it is loaded, takes for one of its own kind."""
        httpx = sys.modules.get("httpx")
        return object.__new__(_of_httpx(cls, httpx.Auth) if httpx else cls)

    def __init__(
        self,
        user: User,
        use: Use = "access",
        header: str = "Authorization",
        prefix: str = "Bearer ",
        *,
        retry_on_401: bool = False,
    ) -> None:
        if use not in {"access", "id"}:
            raise ValueError('use is "access" or "id".')
        self._user = user
        self._use: Use = use
        self._header = header
        self._prefix = prefix
        self._retry_on_401 = retry_on_401

    def __call__(self, request: Request) -> Request:
        """Set the header of a request, and return it; requests calls this."""
        token = self._user.fresh_token(self._use)
        self._set(request, token)
        register_hook = getattr(request, "register_hook", None)  # of requests, not of httpx
        if self._retry_on_401 and register_hook is not None:
            register_hook("response", lambda answer, **options: self._again(answer, token, options))
        return request

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """Set the header, and once more after a 401 if asked; httpx.Client calls this."""
        token = self._user.fresh_token(self._use)
        answer = yield self._set(request, token)
        if self._is_refused(answer):
            yield self._set(request, self._user.fresh_token(self._use, instead_of=token))

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        """Do the same without blocking the event loop; httpx.AsyncClient calls this."""
        token = await self._user.fresh_token_async(self._use)
        answer = yield self._set(request, token)
        if self._is_refused(answer):
            yield self._set(request, await self._user.fresh_token_async(self._use, instead_of=token))

    def _set(self, request: Request, token: str) -> Request:
        request.headers[self._header] = f"{self._prefix}{token}"
        return request

    def _is_refused(self, answer: Any) -> bool:
        return self._retry_on_401 and answer.status_code == HTTPStatus.UNAUTHORIZED

    def _again(self, answer: Any, token: str, options: dict[str, Any]) -> Any:
        """Send a request of requests once more, with another token, after a 401."""
        if not self._is_refused(answer):
            return answer
        _ = answer.content  # read to its end, so that the connection is free
        answer.close()
        request = answer.request.copy()
        if hasattr(request.body, "seek"):
            request.body.seek(request._body_position)  # noqa: SLF001 - as requests does after redirects
        request.deregister_hook("response", request.hooks["response"][-1])
        again = answer.connection.send(
            self._set(request, self._user.fresh_token(self._use, instead_of=token)), **options
        )
        again.history.append(answer)
        again.request = request
        return again


_kinds: dict[type, type] = {}


def _of_httpx(cls: type, auth: type) -> type:
    """Return the class as one of httpx's, which it tests for."""
    if issubclass(cls, auth):
        return cls
    return _kinds.setdefault(cls, type(cls.__name__, (cls, auth), {"__module__": cls.__module__}))
