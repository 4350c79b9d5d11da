"""The log of calls: what it tells of each, and that it keeps no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from local_cognito import LocalCognito
from local_cognito.calls.functions import MOST_KEPT_BYTES
from local_cognito.calls.labels import words_of
from local_cognito.calls.log import MOST_CALLS
from test.support.pool_driver import ALICE, BOB, PASSWORD, TARGET, call_raw, http, refused

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver


def calls(pool: PoolDriver, **wanted: Any) -> list[dict[str, Any]]:
    """Return the calls that a program finds, by default those of the pool."""
    answer = http(f"{pool.server.url}/calls?{urlencode({'pool': pool.id} | wanted)}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = json.loads(answer.body)
    return found


def outline(call: dict[str, Any]) -> tuple[Any, ...]:
    """Return who did what, and how it ended."""
    return call["action"], call["user"], call["status"], call["error"]


class TestWhatItTells:
    """The fields of a call."""

    def test_who_did_what_and_how_it_ended(self, pool: PoolDriver) -> None:
        """A call has its action, user, client and pool, status and time, a refusal its code and text too."""
        pool.sign_up()
        with refused("UsernameExistsException", "User already exists"):
            pool.sign_up()
        *_, done, again = calls(pool)

        assert outline(done) == ("SignUp", ALICE, 200, None)
        assert outline(again) == ("SignUp", ALICE, 400, "UsernameExistsException")
        assert again["message"] == "User already exists"
        assert again["answer"] is None
        assert done["client_id"] == pool.client_id
        assert done["id"] < again["id"]
        assert done["time"] == pool.clock()
        assert done["milliseconds"] > 0
        assert done["answer"]["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
        assert done["request"]["UserAttributes"] == [{"Name": "email", "Value": f"{ALICE}@example.com"}]

    def test_users_of_sessions_and_tokens(self, mfa_pool: PoolDriver) -> None:
        """Who sends a session or a token is told by the call that gave it."""
        tokens = mfa_pool.sign_in_with_mfa(mfa_pool.enrolled())
        mfa_pool.api.get_user(AccessToken=tokens["AccessToken"])
        mfa_pool.api.revoke_token(ClientId=mfa_pool.client_id, Token=tokens["RefreshToken"])
        found = calls(mfa_pool)

        assert {call["user"] for call in found if call["action"] == "AssociateSoftwareToken"} == {ALICE}
        assert [outline(call)[:2] for call in found[-2:]] == [("GetUser", ALICE), ("RevokeToken", ALICE)]

    def test_pools_that_are_gone(self, pool: PoolDriver) -> None:
        """The calls of a pool are found by its ID when it has been deleted."""
        pool.sign_up()
        pool.api.delete_user_pool(UserPoolId=pool.id)

        assert [call["action"] for call in calls(pool)][-2:] == ["SignUp", "DeleteUserPool"]

    def test_what_is_asked_for(self, pool: PoolDriver) -> None:
        """`user`, `since` and `after` leave out the others."""
        pool.sign_up()
        pool.clock.advance(10)
        pool.sign_up(BOB)
        first = calls(pool, user=ALICE)[0]

        assert [call["user"] for call in calls(pool, user=BOB)] == [BOB]
        assert [call["user"] for call in calls(pool, since=pool.clock())] == [BOB]
        assert [call["user"] for call in calls(pool, after=first["id"])] == [BOB]

    @pytest.mark.parametrize(
        "query", ["since=x", "since=", "after=-1", "user=", "page=1", "after=1&after=2", "user=%ff"]
    )
    def test_what_cannot_be_asked_for(self, pool: PoolDriver, query: str) -> None:
        """Other parameters, and values that are none, are refused in a sentence."""
        answer = http(f"{pool.server.url}/calls?{query}")

        assert answer.status == 400
        assert answer.content["message"].endswith(".")

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"{", b'{"Username": {"a": [1]}}', b'{"ClientId": "\\u0000"}', b"\xff"]
    )
    def test_requests_that_are_none(self, pool: PoolDriver, body: bytes) -> None:
        """What can't be read is listed all the same, with its refusal."""
        call_raw(pool.server.url, "SignUp", body)
        latest = http(f"{pool.server.url}/calls").content[-1]

        assert latest["action"] == "SignUp"
        assert latest["status"] == 400

    def test_actions_that_are_none(self, pool: PoolDriver) -> None:
        """An action of any name is listed under that name, cut short."""
        call_raw(pool.server.url, "<b>" * 1000, b"{}")

        assert http(f"{pool.server.url}/calls").content[-1]["action"] == ("<b>" * 1000)[:200]


class TestSecrets:
    """Labels in place of secrets."""

    def test_none_is_told(self, mfa_pool: PoolDriver) -> None:
        """No password, code, session, token, TOTP secret or device password is in the whole log."""
        secret = mfa_pool.enrolled()
        answer = mfa_pool.sign_in_with_mfa(secret)
        mfa_pool.track(answer)
        text = json.dumps(calls(mfa_pool))

        tokens = [answer[f"{kind}Token"] for kind in ("Access", "Id", "Refresh")]
        assert [value for value in (PASSWORD, secret, *tokens) if value in text] == []
        assert [code for code in mfa_pool.codes() if f'"{code}"' in text] == []  # digits alone are in times
        assert '{"PasswordVerifier": "<verifier>", "Salt": "<salt>"}' in text

    def test_what_comes_back_has_one_label(self, mfa_pool: PoolDriver) -> None:
        """A session is `<session 1>` where it is given and where it is taken; so are tokens."""
        mfa_pool.enrolled()
        steps = {
            call["action"]: (call["request"].get("Session"), (call["answer"] or {}).get("Session"))
            for call in calls(mfa_pool)
        }
        given, taken = steps["AssociateSoftwareToken"][1], steps["VerifySoftwareToken"][0]

        assert given == taken
        assert given.startswith("<session ")

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("AccessToken", "access token"),
            ("REFRESH_TOKEN", "refresh token"),
            ("UserCode", "code"),
            ("ConfirmationCode", "code"),
            ("SOFTWARE_TOKEN_MFA_CODE", "code"),
            ("SecretCode", "TOTP key"),
            ("ProposedPassword", "password"),
            ("IdToken", "ID token"),
            ("SECRET_HASH", "secret hash"),
            ("", "value"),
        ],
    )
    def test_labels_are_words(self, name: str, words: str) -> None:
        """A label says in the field's own words what stood there."""
        assert words_of(name) == words

    def test_members_that_cognito_does_not_know(self, pool: PoolDriver) -> None:
        """What may be anything is taken for a secret."""
        call_raw(
            pool.server.url,
            "SignUp",
            b'{"Pass": "hidden", "Password": ["hidden"], "UserAttributes": "hidden"}',
        )
        request = http(f"{pool.server.url}/calls").content[-1]["request"]

        assert request == {"Pass": "<pass>", "Password": "<password>", "UserAttributes": "<user attributes>"}


class TestBounds:
    """What the log costs."""

    def test_the_latest_are_kept(self) -> None:
        """Of more than so many calls the oldest go, whether anybody looked or not."""
        with LocalCognito() as server:
            for _ in range(2):
                for _ in range(MOST_CALLS // 2 + 1):
                    call_raw(server.url, "ListUserPools", b"{}")
                found = http(f"{server.url}/calls").content

        assert [call["id"] for call in found] == list(range(3, MOST_CALLS + 3))

    def test_long_bodies_are_left_out(self, pool: PoolDriver) -> None:
        """A request of a megabyte is listed without its members."""
        call_raw(pool.server.url, "SignUp", b'{"Username": "' + b"a" * MOST_KEPT_BYTES + b'"}')
        latest = http(f"{pool.server.url}/calls").content[-1]

        assert (latest["action"], latest["request"]) == ("SignUp", None)


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost:3000"}, {"Sec-Fetch-Site": "cross-site"}])
def test_pages_from_elsewhere_do_not_see_it(pool: PoolDriver, headers: dict[str, str]) -> None:
    """No page of another origin reads the calls."""
    assert http(f"{pool.server.url}/calls", headers=headers).status == 403


def test_is_not_cached(pool: PoolDriver) -> None:
    """No browser keeps it."""
    assert http(f"{pool.server.url}/calls").headers["cache-control"] == "no-store"


def test_target_is_cut(pool: PoolDriver) -> None:
    """The action stands without the prefix of the header."""
    pool.sign_up()

    assert TARGET not in json.dumps(calls(pool))
