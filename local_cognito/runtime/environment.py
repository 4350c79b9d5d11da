"""The environment variables that lead AWS SDKs to a server on this machine, and to nobody else.

Nothing here loads the server or an SDK: pytest reads this at every start.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

ENDPOINT = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
POOL_ID, CLIENT_ID, CLIENT_SECRET = "COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID", "COGNITO_CLIENT_SECRET"
LOOPBACK = ("127.0.0.1", "localhost")
# Variables that lead an SDK to somebody's account, or away from this machine.
TAKEN_AWAY = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)


def endpoint_variables(url: str, region: str) -> dict[str, str]:
    """Return what leads an SDK to the server: its address, a region, and credentials that nobody checks."""
    return {
        ENDPOINT: url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


def private_variables() -> dict[str, str]:
    """Return what keeps an SDK from this user's profiles, and requests to this machine from a proxy."""
    unproxied = {name: _with_loopback(os.environ.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
    return {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **unproxied}


def _with_loopback(hosts: str) -> str:
    return ",".join(dict.fromkeys(filter(None, (*hosts.split(","), *LOOPBACK))))


def id_variables(
    pool_id: str, client_id: str | None = None, client_secret: str | None = None
) -> dict[str, str]:
    """Return the variables for the IDs of a pool and its app client; None is left out."""
    given = {POOL_ID: pool_id, CLIENT_ID: client_id, CLIENT_SECRET: client_secret}
    return {name: value for name, value in given.items() if value is not None}


class Environment(dict[str, str]):
    """Environment variables that a `with` block sets, and restores at its end.

    As a dictionary it has only what is set. `TAKEN_AWAY` is not set in the block, whatever it was before, and
    boto3's default session is a new one, which has not read other credentials.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self._before: dict[str, str | None] = {}
        self._session: Any = None

    def __enter__(self) -> Environment:  # noqa: PYI034 - typing.Self came with Python 3.11
        self._before = {name: os.environ.get(name) for name in (*self, *TAKEN_AWAY)}
        for name in TAKEN_AWAY:
            os.environ.pop(name, None)
        os.environ.update(self)
        self._session = _exchange_session(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _exchange_session(self._session)
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _exchange_session(session: Any) -> Any:
    """Set boto3's default session, where boto3 is loaded; return the one before."""
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None:
        return None
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    return before
