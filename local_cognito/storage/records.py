"""The records, one dataclass per table; those of users are in `user_records`. Times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "000000000000"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"seconds": 1, "minutes": MINUTE, "hours": HOUR, "days": DAY}
SESSION_MINUTES = 3
MOST_MESSAGES = 1000  # that the outbox keeps
TOKEN_VALIDITY = {"Access": (1, "hours"), "Id": (1, "hours"), "Refresh": (30, "days")}


@dataclass
class Pool:
    """A user pool; `settings` are the fields of CreateUserPool and SetUserPoolMfaConfig."""

    id: str
    settings: dict[str, Any]
    created: float
    modified: float

    @property
    def name_for_srp(self) -> str:
        """The part of the ID after the underscore: SRP's pool name."""
        return self.id.split("_", 1)[1]

    @property
    def region(self) -> str:
        """The region, which is the part of the ID before the underscore."""
        return self.id.split("_", 1)[0]

    @property
    def arn(self) -> str:
        """The Amazon Resource Name."""
        return f"arn:aws:cognito-idp:{self.region}:{ACCOUNT}:userpool/{self.id}"

    @property
    def mfa(self) -> str:
        """`OFF`, `OPTIONAL` or `ON`."""
        return str(self.settings.get("MfaConfiguration", "OFF"))

    @property
    def offers_totp(self) -> bool:
        """Whether users may enrol an authenticator app."""
        return bool(self.settings.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"))

    @property
    def tracks_devices(self) -> bool:
        """Whether sign-ins hand out device keys: any member of DeviceConfiguration turns it on."""
        return bool(self.settings.get("DeviceConfiguration"))

    @property
    def device_replaces_mfa(self) -> bool:
        """Whether a remembered device's proof stands in for the MFA code."""
        return bool(self.settings.get("DeviceConfiguration", {}).get("ChallengeRequiredOnNewDevice"))

    @property
    def asks_before_remembering(self) -> bool:
        """Whether a device is remembered only after UpdateDeviceStatus."""
        return bool(self.settings.get("DeviceConfiguration", {}).get("DeviceOnlyRememberedOnUserPrompt"))

    @property
    def username_attributes(self) -> list[str]:
        """The addresses that users sign up with in place of a user name."""
        return list(self.settings.get("UsernameAttributes", []))

    @property
    def alias_attributes(self) -> list[str]:
        """The attributes that serve as further user names."""
        return list(self.settings.get("AliasAttributes", []))

    @property
    def verifies(self) -> list[str]:
        """The attributes that are verified with a code at sign-up."""
        return list(self.settings.get("AutoVerifiedAttributes", []))

    @property
    def verifies_before_update(self) -> list[str]:
        """The addresses that change only once the new one is verified."""
        settings = self.settings.get("UserAttributeUpdateSettings", {})
        return list(settings.get("AttributesRequireVerificationBeforeUpdate", []))

    @property
    def case_sensitive(self) -> bool:
        """Whether names that differ in case are different users; Cognito's default is yes."""
        return bool(self.settings.get("UsernameConfiguration", {}).get("CaseSensitive", True))


@dataclass
class SigningKey:
    """One of a pool's RSA keys (PEM); `use` is `access` or `id`.

    With the `use` of `hiding` it is random text instead, the secret of simulated users.
    """

    pool_id: str
    use: str
    kid: str
    pem: str


@dataclass
class Client:
    """An app client; `settings` are the fields of CreateUserPoolClient.

    `added_secrets` maps the ID of each secret of AddUserPoolClientSecret to its `value` and when it was
    `created`.
    """

    id: str
    pool_id: str
    settings: dict[str, Any]
    secret: str | None
    created: float
    modified: float
    added_secrets: dict[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> list[str]:
        """The client's secrets, each as good as the other; a client without one is public."""
        own = [] if self.secret is None else [self.secret]
        return own + [secret["value"] for secret in self.added_secrets.values()]

    @property
    def session_seconds(self) -> int:
        """The seconds in which a challenge can be answered; AuthSessionValidity is in minutes."""
        return int(self.settings.get("AuthSessionValidity", SESSION_MINUTES)) * MINUTE

    @property
    def rotates(self) -> bool:
        """Whether each refresh brings a new refresh token in place of the one before."""
        return bool(self.settings.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED")

    @property
    def revokes(self) -> bool:
        """Whether RevokeToken ends its tokens; by default it does."""
        return bool(self.settings.get("EnableTokenRevocation", True))

    @property
    def hides_existence(self) -> bool:
        """Whether answers about unknown users look like those about known ones."""
        return bool(self.settings.get("PreventUserExistenceErrors") == "ENABLED")

    def readable(self, attributes: dict[str, str]) -> dict[str, str]:
        """Return the attributes that the client may read, which always include the sub."""
        listed = self.settings.get("ReadAttributes")
        if not listed:
            return attributes
        return {name: value for name, value in attributes.items() if name in listed or name == "sub"}

    def token_seconds(self, token: str) -> int:
        """Return how long an `Access`, `Id` or `Refresh` token of this client is valid."""
        default_validity, default_unit = TOKEN_VALIDITY[token]
        validity = int(self.settings.get(f"{token}TokenValidity") or 0)
        if not validity:
            return default_validity * UNITS[default_unit]
        unit = self.settings.get("TokenValidityUnits", {}).get(f"{token}Token", default_unit)
        return validity * UNITS[unit]


@dataclass
class Session:
    """A running challenge. `handle` is the SHA-256 of the bearer text that only the client has."""

    handle: str
    pool_id: str
    client_id: str
    username: str
    step: str
    expires: float
    data: dict[str, Any]
    spent: bool = False


@dataclass
class Device:
    """A device; `salt` and `verifier` are empty until ConfirmDevice.

    `by_alias` marks a sign-in by an alias: Cognito does not confirm its device.
    """

    key: str
    pool_id: str
    username: str
    group_key: str
    created: float
    modified: float
    by_alias: bool = False
    name: str | None = None
    salt: str = ""
    verifier: str = ""
    remembered: bool = False
    last_authenticated: float | None = None


@dataclass
class Grant:
    """A completed sign-in, and its family of refresh tokens.

    Refresh tokens are stored as their SHA-256.

    Attributes:
        origin_jti: the family's ID; access tokens name it, and RevokeToken ends it.
        refresh_handle: the newest token.
        token_jti: the `origin_jti` of tokens from the newest token while rotation is off; empty before any.
        event_id: the ID of the sign-in's request; every token of the family names it.
        sub: the user's `sub`; empty in files of earlier versions.
        revoked: whether RevokeToken ended it.
        signed_out: whether the user was signed out everywhere, or disabled.
        previous_handle: the token that the newest one replaced, at `rotated`.
    """

    origin_jti: str
    pool_id: str
    client_id: str
    username: str
    refresh_handle: str
    device_key: str | None
    auth_time: int
    expires: float
    revoked: bool = False
    previous_handle: str | None = None
    rotated: float | None = None
    token_jti: str = ""
    event_id: str = ""
    sub: str = ""
    signed_out: bool = False


@dataclass
class SpentToken:
    """A refresh token that was rotated away (as SHA-256), and its family."""

    handle: str
    pool_id: str
    client_id: str
    origin_jti: str
    expires: float


@dataclass
class Message:
    """A message that Cognito would have sent; `username` is empty in those of earlier versions.

    `link` is the path and the query of the link in `body` that confirms the user, empty where there is none.
    """

    pool_id: str
    to: str
    subject: str
    body: str
    code: str
    sent: float
    id: int | None = None
    username: str = ""
    link: str = ""


@dataclass
class Group:
    """A group of users."""

    pool_id: str
    name: str
    settings: dict[str, Any]
    created: float
    modified: float


@dataclass
class ResourceServer:
    """A resource server; `settings` are the fields of CreateResourceServer."""

    pool_id: str
    identifier: str
    settings: dict[str, Any]


@dataclass
class Membership:
    """A membership of a user in a group."""

    pool_id: str
    group_name: str
    username: str


@dataclass
class AppliedSeed:
    """The seed of the database: the SHA-256 of its content, as hex."""

    digest: str
    applied: float


@dataclass
class LatestTime:
    """The latest time that the file has seen; there is one record."""

    id: int
    at: float
