"""The names of the flows and of the challenges about passwords, and which flows an app client allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.model import errors

if TYPE_CHECKING:
    from local_cognito.storage.records import Client

USER_PASSWORD_AUTH = "USER_PASSWORD_AUTH"  # noqa: S105 - Cognito's name of the flow, no secret
USER_SRP_AUTH = "USER_SRP_AUTH"
CUSTOM_AUTH = "CUSTOM_AUTH"
USER_AUTH = "USER_AUTH"
REFRESH_FLOWS = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
PASSWORD_VERIFIER = "PASSWORD_VERIFIER"  # noqa: S105 - Cognito's name of the challenge
NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - as above
ATTRIBUTE_PREFIX = "userAttributes."  # of attributes in NEW_PASSWORD_REQUIRED, both ways

DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")


def is_enabled(client: Client, flow: str) -> bool:
    """Tell whether the app client's ExplicitAuthFlows allow a flow."""
    flows = client.settings.get("ExplicitAuthFlows") or DEFAULT_FLOWS
    # A flow may have an older name, for requests and settings alike.
    names = next((names for names in (ADMIN_FLOWS, REFRESH_FLOWS) if flow in names), (flow,))
    if any(name in flows or f"ALLOW_{name}" in flows for name in names):
        return True
    # With the older settings these are always on, but that one of them may turn the others off.
    if any(name.startswith("ALLOW_") for name in flows):
        return False
    if "CUSTOM_AUTH_FLOW_ONLY" in flows:
        return flow == CUSTOM_AUTH
    return flow in (USER_SRP_AUTH, CUSTOM_AUTH, *REFRESH_FLOWS)


def check_rotation(client: Client, flow: str) -> None:
    """Refuse to refresh by a flow where refresh tokens rotate: there only GetTokensFromRefreshToken does it.

    Raises:
        CognitoError: UnsupportedOperationException.
    """
    if flow in REFRESH_FLOWS and client.rotates:
        raise errors.ROTATION_UNSUPPORTED()
