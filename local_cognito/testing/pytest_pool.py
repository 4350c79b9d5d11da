"""The pool that a test asks for: its options, and what the test is given.

Nothing here loads the server or boto3: pytest reads this at every start.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from local_cognito.rules.identifiers import secret_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD = "Correct-Horse-1!"  # noqa: S105 - of every user for whom a test names none
STATUSES = ("CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED")
_CHOICES = {"mfa": ("OFF", "OPTIONAL", "ON"), "devices": ("OFF", "ALWAYS", "OPT_IN")}


class OptionError(ValueError):
    """A marker says what can't be; the text says what can."""


@dataclass(frozen=True)
class WantedUser:
    """A user whom a pool is made with, under the names that Cognito has for them."""

    Username: str
    Password: str = PASSWORD
    Attributes: Mapping[str, str | bool] = field(default_factory=dict)
    Groups: tuple[str, ...] = ()
    Status: str = "CONFIRMED"

    @classmethod
    def of(cls, told: object) -> WantedUser:
        """Return the user that an entry of `users` is: a name, or a mapping.

        Raises:
            OptionError: it is neither, or has members that are not known.
        """
        if isinstance(told, str):
            return cls(told)
        if not isinstance(told, dict):
            raise OptionError(f"A user is a name or a dict, not {told!r}.")
        _check_names("A user", told, cls)
        if not isinstance(told.get("Username"), str):
            raise OptionError("A user needs a Username.")
        if told.get("Status", "CONFIRMED") not in STATUSES:
            raise OptionError(f"A user's Status is one of {_listed(STATUSES)}, not {told['Status']!r}.")
        if not isinstance(told.get("Attributes", {}), dict):
            raise OptionError(f"A user's Attributes is a dict, not {told['Attributes']!r}.")
        if not isinstance(told.get("Groups", ()), (list, tuple)):
            raise OptionError(f"A user's Groups is a list of names, not {told['Groups']!r}.")
        return cls(**{**told, "Groups": tuple(told.get("Groups", ()))})

    def attributes(self) -> list[dict[str, str]]:
        """Return the attributes for a request: a verified e-mail address, unless they say otherwise."""
        email = self.Username if "@" in self.Username else f"{self.Username}@example.com"
        verified = {} if self.Status == "UNCONFIRMED" else {"email_verified": True}
        given = {"email": email, **verified, **self.Attributes}
        return [{"Name": name, "Value": _text(value)} for name, value in given.items()]


def _text(value: str | bool) -> str:  # noqa: FBT001 - it is what a test wrote
    return str(value).lower() if isinstance(value, bool) else value


@dataclass(frozen=True)
class PoolOptions:
    """What `@pytest.mark.cognito_pool(...)` takes.

    Attributes:
        mfa: `OFF`, `OPTIONAL` or `ON`, with TOTP as the factor.
        devices: whether devices are remembered: `OFF`, `ALWAYS`, or `OPT_IN`, once the user agrees.
        client_secret: whether the app client has a secret.
        users: names, or mappings with the fields of `WantedUser`.
        pool: members of a CreateUserPool request, on top of what there is or in its place.
        client: the same of CreateUserPoolClient.
    """

    mfa: str = "OFF"
    devices: str = "OFF"
    client_secret: bool = False
    users: tuple[WantedUser, ...] = ()
    pool: Mapping[str, Any] = field(default_factory=dict)
    client: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, args: tuple[object, ...], options: dict[str, Any]) -> PoolOptions:
        """Return the options that a marker was given.

        Raises:
            OptionError: there is no such option, or it has no such value.
        """
        if args:
            raise OptionError(f"cognito_pool takes its options by name: {_listed(_names(cls))}.")
        _check_names("cognito_pool", options, cls)
        for name, choices in _CHOICES.items():
            if options.get(name, "OFF") not in choices:
                raise OptionError(f"{name} is one of {_listed(choices)}, not {options[name]!r}.")
        if not isinstance(options.get("client_secret", False), bool):
            raise OptionError(f"client_secret is True or False, not {options['client_secret']!r}.")
        for name in ("pool", "client"):
            if not isinstance(options.get(name, {}), dict):
                raise OptionError(f"{name} is a dict of a request's members, not {options[name]!r}.")
        users = options.get("users", ())
        if not isinstance(users, (list, tuple)):
            raise OptionError(f"users is a list of names and dicts, not {users!r}.")
        return cls(**{**options, "users": tuple(map(WantedUser.of, users))})


def _check_names(what: str, given: dict[str, Any], of: type) -> None:
    unknown = [str(name) for name in given if name not in _names(of)]
    if unknown:
        raise OptionError(f"{what} has no {_listed(unknown)}: there are {_listed(_names(of))}.")


def _names(of: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(of))


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names)


@dataclass(frozen=True)
class PoolUser:
    """A user who is in the pool; `sub` is the ID in their tokens."""

    username: str
    password: str = field(repr=False)
    sub: str


@dataclass(frozen=True)
class CognitoPool:
    """A pool of one test, with what a client of it must know.

    Attributes:
        pool_id: such as `us-east-1_AbCdEf123`.
        client_id: of its app client.
        client_secret: of its app client, or None.
        region: the one in the pool's ID.
        url: the endpoint for SDKs.
        users: those that the marker asked for, by the names that it has for them.
    """

    pool_id: str
    client_id: str
    client_secret: str | None = field(repr=False)
    region: str
    url: str
    users: Mapping[str, PoolUser]
    _client: Any = field(repr=False, compare=False)

    @property
    def issuer(self) -> str:
        """The `iss` of the pool's tokens, which is AWS's."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"

    @property
    def jwks_url(self) -> str:
        """Where the keys of the pool's tokens are."""
        return f"{self.url}/{self.pool_id}/.well-known/jwks.json"

    def secret_hash(self, username: str) -> dict[str, str]:
        """Return `{"SECRET_HASH": ...}` for AuthParameters and ChallengeResponses; {} without a secret."""
        if self.client_secret is None:
            return {}
        return {"SECRET_HASH": secret_hash(self.client_secret, username, self.client_id)}

    def sign_in(self, username: str) -> dict[str, Any]:
        """Sign one of `users` in by password; return Cognito's AuthenticationResult with the tokens.

        Raises:
            ClientError: Cognito refuses.
            RuntimeError: it asks for more than the password.
        """
        parameters = {"USERNAME": username, "PASSWORD": self.users[username].password}
        answer = self._client.admin_initiate_auth(
            UserPoolId=self.pool_id,
            ClientId=self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=parameters | self.secret_hash(username),
        )
        if "ChallengeName" in answer:
            raise RuntimeError(f"sign_in has only a password, and Cognito asks for {answer['ChallengeName']}")
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result


def make_pool(client: Any, options: PoolOptions, region: str, url: str) -> CognitoPool:
    """Make a pool, its app client and its users, through a boto3 client."""
    from local_cognito.setup.default_pool import client_settings, mfa_settings, pool_settings  # noqa: PLC0415 - it loads the server

    settings = pool_settings(remember_on_request=options.devices == "OPT_IN")
    if options.devices == "OFF":
        del settings["DeviceConfiguration"]
    pool_id = client.create_user_pool(**settings | dict(options.pool))["UserPool"]["Id"]
    if options.mfa != "OFF":
        mfa = mfa_settings() | {"MfaConfiguration": options.mfa}
        client.set_user_pool_mfa_config(UserPoolId=pool_id, **mfa)
    app = client_settings(secret=options.client_secret) | dict(options.client)
    made = client.create_user_pool_client(UserPoolId=pool_id, **app)["UserPoolClient"]
    users: dict[str, PoolUser] = {}
    pool = CognitoPool(
        pool_id, made["ClientId"], made.get("ClientSecret"), region, url, MappingProxyType(users), client
    )
    for group in dict.fromkeys(group for user in options.users for group in user.Groups):
        client.create_group(UserPoolId=pool_id, GroupName=group)
    for user in options.users:
        users[user.Username] = _add_user(pool, client, user)
    return pool


def _add_user(pool: CognitoPool, client: Any, user: WantedUser) -> PoolUser:
    named = {"UserPoolId": pool.pool_id, "Username": user.Username}
    if user.Status == "UNCONFIRMED":
        sub = _sign_up(pool, client, user)
    else:
        made = client.admin_create_user(
            **named,
            UserAttributes=user.attributes(),
            TemporaryPassword=user.Password,
            MessageAction="SUPPRESS",
        )
        sub = next(one["Value"] for one in made["User"]["Attributes"] if one["Name"] == "sub")
    if user.Status in ("CONFIRMED", "RESET_REQUIRED"):
        client.admin_set_user_password(**named, Password=user.Password, Permanent=True)
    if user.Status == "RESET_REQUIRED":
        client.admin_reset_user_password(**named)
    for group in user.Groups:
        client.admin_add_user_to_group(**named, GroupName=group)
    return PoolUser(user.Username, user.Password, sub)


def _sign_up(pool: CognitoPool, client: Any, user: WantedUser) -> str:
    hashed = pool.secret_hash(user.Username)
    answer = client.sign_up(
        ClientId=pool.client_id,
        Username=user.Username,
        Password=user.Password,
        UserAttributes=user.attributes(),
        **({"SecretHash": hashed["SECRET_HASH"]} if hashed else {}),
    )
    return str(answer["UserSub"])
