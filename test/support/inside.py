"""Access to the inside of a running pool, only for facts and acts that the API does not offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from local_cognito import LocalCognito
    from local_cognito.http.connections import Listener
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.store import Store


def cognito_of(server: LocalCognito) -> Cognito:
    """Return what the actions of a server work with."""
    return server._cognito  # noqa: SLF001


def store_of(server: LocalCognito) -> Store:
    """Return the state of a server."""
    return cognito_of(server).store


def connection_of(store: Store) -> sqlite3.Connection:
    """Return SQLite's connection, to see statements and to write what no record can hold."""
    return store._connection  # noqa: SLF001


def listener_of(server: LocalCognito) -> Listener:
    """Return what a running server answers connections with."""
    running = server._server  # noqa: SLF001
    assert running is not None
    return running._server  # noqa: SLF001
