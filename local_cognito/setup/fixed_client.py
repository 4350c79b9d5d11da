"""An app client with an ID or a secret of the user's choice, to configure other programs beforehand."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from local_cognito.actions import app_clients
from local_cognito.rules import identifiers

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client


@dataclass(frozen=True)
class FixedClient:
    """The wanted ID and secret of an app client; None for any.

    Raises:
        ValueError: the ID or the secret has the wrong form.
    """

    client_id: str | None = None
    secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.client_id is not None and not identifiers.CLIENT_ID.fullmatch(self.client_id):
            raise ValueError(
                "The client ID must be 1 to 128 characters long, all of them letters, digits, _ or +."
            )
        if self.secret is not None and not identifiers.CLIENT_SECRET.fullmatch(self.secret):
            raise ValueError(
                "The client secret must be 24 to 64 characters long, all of them letters, digits, _ or +."
            )

    def find_in(self, cognito: Cognito, pool_id: str) -> Client | None:
        """Return the pool's oldest app client with this ID and secret, or None."""
        clients = cognito.store.clients.where(pool_id=pool_id)
        return next((client for client in clients if self._matches(client)), None)

    def _matches(self, client: Client) -> bool:
        has_secret = self.secret is None or hmac.compare_digest(self.secret, client.secret or "")
        return self.client_id in (None, client.id) and has_secret

    def add(self, cognito: Cognito, settings: dict[str, Any]) -> Client:
        """Create an app client with this ID and secret, and the settings of CreateUserPoolClient.

        Raises:
            ValueError: another client has the ID.
        """
        client_id = self.client_id or app_clients.new_client_id(cognito)
        existing = cognito.store.clients.get(client_id)
        if existing is not None and existing.pool_id != settings["UserPoolId"]:
            raise ValueError(
                f"The app client {client_id} is already there, in the user pool {existing.pool_id}."
            )
        if existing is not None:
            raise ValueError(f"The app client {client_id} is already there, with another secret or none.")
        secret = {} if self.secret is None else {"ClientSecret": self.secret}
        request = cast("requests.CreateUserPoolClient", settings | secret)
        return app_clients.add_client(cognito, client_id, request)


ANY_CLIENT = FixedClient()
