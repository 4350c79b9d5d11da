"""The triggers around a sign-in: PreAuthentication, PostAuthentication and PreTokenGeneration.

Imported by the flows, and by the code that issues tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.triggers import events

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client, Pool
    from local_cognito.storage.user_records import User

# The claims that a function can't change: in both tokens, and in access tokens.
_FIXED = {
    *("acr", "amr", "at_hash", "aud", "auth_time", "azp", "cognito:username", "exp", "iat", "identities"),
    *("iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use"),
}
_FIXED_IN_ACCESS = _FIXED | {"client_id", "username", "scope", "version", "event_id", "device_key"}
_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}


def pre_authentication(cognito: Cognito, pool: Pool, client: Client, user: User) -> None:
    """Invoke PreAuthentication before a sign-in is checked.

    Raises:
        CognitoError: the function refuses or fails.
    """
    if not events.is_configured(pool, "PreAuthentication"):
        return
    request: dict[str, Any] = {
        "userAttributes": events.attributes_of(pool, user) if user.exists else {},
        "validationData": events.metadata_as_validation_data(cognito),
    }
    if not user.exists:
        request["userNotFound"] = True
    source = "PreAuthentication_Authentication"
    event = events.TriggerEvent("PreAuthentication", source, user.username, client.id, request, {})
    events.invoke(cognito, pool, event)


def post_authentication(
    cognito: Cognito, pool: Pool, client: Client, user: User, *, new_device_used: bool
) -> None:
    """Invoke PostAuthentication after the last step of a sign-in.

    Raises:
        CognitoError: the function refuses or fails, and the user gets no tokens.
    """
    if not events.is_configured(pool, "PostAuthentication"):
        return
    request: dict[str, Any] = {"userAttributes": events.attributes_of(pool, user)}
    if pool.tracks_devices:
        request["newDeviceUsed"] = new_device_used
    source = "PostAuthentication_Authentication"
    event = events.TriggerEvent("PostAuthentication", source, user.username, client.id, request, {})
    events.invoke(cognito, pool, event)


@dataclass
class Changes:
    """The changes that a function makes to one token.

    Attributes:
        added: claims to add or override, with their values.
        suppressed: names of claims to leave out; they win over `added`.
        scopes_added: scopes to add to an access token.
        scopes_suppressed: scopes to leave out of an access token.
    """

    added: dict[str, Any] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    scopes_added: list[str] = field(default_factory=list)
    scopes_suppressed: set[str] = field(default_factory=set)

    def applied(self, claims: dict[str, Any], *, is_access: bool) -> dict[str, Any]:
        """Return a copy of a token's claims with these changes; protected claims stay."""
        fixed = _FIXED_IN_ACCESS if is_access else _FIXED
        changed = claims | {name: value for name, value in self.added.items() if name not in fixed}
        changed = {name: value for name, value in changed.items() if name not in self.suppressed - fixed}
        if is_access and (self.scopes_added or self.scopes_suppressed):
            scopes = list(dict.fromkeys([*str(claims["scope"]).split(), *self.scopes_added]))
            changed["scope"] = " ".join(scope for scope in scopes if scope not in self.scopes_suppressed)
        return changed


@dataclass
class TokenChanges:
    """The changes that PreTokenGeneration makes to the tokens of a sign-in.

    Attributes:
        id: changes to the ID token.
        access: changes to the access token.
        groups: replaces the group claims `cognito:groups`, `cognito:roles` and `cognito:preferred_role`;
            None leaves them unchanged.
    """

    id: Changes = field(default_factory=Changes)
    access: Changes = field(default_factory=Changes)
    groups: dict[str, Any] | None = None


@dataclass(frozen=True)
class TokenRequest:
    """The tokens about to be issued, as PreTokenGeneration gets them.

    Attributes:
        source: the trigger source, such as `TokenGeneration_Authentication`.
        groups: the names of the user's groups.
        roles: the ARNs of the groups' IAM roles.
        preferred_role: the ARN of the preferred role, or None.
        scopes: the scopes of the access token.
    """

    source: str
    groups: list[str]
    roles: list[str]
    preferred_role: str | None
    scopes: list[str]


def pre_token_generation(
    cognito: Cognito, pool: Pool, client: Client, user: User, tokens: TokenRequest
) -> TokenChanges:
    """Invoke PreTokenGeneration and return its changes to the tokens.

    Raises:
        CognitoError: the function refuses or fails, or its answer has values that its version does not allow.
    """
    config = pool.settings.get("LambdaConfig", {}).get("PreTokenGenerationConfig", {})
    version = _VERSIONS.get(config.get("LambdaVersion", "V1_0"), "1")
    request: dict[str, Any] = {
        "userAttributes": events.attributes_of(pool, user),
        "groupConfiguration": {
            "groupsToOverride": tokens.groups,
            "iamRolesToOverride": tokens.roles,
            "preferredRole": tokens.preferred_role,
        },
    }
    if version != "1":
        request["scopes"] = tokens.scopes
    member = "claimsOverrideDetails" if version == "1" else "claimsAndScopeOverrideDetails"
    event = events.TriggerEvent(
        "PreTokenGeneration", tokens.source, user.username, client.id, request, {member: None}, version
    )
    response = events.invoke(cognito, pool, event)
    details = _member(response or {}, member, dict)
    if version == "1":
        id_changes, access_changes = _changes(details, only_text=True), Changes()
    else:
        id_changes = _changes(_member(details, "idTokenGeneration", dict))
        access_changes = _changes(_member(details, "accessTokenGeneration", dict))
    return TokenChanges(id_changes, access_changes, _groups(details))


def _changes(members: dict[str, Any], *, only_text: bool = False) -> Changes:
    added = _member(members, "claimsToAddOrOverride", dict)
    if only_text and not all(isinstance(value, str) for value in added.values()):
        raise errors.FUNCTION_ANSWER()
    return Changes(
        added,
        set(_texts(members, "claimsToSuppress")),
        _texts(members, "scopesToAdd"),
        set(_texts(members, "scopesToSuppress")),
    )


def _groups(details: dict[str, Any]) -> dict[str, Any] | None:
    """Return the claims that replace the group claims; an empty override removes them."""
    if "groupOverrideDetails" not in details:
        return None
    override = _member(details, "groupOverrideDetails", dict)
    preferred = override.get("preferredRole")
    if not isinstance(preferred, (str, type(None))):
        raise errors.FUNCTION_ANSWER()
    claims = {
        "cognito:groups": _texts(override, "groupsToOverride"),
        "cognito:roles": _texts(override, "iamRolesToOverride"),
        "cognito:preferred_role": preferred,
    }
    return {name: value for name, value in claims.items() if value}


def _texts(members: dict[str, Any], name: str) -> list[str]:
    found: list[str] = _member(members, name, list)
    if not all(isinstance(item, str) for item in found):
        raise errors.FUNCTION_ANSWER()
    return found


def _member(members: dict[str, Any], name: str, kind: type[Any]) -> Any:
    """Return a member of a response, or an empty value if it is null or absent.

    Raises:
        CognitoError: InvalidLambdaResponseException for a value of another type.
    """
    value = members.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise errors.FUNCTION_ANSWER()
    return value
