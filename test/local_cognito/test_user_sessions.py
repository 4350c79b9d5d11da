"""Sessions of users, their first factors, and the end of an authenticator app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import ALICE, BOB, call_raw, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import HttpAnswer, PoolDriver

REVOKED = ("NotAuthorizedException", "Access Token has been revoked")


def send(pool: PoolDriver, operation: str, **fields: Any) -> HttpAnswer:
    """Send a request that not every SDK knows."""
    return call_raw(pool.server.url, operation, fields)


def sessions_of(pool: PoolDriver, token: str) -> list[dict[str, Any]]:
    """Return what ListUserSessions tells."""
    listed: list[dict[str, Any]] = send(pool, "ListUserSessions", AccessToken=token).content["Sessions"]
    return listed


@pytest.fixture
def tokens(pool: PoolDriver) -> list[str]:
    """Return the access tokens of two sign-ins of Alice's; another user signs in, too."""
    pool.user(ALICE)
    pool.user(BOB)
    pool.sign_in(BOB)
    return [pool.sign_in()["AuthenticationResult"]["AccessToken"] for _ in range(2)]


class TestSessions:
    """ListUserSessions and RevokeUserSession, by users and by administrators."""

    def test_listed(self, pool: PoolDriver, tokens: list[str]) -> None:
        """A user sees their own sign-ins, and which one is current; an administrator sees the same ones."""
        seen = sessions_of(pool, tokens[1])

        assert [one["IsCurrentSession"] for one in seen] == [False, True]
        assert {one["ClientId"] for one in seen} == {pool.client_id}
        assert {one["SessionType"] for one in seen} == {"TOKEN"}
        by_admin = send(pool, "AdminListUserSessions", UserPoolId=pool.id, Username=ALICE).content
        assert by_admin["Sessions"] == [one | {"IsCurrentSession": False} for one in seen]

    @pytest.mark.parametrize("by_admin", [False, True])
    def test_revoked(self, pool: PoolDriver, tokens: list[str], *, by_admin: bool) -> None:
        """One session ends with its tokens, and goes from the list; the other lives on."""
        session = sessions_of(pool, tokens[1])[0]["SessionId"]
        if by_admin:
            whose = {"UserPoolId": pool.id, "Username": ALICE}
            assert send(pool, "AdminRevokeUserSession", SessionId=session, **whose).body == b"{}"
        else:
            answer = send(pool, "RevokeUserSession", AccessToken=tokens[1], SessionId=session)
            assert answer.body == b"{}"

        with refused(*REVOKED):
            pool.api.get_user(AccessToken=tokens[0])
        assert [one["IsCurrentSession"] for one in sessions_of(pool, tokens[1])] == [True]

    def test_current(self, pool: PoolDriver, tokens: list[str]) -> None:
        """A user does not end the session of the token itself."""
        session = sessions_of(pool, tokens[0])[0]["SessionId"]

        answer = send(pool, "RevokeUserSession", AccessToken=tokens[0], SessionId=session)

        assert (answer.status, answer.content["__type"]) == (400, "InvalidParameterException")
        pool.api.get_user(AccessToken=tokens[0])

    def test_of_another_user(self, pool: PoolDriver, tokens: list[str]) -> None:
        """Nor another user's."""
        session = sessions_of(pool, tokens[0])[0]["SessionId"]
        bobs = pool.sign_in(BOB)["AuthenticationResult"]["AccessToken"]

        answer = send(pool, "RevokeUserSession", AccessToken=bobs, SessionId=session)

        assert (answer.status, answer.content["__type"]) == (400, "ResourceNotFoundException")
        pool.api.get_user(AccessToken=tokens[0])


def test_first_factors(make_pool: Callable[..., PoolDriver]) -> None:
    """A user may begin with the pool's first factors that work for them; MFA members appear when set."""
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}}
    pool = make_pool({"Policies": policy})
    pool.user(ALICE)
    pool.user(BOB, attributes={"name": "Bob"})
    pool.api.admin_update_user_attributes(
        UserPoolId=pool.id, Username=BOB, UserAttributes=[{"Name": "email_verified", "Value": "false"}]
    )
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    alices = send(pool, "GetUserAuthFactors", AccessToken=token).content
    bobs = send(pool, "AdminGetUserAuthFactors", UserPoolId=pool.id, Username=BOB).content

    assert alices == {"ConfiguredUserAuthFactors": ["PASSWORD", "EMAIL_OTP"], "Username": ALICE}
    assert bobs == {"ConfiguredUserAuthFactors": ["PASSWORD"], "Username": BOB}


def test_deleted_software_token(mfa_pool: PoolDriver) -> None:
    """A user whose authenticator app an administrator deletes is asked to set up another."""
    mfa_pool.enrolled()

    answer = send(mfa_pool, "AdminDeleteSoftwareToken", UserPoolId=mfa_pool.id, Username=ALICE)

    assert answer.body == b"{}"
    assert mfa_pool.sign_in()["ChallengeName"] == "MFA_SETUP"
    assert "UserMFASettingList" not in mfa_pool.described()
