"""Hidden existence: whole answers are the same before a user exists and after, whatever became of them."""

from __future__ import annotations

import json
import re
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.actions import api
from local_cognito.rules import srp
from test.support.hostile_requests import DEVICE
from test.support.inside import cognito_of, connection_of
from test.support.pool_driver import (
    ALICE,
    CODE_EXPIRED,
    CODE_MISMATCH,
    INCORRECT,
    LOCKED_OUT,
    NOT_CONFIRMED,
    PASSWORD,
    TARGET,
    WRONG_PASSWORD,
    PoolDriver,
    call_raw,
    refused,
)
from test.support.pools import SMS
from test.support.user_srp import UserSrp

if TYPE_CHECKING:
    from collections.abc import Callable

    Settings = dict[str, Any]

HIDES = {"PreventUserExistenceErrors": "ENABLED"}
EMAIL, PHONE = "alice@example.com", "+15555550100"
CODE = "135791"
POOLS: dict[str, tuple[Settings, list[str]]] = {
    "names": ({}, [ALICE, "ALICE"]),
    "names, no case": ({"UsernameConfiguration": {"CaseSensitive": False}}, [ALICE, "ALICE", "aLiCe"]),
    "addresses": ({"UsernameAttributes": ["email"]}, [EMAIL, "Alice@Example.com"]),
    "addresses, no case": (
        {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}},
        [EMAIL, "Alice@Example.com"],
    ),
    "telephones": (
        {"UsernameAttributes": ["phone_number"], "AutoVerifiedAttributes": ["phone_number"], **SMS},
        [PHONE],
    ),
    "either": (
        {
            "UsernameAttributes": ["email", "phone_number"],
            "AutoVerifiedAttributes": ["email", "phone_number"],
            **SMS,
        },
        [EMAIL, PHONE],
    ),
    "aliases": ({"AliasAttributes": ["email", "phone_number"]}, [ALICE, EMAIL, PHONE]),
    "no codes": ({"AutoVerifiedAttributes": []}, [ALICE]),
    "by administrators": (
        {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}},
        [ALICE],
    ),
}
CASES = [(name, asked) for name, (_, names) in POOLS.items() for asked in names]


class Asker:
    """A stranger who asks everything that can be asked without a password."""

    def __init__(self, pool: PoolDriver) -> None:
        self.pool = pool

    def raw(self, operation: str, **fields: Any) -> tuple[int, str]:
        """Return status and body of an answer, without what is random each time."""
        answer = call_raw(self.pool.server.url, operation, {"ClientId": self.pool.client_id} | fields)
        body = re.sub(r'"SRP_B":"[0-9a-f]+"', '"B"', answer.body.decode())
        return answer.status, re.sub(r'"SECRET_BLOCK":"[^"]+"', '"BLOCK"', body)

    def ask(self, name: str) -> list[tuple[int, str]]:
        """Return the answers to one of each kind."""
        return [
            self.sign_in(name),
            self.raw("ForgotPassword", Username=name),
            self.raw("ResendConfirmationCode", Username=name),
            self.raw("ConfirmSignUp", Username=name, ConfirmationCode=CODE),
            self.raw("ConfirmForgotPassword", Username=name, ConfirmationCode=CODE, Password=PASSWORD),
            self.raw("ConfirmForgotPassword", Username=name, ConfirmationCode=CODE, Password="short"),
            *[
                self.raw(
                    "RespondToAuthChallenge",
                    ChallengeName=challenge,
                    ChallengeResponses={
                        "USERNAME": name,
                        "NEW_PASSWORD": PASSWORD,
                        f"{challenge}_CODE": CODE,
                        "ANSWER": "SMS_MFA",
                        "SRP_A": "2",
                        "DEVICE_KEY": DEVICE,
                        "TIMESTAMP": self.pool.clock.timestamp(),
                        "PASSWORD_CLAIM_SIGNATURE": "AAAA",
                        "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
                    },
                    **session,
                )
                for challenge in (
                    "NEW_PASSWORD_REQUIRED",
                    "MFA_SETUP",
                    "SOFTWARE_TOKEN_MFA",
                    "SMS_MFA",
                    "SELECT_MFA_TYPE",
                    "DEVICE_SRP_AUTH",
                    "DEVICE_PASSWORD_VERIFIER",
                    "PASSWORD_VERIFIER",
                )
                for session in ({}, {"Session": "A" * 40})
            ],
        ]

    def sign_in(self, name: str) -> tuple[int, str]:
        """InitiateAuth with a wrong password."""
        parameters = {"USERNAME": name, "PASSWORD": WRONG_PASSWORD}
        return self.raw("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)

    def begin_srp(self, name: str) -> tuple[int, str]:
        """InitiateAuth with A."""
        return self.raw(
            "InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": name, "SRP_A": "2"}
        )


def make_alice(pool: PoolDriver, state: str) -> str:
    """Make a user who has every name of Alice's that the pool knows, in a state; return the name to use."""
    settings = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    attributes = {"email": EMAIL, "phone_number": PHONE}
    verified = {f"{name}_verified": "false" if state == "unverified" else "true" for name in attributes}
    name = ALICE
    for taken in settings.get("UsernameAttributes", [])[:1]:
        name = attributes.pop(taken)
    listed = [{"Name": key, "Value": value} for key, value in (attributes | verified).items()]
    pool.api.admin_create_user(
        UserPoolId=pool.id, Username=name, TemporaryPassword=PASSWORD, UserAttributes=listed
    )
    if state != "invited":
        fields = {"UserPoolId": pool.id, "Username": name}
        pool.api.admin_set_user_password(Password=PASSWORD, Permanent=True, **fields)
    if state == "disabled":
        pool.api.admin_disable_user(UserPoolId=pool.id, Username=name)
    internal = pool.described(name)["Username"]
    if state == "unconfirmed":
        pool.change_user(internal, status="UNCONFIRMED")
    if state == "reset":
        pool.change_user(internal, status="RESET_REQUIRED")
    return str(internal)


@pytest.mark.parametrize(("settings", "asked"), CASES)
def test_before_and_after(make_pool: Callable[..., PoolDriver], settings: str, asked: str) -> None:
    """A user's coming into being changes no answer, masks included, whatever the user's state."""
    pool = make_pool(POOLS[settings][0], client=HIDES)
    asker = Asker(pool)
    before = asker.ask(asked)
    for state in ("confirmed", "unconfirmed", "disabled", "unverified", "invited", "reset"):
        pool.clock.advance(3600)
        name = make_alice(pool, state)

        assert (state, asker.ask(asked)) == (state, before)
        pool.api.admin_delete_user(UserPoolId=pool.id, Username=name)


@pytest.mark.parametrize(
    ("settings", "asked", "details"),
    [
        ("addresses", EMAIL, ("EMAIL", "a***@e***")),
        ("addresses", "Bob@Sample.org", ("EMAIL", "B***@S***")),
        ("telephones", PHONE, ("SMS", "+*******0100")),
        ("either", EMAIL, ("EMAIL", "a***@e***")),
        ("either", PHONE, ("SMS", "+*******0100")),
    ],
)
@pytest.mark.parametrize("operation", ["ForgotPassword", "ResendConfirmationCode"])
def test_mask(
    make_pool: Callable[..., PoolDriver], operation: str, settings: str, asked: str, details: tuple[str, str]
) -> None:
    """An address that is asked for is masked in the answer, and says by which medium a code would come."""
    pool = make_pool(POOLS[settings][0], client=HIDES)
    body = json.loads(Asker(pool).raw(operation, Username=asked)[1])["CodeDeliveryDetails"]

    assert (body["DeliveryMedium"], body["Destination"]) == details


@pytest.mark.parametrize(("settings", "asked"), CASES)
def test_srp(make_pool: Callable[..., PoolDriver], settings: str, asked: str) -> None:
    """A challenge to prove the password is given in any case, by the same name where names are no aliases."""
    pool = make_pool(POOLS[settings][0], client=HIDES)
    asker = Asker(pool)
    status, before = asker.begin_srp(asked)
    assert status == 200
    for state in ("confirmed", "unconfirmed", "disabled"):
        name = make_alice(pool, state)

        status, after = asker.begin_srp(asked)
        assert (state, status) == (state, 200)
        if settings != "aliases":
            assert (state, _without_ids(after)) == (state, _without_ids(before))
        pool.api.admin_delete_user(UserPoolId=pool.id, Username=name)


def _without_ids(answer: str) -> str:
    """Return a challenge without salt and UUID, which a user's own are random."""
    answer = re.sub(r'"SALT":"[0-9a-f]{31,32}"', '"SALT"', answer)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", answer)


@pytest.mark.parametrize("names", [(ALICE, EMAIL), (EMAIL, ALICE), (PHONE, EMAIL)])
def test_one_name_tells_nothing_of_another(
    make_pool: Callable[..., PoolDriver], names: tuple[str, str]
) -> None:
    """What was asked by one name of a user shows in no answer to another: no lock, no quota, no code."""
    first, second = names
    answers = []
    for exists in (False, True):
        pool = make_pool(POOLS["aliases"][0], client=HIDES)
        if exists:
            make_alice(pool, "confirmed")
        asker = Asker(pool)
        for _ in range(7):
            asker.sign_in(first)
            asker.raw("ForgotPassword", Username=first)
            asker.raw("ConfirmForgotPassword", Username=first, ConfirmationCode=CODE, Password=PASSWORD)
        confirmed = asker.raw(
            "ConfirmForgotPassword", Username=second, ConfirmationCode=CODE, Password=PASSWORD
        )
        answers.append(
            [
                asker.sign_in(first),
                asker.sign_in(second),
                asker.raw("ForgotPassword", Username=second),
                confirmed,
            ]
        )

    of_nobody, of_user = (
        [(status, re.sub(r"[a-z]\*{3}@[a-z]", "MASK", body)) for status, body in each] for each in answers
    )
    assert of_nobody == of_user
    assert LOCKED_OUT[1] in answers[1][0][1]
    assert INCORRECT[1] in answers[1][1][1]
    assert CODE_EXPIRED[1] in answers[1][3][1]


class TestOwner:
    """Who knows the password or the code hears the truth."""

    @pytest.mark.parametrize("by_srp", [True, False])
    def test_unconfirmed(self, make_pool: Callable[..., PoolDriver], *, by_srp: bool) -> None:
        """With the right password a user hears that confirming is still to be done; with a wrong one, not."""
        pool = make_pool(client=HIDES)
        pool.sign_up()

        for password, refusal in ((PASSWORD, NOT_CONFIRMED), (WRONG_PASSWORD, INCORRECT)):
            with refused(*refusal):
                if by_srp:
                    srp_of_user = UserSrp(pool, password=password)
                    srp_of_user.prove(srp_of_user.begin())
                else:
                    pool.sign_in(password=password)

    def test_code_that_was_used(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The code that confirmed a user brings the news that it has; any other is wrong."""
        pool = make_pool(client=HIDES)
        pool.user()
        used = pool.codes(EMAIL)[-1]

        with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
            pool.confirm(ALICE, used)
        with refused(*CODE_MISMATCH):
            pool.confirm(ALICE, "000000" if used != "000000" else "000001")

    def test_code_that_expired(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The right code after its time brings the news that it is too late."""
        pool = make_pool(client=HIDES)
        pool.sign_up()
        pool.clock.advance(25 * 3600)

        with refused(*CODE_EXPIRED):
            pool.confirm(ALICE, pool.codes(EMAIL)[-1])

    def test_lock_of_another_name(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Behind the same words, the lock is the user's: the right password is refused by any name."""
        pool = make_pool(POOLS["aliases"][0], client=HIDES)
        make_alice(pool, "confirmed")
        for _ in range(7):
            Asker(pool).sign_in(EMAIL)

        with refused(*INCORRECT):
            pool.sign_in(ALICE)
        pool.clock.advance(900)
        assert pool.sign_in(ALICE)["AuthenticationResult"]

    def test_code_for_a_new_password(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The code goes to the user's own address, and sets the password by any of the user's names."""
        pool = make_pool(POOLS["aliases"][0], client=HIDES)
        make_alice(pool, "confirmed")
        pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
        fields = {"ConfirmationCode": pool.codes(EMAIL)[-1], "Password": "Another-Horse-2!"}
        pool.api.confirm_forgot_password(ClientId=pool.client_id, Username=EMAIL, **fields)

        assert pool.sign_in(ALICE, "Another-Horse-2!")["AuthenticationResult"]


MOST_LOOKS_APART = 3  # statements, of 10 to 20; each takes some microseconds of some hundred


@pytest.mark.parametrize("state", ["confirmed", "unconfirmed", "disabled", "unverified"])
@pytest.mark.parametrize("operation", ["srp", "password", "forgot", "resend", "confirm", "confirm sign-up"])
def test_work(
    make_pool: Callable[..., PoolDriver], monkeypatch: pytest.MonkeyPatch, operation: str, state: str
) -> None:
    """An answer takes as much work for a user who does not exist: SRP's powers, and looks into the store."""
    pool = make_pool(client=HIDES)
    make_alice(pool, state)
    cognito = cognito_of(pool.server)
    powers: list[int] = []
    statements: list[str] = []
    for name in ("_power", "_power_of_g"):
        power: Callable[..., Any] = getattr(srp, name)

        def counted(*numbers: Any, power: Callable[..., Any] = power) -> Any:
            powers.append(1)
            return power(*numbers)

        monkeypatch.setattr(srp, name, counted)

    def ask(name: str) -> tuple[int, int]:
        requests: dict[str, tuple[str, dict[str, Any]]] = {
            "srp": (
                "InitiateAuth",
                {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": name, "SRP_A": f"{srp.G:x}"}},
            ),
            "password": (
                "InitiateAuth",
                {
                    "AuthFlow": "USER_PASSWORD_AUTH",
                    "AuthParameters": {"USERNAME": name, "PASSWORD": WRONG_PASSWORD},
                },
            ),
            "forgot": ("ForgotPassword", {"Username": name}),
            "resend": ("ResendConfirmationCode", {"Username": name}),
            "confirm sign-up": ("ConfirmSignUp", {"Username": name, "ConfirmationCode": CODE}),
            "confirm": (
                "ConfirmForgotPassword",
                {"Username": name, "ConfirmationCode": CODE, "Password": PASSWORD},
            ),
        }
        action, fields = requests[operation]
        body = json.dumps({"ClientId": pool.client_id} | fields).encode()
        pool.clock.advance(3600)  # neither locks nor quotas
        powers.clear()
        statements.clear()
        connection_of(cognito.store).set_trace_callback(statements.append)
        api.handle(cognito, TARGET + action, None, body)
        connection_of(cognito.store).set_trace_callback(None)
        return len(powers), len(statements)

    work: dict[str, list[tuple[int, int]]] = {ALICE: [], "nobody": []}
    for _ in range(24):  # each request looks for something else that has expired: the medians are compared
        for asked, done in work.items():
            done.append(ask(asked))
    (of_user, looks_for_user), (of_nobody, looks_for_nobody) = (
        (median(one[0] for one in done), median(one[1] for one in done)) for done in work.values()
    )
    assert of_nobody == of_user
    assert abs(looks_for_nobody - looks_for_user) <= MOST_LOOKS_APART
