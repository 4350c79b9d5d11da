"""The secret hash: in every call that takes one, and every way to get it wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import ALICE, BOB, PASSWORD, SESSION_INVALID, DeviceSrp, refused, totp

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


EMAIL = "alice@example.com"
CHALLENGES = ["MFA_SETUP", "SOFTWARE_TOKEN_MFA", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"]


def self_service(pool: PoolDriver, action: str, given: str | None) -> None:
    """Call an action that takes SecretHash."""
    extra = {"sign_up": {"Password": PASSWORD}, "confirm_sign_up": {"ConfirmationCode": "123456"}}
    hashed = {} if given is None else {"SecretHash": given}
    getattr(pool.api, action)(ClientId=pool.client_id, Username=ALICE, **extra.get(action, {}), **hashed)


def sign_in(pool: PoolDriver, action: str, given: str | None) -> None:
    """Call an action that takes SECRET_HASH in AuthParameters."""
    fields = {"ClientId": pool.client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
    if action == "admin_initiate_auth":
        fields |= {"UserPoolId": pool.id, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
    hashed = {} if given is None else {"SECRET_HASH": given}
    getattr(pool.api, action)(**fields, AuthParameters={"USERNAME": ALICE, "PASSWORD": PASSWORD, **hashed})


CALLS = [
    pytest.param(call, action, id=action)
    for call, action in [
        (self_service, "sign_up"),
        (self_service, "confirm_sign_up"),
        (self_service, "resend_confirmation_code"),
        (sign_in, "initiate_auth"),
        (sign_in, "admin_initiate_auth"),
    ]
]


def answer(pool: PoolDriver, challenge: str, *, admin: bool, **responses: Any) -> None:
    """Answer a challenge with these responses and a session of nobody."""
    fields = {
        "ClientId": pool.client_id,
        "ChallengeName": challenge,
        "Session": "A" * 40,
        "ChallengeResponses": {
            "USERNAME": ALICE,
            "SOFTWARE_TOKEN_MFA_CODE": "123456",
            "DEVICE_KEY": "us-east-1_0",
            "SRP_A": "2",
        }
        | responses,
    }
    if admin:
        pool.api.admin_respond_to_auth_challenge(UserPoolId=pool.id, **fields)
    else:
        pool.api.respond_to_auth_challenge(**fields)


def hash_missing(pool: PoolDriver) -> tuple[str, str]:
    """Return the refusal of a request without the hash that is due."""
    text = f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
    return ("NotAuthorizedException", text)


def hash_wrong(pool: PoolDriver) -> tuple[str, str]:
    """Return the refusal of a wrong hash."""
    return ("NotAuthorizedException", f"Unable to verify secret hash for client {pool.client_id}")


@pytest.fixture
def confidential(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool without MFA whose app client has a secret."""
    return make_pool(client={"GenerateSecret": True})


@pytest.mark.parametrize("given", [None, ""])
@pytest.mark.parametrize("action", ["initiate_auth", "admin_initiate_auth"])
def test_missing_in_sign_in(confidential: PoolDriver, action: str, given: str | None) -> None:
    """A client with a secret must send the hash with a sign-in; an empty one is none."""
    with refused(*hash_missing(confidential)):
        sign_in(confidential, action, given)


@pytest.mark.parametrize("action", ["sign_up", "confirm_sign_up", "resend_confirmation_code"])
def test_missing_in_self_service(confidential: PoolDriver, action: str) -> None:
    """A client with a secret must send the hash with each self-service call."""
    with refused(*hash_missing(confidential)):
        self_service(confidential, action, None)


@pytest.mark.parametrize(("call", "action"), CALLS)
def test_wrong(confidential: PoolDriver, call: Callable[..., None], action: str) -> None:
    """A hash over another user name is refused, and so is one that is no hash at all."""
    for given in (confidential.secret_hash(BOB), confidential.secret_hash(ALICE)[:-1], "A"):
        with refused(*hash_wrong(confidential)):
            call(confidential, action, given)


@pytest.mark.parametrize(("call", "action"), CALLS)
def test_of_another_client(confidential: PoolDriver, call: Callable[..., None], action: str) -> None:
    """A hash that is right for another app client of the pool is refused."""
    other = confidential.other_client(GenerateSecret=True)

    with refused(*hash_wrong(confidential)):
        call(confidential, action, other.secret_hash(ALICE))


@pytest.mark.parametrize(("call", "action"), CALLS)
def test_unexpected(pool: PoolDriver, call: Callable[..., None], action: str) -> None:
    """A client without a secret that sends a hash is told that none is due."""
    text = f"App client {pool.client_id} is not configured for secret but secret hash was received"
    with refused("InvalidParameterException", text):
        call(pool, action, "AAAA")


def test_refused_before_anything_happens(confidential: PoolDriver) -> None:
    """With a wrong hash no user is made, and a right password leads nowhere."""
    with refused(*hash_wrong(confidential)):
        self_service(confidential, "sign_up", confidential.secret_hash(BOB))

    with pytest.raises(confidential.api.exceptions.UserNotFoundException):
        confidential.described(ALICE)


def test_published_value(confidential: PoolDriver) -> None:
    """The hash is base64(HMAC-SHA256(secret, user name + client ID)), as a published example has it."""
    with confidential.changed("clients", confidential.client_id) as client:
        client.id, client.secret = "123abd", "clientSecret"

    confidential.api.sign_up(
        ClientId="123abd",
        Username="test",
        Password=PASSWORD,
        SecretHash="LoIX/oPJWZzFYv8liJYRo+CHv16FNDY10JlZEDjL3Vg=",
    )


@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("challenge", CHALLENGES)
class TestChallengeResponses:
    """Every challenge response carries the hash."""

    def test_missing(self, confidential: PoolDriver, challenge: str, admin: bool) -> None:
        """A client with a secret must send the hash with each answer."""
        with refused(*hash_missing(confidential)):
            answer(confidential, challenge, admin=admin)

    def test_wrong(self, confidential: PoolDriver, challenge: str, admin: bool) -> None:
        """A hash over another name than the answer's USERNAME is refused."""
        with refused(*hash_wrong(confidential)):
            answer(confidential, challenge, admin=admin, SECRET_HASH=confidential.secret_hash(EMAIL))

    def test_unexpected_is_ignored(self, mfa_pool: PoolDriver, challenge: str, admin: bool) -> None:
        """A client without a secret may send a hash: what is refused is the session."""
        mfa_pool.user()
        with pytest.raises(mfa_pool.api.exceptions.ClientError) as caught:
            answer(mfa_pool, challenge, admin=admin, SECRET_HASH="AAAA")

        assert "secret" not in caught.value.response["Error"]["Message"].lower()


def test_unexpected_is_ignored_to_the_end(mfa_pool: PoolDriver) -> None:
    """A sign-in whose answer carries a hash that nobody asked for succeeds."""
    mfa_pool.user()
    _, session = mfa_pool.verified()

    assert "AuthenticationResult" in mfa_pool.answer("MFA_SETUP", ALICE, session, SECRET_HASH="AAAA")


@pytest.mark.parametrize("admin", [False, True])
def test_whole_story_with_a_secret(secret_pool: PoolDriver, admin: bool) -> None:
    """With the right hash in each call, a client with a secret gets through to the tracked device."""
    secret = secret_pool.enrolled()
    start = secret_pool.admin_sign_in if admin else secret_pool.sign_in
    code = totp(secret, secret_pool.clock.now)
    session = start()["Session"]
    done = secret_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, admin=admin, SOFTWARE_TOKEN_MFA_CODE=code)
    device = secret_pool.track(done["AuthenticationResult"])

    srp = DeviceSrp(secret_pool, device)
    first = start(DEVICE_KEY=device.key)
    second = secret_pool.answer(
        "DEVICE_SRP_AUTH", ALICE, first["Session"], admin=admin, DEVICE_KEY=device.key, SRP_A=srp.public_a
    )
    claim = srp.claim(second["ChallengeParameters"])
    final = secret_pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], admin=admin, **claim)

    assert final["AuthenticationResult"]["AccessToken"]


class TestAliases:
    """Where an e-mail address leads to the user, the hash is over the name that the request sends."""

    @pytest.fixture
    def aliased(self, make_pool: Callable[..., PoolDriver]) -> PoolDriver:
        """Return a pool with e-mail aliases, required TOTP and a confirmed user."""
        pool = make_pool(
            {"AliasAttributes": ["email"]},
            {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
            {"GenerateSecret": True},
        )
        pool.user(email=EMAIL)
        return pool

    def test_over_the_name_as_sent(self, aliased: PoolDriver) -> None:
        """Signing in with the alias takes a hash over the alias, not over the user name."""
        assert aliased.sign_in(EMAIL)["ChallengeName"] == "MFA_SETUP"
        with refused(*hash_wrong(aliased)):
            aliased.sign_in(EMAIL, SECRET_HASH=aliased.secret_hash(ALICE))

    def test_challenge_with_the_name_that_cognito_gave(self, aliased: PoolDriver) -> None:
        """The answer that names the user takes a hash over that name; one over the alias is refused."""
        first = aliased.sign_in(EMAIL)
        name = first["ChallengeParameters"]["USER_ID_FOR_SRP"]
        assert name == ALICE

        with refused(*hash_wrong(aliased)):
            aliased.answer("MFA_SETUP", name, first["Session"], SECRET_HASH=aliased.secret_hash(EMAIL))
        with refused(*SESSION_INVALID):
            aliased.answer("MFA_SETUP", name, first["Session"])
