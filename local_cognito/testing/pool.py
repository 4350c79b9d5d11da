"""A test's pool: what the test is given, and how it is made.

Nothing here loads the server or boto3: pytest reads this at every start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from local_cognito.rules.identifiers import secret_hash
from local_cognito.testing.options import OptionError
from local_cognito.testing.sign_in import SignIn
from local_cognito.testing.triggers import lambda_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cognito import LocalCognito
    from local_cognito.authenticator.passkey import Passkey
    from local_cognito.testing.options import PoolOptions, WantedUser

_SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}  # which nobody calls here


@dataclass(frozen=True)
class PoolUser:
    """A user who is in the pool; `sub` is the ID in their tokens."""

    username: str
    password: str = field(repr=False)
    sub: str


@dataclass(frozen=True)
class CognitoPool:
    """A user pool, with what a client of it must know.

    Attributes:
        pool_id: such as `us-east-1_AbCdEf123`.
        client_id: of its app client.
        client_secret: of its app client, or None.
        region: the one in the pool's ID.
        url: the endpoint for SDKs.
        users: those that the marker or the factory asked for, by the names that it has for them.
    """

    pool_id: str
    client_id: str
    client_secret: str | None = field(repr=False)
    region: str
    url: str
    users: Mapping[str, PoolUser]
    _client: Any = field(repr=False, compare=False)
    _server: LocalCognito = field(repr=False, compare=False)

    @property
    def issuer(self) -> str:
        """The `iss` of the pool's tokens, which is AWS's."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"

    @property
    def jwks_url(self) -> str:
        """The URL of the keys that verify the pool's tokens."""
        return f"{self.url}/{self.pool_id}/.well-known/jwks.json"

    def secret_hash(self, username: str) -> dict[str, str]:
        """Return `{"SECRET_HASH": ...}` for AuthParameters and ChallengeResponses; {} without a secret."""
        if self.client_secret is None:
            return {}
        return {"SECRET_HASH": secret_hash(self.client_secret, username, self.client_id)}

    def totp(self, username: str) -> str:
        """Return a code of the user's authenticator app that the pool takes now, however often it is asked.

        Raises:
            LookupError: the user is not in the pool, or has no authenticator app.
        """
        code = self._asked(lambda server: server.totp_code(self.pool_id, username), username)
        if code is None:
            raise LookupError(
                f"{username} has no authenticator app: give the user a SecretCode, or set one up in the test."
            )
        return str(code)

    def passkey(self, username: str, **settings: Any) -> Passkey:
        """Register a new passkey for a user of the pool, and return it; its `sign` answers WEB_AUTHN.

        The pool must allow WEB_AUTHN and have a relying party ID.

        Args:
            username: of the user, who is signed in for it as by `sign_in`.
            settings: of `Passkey.create`: `origin`, `algorithm` and `verifies_user`.

        Raises:
            LookupError: the user is not in the pool.
            ClientError: Cognito refuses; see `sign_in`.
        """
        from local_cognito.authenticator.passkey import Passkey  # noqa: PLC0415 - it loads fido2

        token = self.sign_in(username)["AccessToken"]
        started = self._client.start_web_authn_registration(AccessToken=token)
        made = Passkey.create(started["CredentialCreationOptions"], **settings)
        self._client.complete_web_authn_registration(AccessToken=token, Credential=made.registration)
        return made

    def sign_in(self, username: str) -> dict[str, Any]:
        """Sign a user of the pool in, as with the right password; return Cognito's AuthenticationResult.

        It takes no password, and works whatever flows the app client allows. Where the pool asks for MFA, it
        gives a code of the user's app, or the one that was sent; where the user must set up an app first, it
        does that.

        Raises:
            LookupError: the user is not in the pool.
            ClientError: Cognito refuses: the user is disabled, or not confirmed.
            RuntimeError: it asks for something else, such as a new password.
        """
        answer = self._asked(
            lambda server: server.start_sign_in(self.pool_id, self.client_id, username), username
        )
        return SignIn(self, self._client, self._server, username).finish(answer)

    def _asked(self, ask: Callable[[LocalCognito], Any], username: str) -> Any:
        """Return what the server answers to a question about a user.

        Raises:
            LookupError: the user is not in the pool.
            ClientError: Cognito refuses.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as the server

        from local_cognito import CognitoError  # noqa: PLC0415 - it loads the server

        try:
            return ask(self._server)
        except CognitoError as error:
            if error.code == "UserNotFoundException":
                raise LookupError(self._who_there_is(username)) from None
            told: Any = {"Error": {"Code": error.code, "Message": error.message}}
            raise ClientError(told, "InitiateAuth") from None

    def _who_there_is(self, username: str) -> str:
        listed = self._client.list_users(UserPoolId=self.pool_id)["Users"]
        names = ", ".join(sorted(user["Username"] for user in listed)) or "nobody"
        return f"User {username} is not in this pool, only {names}."


def make_pool(client: Any, options: PoolOptions, server: LocalCognito) -> CognitoPool:
    """Make a pool, its app client and its users, through a boto3 client for the pool's region.

    Raises:
        OptionError: a user's SecretCode can't be one.
    """
    from local_cognito.setup.default_pool import client_settings, mfa_settings, pool_settings  # noqa: PLC0415 - it loads the server

    settings = pool_settings(remember_on_request=options.devices == "OPT_IN")
    if options.devices == "OFF":
        del settings["DeviceConfiguration"]
    if options.triggers:
        settings["LambdaConfig"] = lambda_config(server, client.meta.region_name, options.triggers)
    settings |= options.pool
    settings |= _first_factor_settings(options, settings)
    pool_id = client.create_user_pool(**settings)["UserPool"]["Id"]
    mfa = mfa_settings() | {"MfaConfiguration": options.mfa} if options.mfa != "OFF" else {}
    mfa |= _passkey_settings(options)
    if mfa:
        client.set_user_pool_mfa_config(UserPoolId=pool_id, **mfa)
    app = client_settings(secret=options.client_secret)
    if options.first_factors:
        app["ExplicitAuthFlows"].append("ALLOW_USER_AUTH")
    app |= options.client
    made = client.create_user_pool_client(UserPoolId=pool_id, **app)["UserPoolClient"]
    users: dict[str, PoolUser] = {}
    pool = CognitoPool(
        pool_id,
        made["ClientId"],
        made.get("ClientSecret"),
        pool_id.split("_")[0],
        server.url,
        MappingProxyType(users),
        client,
        server,
    )
    for group in dict.fromkeys(group for user in options.users for group in user.Groups):
        client.create_group(UserPoolId=pool_id, GroupName=group)
    for user in options.users:
        users[user.Username] = _add_user(pool, client, user)
        if user.SecretCode is not None:
            _give_app(pool, server, user)
    return pool


def _first_factor_settings(options: PoolOptions, settings: dict[str, Any]) -> dict[str, Any]:
    """Return members of CreateUserPool that the first factors take, beside those of its `settings`."""
    if not options.first_factors:
        return {}
    factors = list(dict.fromkeys(("PASSWORD", *options.first_factors)))
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": factors}} | settings.get("Policies", {})
    sms = {"SmsConfiguration": _SMS} if "SMS_OTP" in factors else {}
    return sms | {name: settings[name] for name in sms if name in settings} | {"Policies": policies}


def _passkey_settings(options: PoolOptions) -> dict[str, Any]:
    """Return members of SetUserPoolMfaConfig; where MFA is required, passkeys must count as MFA."""
    if "WEB_AUTHN" not in options.first_factors:
        return {}
    counts = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"} if options.mfa == "ON" else {}
    return {"WebAuthnConfiguration": {"RelyingPartyId": "localhost", **counts}}


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


def _give_app(pool: CognitoPool, server: LocalCognito, user: WantedUser) -> None:
    from local_cognito import SeedError  # noqa: PLC0415 - it loads the server

    try:
        server.set_totp_secret(pool.pool_id, user.Username, str(user.SecretCode))
    except SeedError as error:
        raise OptionError(f"{user.Username}: {error}") from None


def remove_pool(client: Any, pool_id: str) -> None:
    """Delete a pool, protected or not, that the test may have deleted already."""
    try:
        protection = client.describe_user_pool(UserPoolId=pool_id)["UserPool"].get("DeletionProtection")
    except client.exceptions.ResourceNotFoundException:
        return
    if protection == "ACTIVE":
        client.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
    client.delete_user_pool(UserPoolId=pool_id)
