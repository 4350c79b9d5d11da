"""The triggers around a sign-in: PreAuthentication, PostAuthentication and PreTokenGeneration.

Imported by the flows, and by whoever issues tokens.
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

# What a function can't change, in either token; the second set in access tokens.
_FIXED = {
    *("acr", "amr", "at_hash", "aud", "auth_time", "azp", "cognito:username", "exp", "iat", "identities"),
    *("iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use"),
}
_FIXED_IN_ACCESS = _FIXED | {"client_id", "username", "scope", "version", "event_id", "device_key"}
_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}


def pre_authentication(cognito: Cognito, pool: Pool, client: Client, user: User) -> None:
    """Ask PreAuthentication whether the user may try to sign in.

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
    question = events.Question("PreAuthentication", source, user.username, client.id, request, {})
    events.ask(cognito, pool, question)


def post_authentication(
    cognito: Cognito, pool: Pool, client: Client, user: User, *, new_device_used: bool
) -> None:
    """Tell PostAuthentication that the user has passed every step.

    Raises:
        CognitoError: the function refuses or fails, and the user gets no tokens.
    """
    if not events.is_configured(pool, "PostAuthentication"):
        return
    request: dict[str, Any] = {"userAttributes": events.attributes_of(pool, user)}
    if pool.tracks_devices:
        request["newDeviceUsed"] = new_device_used
    source = "PostAuthentication_Authentication"
    question = events.Question("PostAuthentication", source, user.username, client.id, request, {})
    events.ask(cognito, pool, question)


@dataclass
class Changes:
    """What a function makes of one token.

    Attributes:
        added: claims with their values.
        suppressed: names of claims, which win over `added`.
        scopes_added: of an access token.
        scopes_suppressed: likewise.
    """

    added: dict[str, Any] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    scopes_added: list[str] = field(default_factory=list)
    scopes_suppressed: set[str] = field(default_factory=set)

    def applied(self, claims: dict[str, Any], *, is_access: bool) -> dict[str, Any]:
        """Return the claims of a token with these changes; claims that can't be changed stay."""
        fixed = _FIXED_IN_ACCESS if is_access else _FIXED
        changed = claims | {name: value for name, value in self.added.items() if name not in fixed}
        changed = {name: value for name, value in changed.items() if name not in self.suppressed - fixed}
        if is_access and (self.scopes_added or self.scopes_suppressed):
            scopes = list(dict.fromkeys([*str(claims["scope"]).split(), *self.scopes_added]))
            changed["scope"] = " ".join(scope for scope in scopes if scope not in self.scopes_suppressed)
        return changed


@dataclass
class TokenChanges:
    """What PreTokenGeneration makes of the tokens.

    Attributes:
        id: of the ID token.
        access: of the access token.
        groups: in place of the user's group claims: `cognito:groups`, `cognito:roles` and
            `cognito:preferred_role`, those that there are; None leaves them alone.
    """

    id: Changes = field(default_factory=Changes)
    access: Changes = field(default_factory=Changes)
    groups: dict[str, Any] | None = None


@dataclass(frozen=True)
class TokenRequest:
    """What PreTokenGeneration is told of the tokens.

    Attributes:
        source: such as `TokenGeneration_Authentication`.
        groups: names of the user's groups.
        roles: ARNs of their IAM roles.
        preferred_role: the one that is preferred, or None.
        scopes: of the access token.
    """

    source: str
    groups: list[str]
    roles: list[str]
    preferred_role: str | None
    scopes: list[str]


def pre_token_generation(
    cognito: Cognito, pool: Pool, client: Client, user: User, asked: TokenRequest
) -> TokenChanges:
    """Ask PreTokenGeneration what to change in the tokens.

    Raises:
        CognitoError: the function refuses or fails, or its answer has values that its version does not take.
    """
    config = pool.settings.get("LambdaConfig", {}).get("PreTokenGenerationConfig", {})
    version = _VERSIONS.get(config.get("LambdaVersion", "V1_0"), "1")
    request: dict[str, Any] = {
        "userAttributes": events.attributes_of(pool, user),
        "groupConfiguration": {
            "groupsToOverride": asked.groups,
            "iamRolesToOverride": asked.roles,
            "preferredRole": asked.preferred_role,
        },
    }
    if version != "1":
        request["scopes"] = asked.scopes
    member = "claimsOverrideDetails" if version == "1" else "claimsAndScopeOverrideDetails"
    question = events.Question(
        "PreTokenGeneration", asked.source, user.username, client.id, request, {member: None}, version
    )
    response = events.ask(cognito, pool, question)
    details = _member(response or {}, member, dict)
    if version == "1":
        id_changes, access_changes = _changes(details, only_text=True), Changes()
    else:
        id_changes = _changes(_member(details, "idTokenGeneration", dict))
        access_changes = _changes(_member(details, "accessTokenGeneration", dict))
    return TokenChanges(id_changes, access_changes, _groups(details))


def _changes(said: dict[str, Any], *, only_text: bool = False) -> Changes:
    added = _member(said, "claimsToAddOrOverride", dict)
    if only_text and not all(isinstance(value, str) for value in added.values()):
        raise errors.FUNCTION_ANSWER()
    return Changes(
        added,
        set(_texts(said, "claimsToSuppress")),
        _texts(said, "scopesToAdd"),
        set(_texts(said, "scopesToSuppress")),
    )


def _groups(details: dict[str, Any]) -> dict[str, Any] | None:
    """Return the claims in place of the user's groups; an empty override takes the groups away."""
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


def _texts(said: dict[str, Any], name: str) -> list[str]:
    found: list[str] = _member(said, name, list)
    if not all(isinstance(item, str) for item in found):
        raise errors.FUNCTION_ANSWER()
    return found


def _member(said: dict[str, Any], name: str, kind: type[Any]) -> Any:
    """Return a member, or an empty one where there is none.

    Raises:
        CognitoError: InvalidLambdaResponseException for one of another type.
    """
    value = said.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise errors.FUNCTION_ANSWER()
    return value
