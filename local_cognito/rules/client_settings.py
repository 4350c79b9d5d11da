"""The settings of an app client: how they are kept, and every rule between them.

`check` looks at a client as it is after a change, whichever action made it: actions store, this module
refuses. A new rule is a function of `_RULES`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules import definitions, pool_settings
from local_cognito.storage.records import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from local_cognito.storage.records import Client, Pool

SCOPES = ("phone", "email", "openid", "profile", "aws.cognito.signin.user.admin")
CLIENT_TOKEN_AUTH = "ALLOW_CLIENT_TOKEN_AUTH"  # noqa: S105 - Cognito's name of a flow
CLIENT_CREDENTIALS = "client_credentials"
ENABLED = "ENABLED"
_FLOWS = (  # in the order in which they are shown
    *("ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH"),
    *("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", CLIENT_TOKEN_AUTH),
)
_SHORT_LIVED = (5 * UNITS["minutes"], UNITS["days"])
_VALIDITY_RANGES = {
    "Access": _SHORT_LIVED,
    "Id": _SHORT_LIVED,
    "Refresh": (UNITS["hours"], 3650 * UNITS["days"]),
}
_READ_ONLY = ("sub", "email_verified", "phone_number_verified")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+", re.ASCII)
_INSECURE = re.compile(r"http:(?!//(localhost|127\.0\.0\.1|\[::1\])([:/]|$))", re.ASCII | re.IGNORECASE)


def kept(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as they are kept and shown: flows in Cognito's order, and a period for rotation."""
    changed = dict(settings)
    if "ExplicitAuthFlows" in changed:
        given = dict.fromkeys(changed["ExplicitAuthFlows"])
        changed["ExplicitAuthFlows"] = sorted(given, key=lambda flow: (*_FLOWS, flow).index(flow))
    if "RefreshTokenRotation" in changed:
        rotation = changed["RefreshTokenRotation"]
        period = rotation.get("RetryGracePeriodSeconds", 0) if rotation["Feature"] == ENABLED else 0
        changed["RefreshTokenRotation"] = rotation | {"RetryGracePeriodSeconds": period}
    if changed.get("RefreshTokenValidity") == 0:
        del changed["RefreshTokenValidity"]
    return changed


def check(pool: Pool, client: Client, doing: str, scopes: Collection[str]) -> None:
    """Check an app client's settings as a whole.

    Args:
        pool: the client's.
        client: as it is after a change.
        doing: what refusals say is done with it: `creating` or `updating`.
        scopes: those of the pool's resource servers.

    Raises:
        CognitoError: InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException,
            FeatureUnavailableInTierException.
    """
    _check_attributes(pool, client, doing)
    for rule in _RULES:
        rule(client)
    for scope in client.settings.get("AllowedOAuthScopes", []):
        if scope not in SCOPES and scope not in scopes:
            raise errors.UNKNOWN_SCOPE(scope=scope)
    for provider in client.settings.get("SupportedIdentityProviders", []):
        if provider != "COGNITO":
            raise errors.UNKNOWN_PROVIDER(provider=provider, pool_id=pool.id)
    pool_settings.check_tier(pool, features(client))


def features(client: Client) -> dict[str, str]:
    """Return the features that the client uses, as refusals name them, each with its lowest tier."""
    return {"Refresh Token Rotation": pool_settings.ESSENTIALS} if client.rotates else {}


def _check_attributes(pool: Pool, client: Client, doing: str) -> None:
    known = definitions.of_pool(pool)
    readable = {definition["Name"] for definition in known}
    writable = {name for name in readable if name not in _READ_ONLY and not name.startswith("dev:")}
    for access, names in (("read", readable), ("write", writable)):
        if not names.issuperset(client.settings.get(f"{access.title()}Attributes", [])):
            raise errors.CLIENT_ATTRIBUTES_UNKNOWN(access=access, doing=doing)
    required = {definition["Name"] for definition in known if definition["Required"]} & writable
    written = client.settings.get("WriteAttributes")
    if written and not required.issubset(written):
        raise errors.CLIENT_ATTRIBUTES_UNKNOWN(access="write", doing=doing)


def _check_flows(client: Client) -> None:
    flows = client.settings.get("ExplicitAuthFlows", [])
    if len({flow.startswith("ALLOW_") for flow in flows}) > 1:
        raise errors.CANNOT_MIX_FLOWS()
    if CLIENT_TOKEN_AUTH in flows and (len(flows) > 1 or not client.secrets):
        raise errors.CLIENT_TOKEN_AUTH_NOT_ALONE()
    if client.rotates and "ALLOW_REFRESH_TOKEN_AUTH" in flows:
        raise errors.FLOW_WITH_ROTATION()


def _check_validity(client: Client) -> None:
    for token, (least, most) in _VALIDITY_RANGES.items():
        if not least <= client.token_seconds(token) <= most:
            raise errors.TOKEN_VALIDITY_RANGE()


def _check_oauth(client: Client) -> None:
    settings = client.settings
    flows = settings.get("AllowedOAuthFlows", [])
    is_allowed = settings.get("AllowedOAuthFlowsUserPoolClient", False)
    if is_allowed and not (flows and settings.get("AllowedOAuthScopes")):
        raise errors.OAUTH_INCOMPLETE()
    if CLIENT_CREDENTIALS in flows and len(set(flows)) > 1:
        raise errors.CLIENT_CREDENTIALS_BESIDE_OTHERS()
    if CLIENT_CREDENTIALS in flows and not client.secrets:
        raise errors.CLIENT_CREDENTIALS_WITHOUT_SECRET()
    if is_allowed and CLIENT_CREDENTIALS not in flows and not settings.get("CallbackURLs"):
        raise errors.CALLBACK_MISSING()


def _check_urls(client: Client) -> None:
    settings = client.settings
    callbacks, default = settings.get("CallbackURLs", []), settings.get("DefaultRedirectURI")
    for url in (*callbacks, *settings.get("LogoutURLs", [])):
        if not _URI.fullmatch(url):
            raise errors.URL_NOT_ABSOLUTE(url=url)
        if _INSECURE.match(url):
            raise errors.URL_INSECURE(url=url)
        if "#" in url:
            raise errors.URL_FRAGMENT(url=url)
    if default is not None and default not in callbacks:
        raise errors.DEFAULT_REDIRECT_UNKNOWN(url=default)


_RULES: tuple[Callable[[Client], None], ...] = (_check_flows, _check_validity, _check_oauth, _check_urls)
