"""Acting on the page: forms that ask for actions of the API, who may send them, and what is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from local_cognito import LocalCognito, MovableClock
from test.local_cognito.conftest import client_of
from test.support.pool_driver import ALICE, BOB, PASSWORD, http, refused

if TYPE_CHECKING:
    from test.support.pool_driver import HttpAnswer, PoolDriver


def token_of(server: LocalCognito) -> str:
    """Return the token that the forms of the page carry."""
    found = re.search(rb'name="token" value="([^"]+)"', http(server.url).body)
    assert found
    return found[1].decode()


def post(server: LocalCognito, headers: dict[str, str] | None = None, /, **fields: str) -> HttpAnswer:
    """Send a form of the page; the page that it leads to, or the refusal."""
    body = urlencode({"token": token_of(server)} | fields).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return http(f"{server.url}/act", body, kind | (headers or {}))


def act(pool: PoolDriver, action: str, **fields: str) -> str:
    """Act on alice; return the text of the page that says what came of it."""
    user = fields.pop("Username", ALICE)
    return shown(post(pool.server, None, action=action, UserPoolId=pool.id, Username=user, **fields))


def shown(answer: HttpAnswer) -> str:
    """Return a page's text in one line."""
    text = answer.body.decode().replace("<wbr>", "")
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


class TestUsers:
    """What is done to users: the API's own actions."""

    def test_life_of_a_user(self, pool: PoolDriver) -> None:
        """Confirm, set password, disable, enable, reset and delete do so, and are among the calls."""
        pool.sign_up()
        assert "AdminConfirmSignUp : done" in act(pool, "AdminConfirmSignUp")
        assert pool.described()["UserStatus"] == "CONFIRMED"
        act(pool, "AdminSetUserPassword", Password="Better-Horse-2?")
        assert pool.sign_in(password="Better-Horse-2?")
        act(pool, "AdminDisableUser")
        with refused("NotAuthorizedException", "User is disabled."):
            pool.sign_in(password="Better-Horse-2?")
        act(pool, "AdminEnableUser")
        verified = {"Name": "email_verified", "Value": "true"}
        pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=[verified])
        act(pool, "AdminResetUserPassword")
        assert pool.described()["UserStatus"] == "RESET_REQUIRED"
        act(pool, "AdminDeleteUser")
        with refused("UserNotFoundException", "User does not exist."):
            pool.described()

        calls = http(f"{pool.server.url}/calls?pool={pool.id}&user={ALICE}").content
        made = {call["action"] for call in calls}
        assert {"AdminConfirmSignUp", "AdminSetUserPassword", "AdminDeleteUser"} <= made

    def test_new_users_and_groups(self, pool: PoolDriver) -> None:
        """A user is made with a verified address, put into a group that was made, and taken out."""
        assert "AdminCreateUser : done" in act(pool, "AdminCreateUser", email="a@example.com")
        act(pool, "CreateGroup", GroupName="staff")
        act(pool, "AdminAddUserToGroup", GroupName="staff")
        in_group = {"UserPoolId": pool.id, "GroupName": "staff"}
        assert [user["Username"] for user in pool.api.list_users_in_group(**in_group)["Users"]] == [ALICE]
        act(pool, "AdminRemoveUserFromGroup", GroupName="staff")

        assert pool.api.list_users_in_group(**in_group)["Users"] == []
        assert pool.described()["attributes"]["email_verified"] == "true"

    def test_forgets_a_device(self, mfa_pool: PoolDriver) -> None:
        """A device goes from the list."""
        device = mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled()))
        act(mfa_pool, "AdminForgetDevice", DeviceKey=device.key)

        named = {"UserPoolId": mfa_pool.id, "Username": ALICE}
        assert mfa_pool.api.admin_list_devices(**named)["Devices"] == []

    def test_refusals_are_cognitos(self, pool: PoolDriver) -> None:
        """What Cognito refuses is said in its words, and nothing is changed."""
        pool.sign_up()

        said = act(pool, "AdminSetUserPassword", Password="all-lower-case-1")
        assert "AdminSetUserPassword : InvalidPasswordException Password does not conform to policy" in said
        assert "UserNotFoundException User does not exist." in act(pool, "AdminDeleteUser", Username=BOB)

    def test_passwords_are_not_shown(self, pool: PoolDriver) -> None:
        """A password that was typed is a label in the calls."""
        pool.sign_up()
        said = act(pool, "AdminSetUserPassword", Password="Secret-Horse-9!")

        assert "Secret-Horse-9!" not in said + http(f"{pool.server.url}/?view=calls").body.decode()
        assert PASSWORD not in said


class TestOtherThings:
    """The mailbox and the clock."""

    def test_clears_the_mailbox(self) -> None:
        """The messages go."""
        with LocalCognito() as server:
            made = server.create_pool()
            email = {"Name": "email", "Value": "a@example.com"}
            client_of(server.url).sign_up(
                ClientId=made.client_id, Username=ALICE, Password=PASSWORD, UserAttributes=[email]
            )
            assert post(server, action="ClearMailbox").status == 200
            assert server.outbox() == []

    def test_moves_the_clock(self) -> None:
        """Where it is movable, by minutes; what is none is refused."""
        clock = MovableClock()
        with LocalCognito(clock=clock) as server:
            server.create_pool()
            assert post(server, action="MoveClock", minutes="90").status == 200
            wrong = [post(server, action="MoveClock", minutes=text).status for text in ("x", "-1", "nan", "")]

        assert clock.lead == 90 * 60
        assert wrong == [403] * 4

    def test_leaves_another_clock_alone(self, pool: PoolDriver) -> None:
        """Where the clock is not movable, there is no such form."""
        assert b"MoveClock" not in http(pool.server.url).body
        assert post(pool.server, action="MoveClock", minutes="1").status == 403


class TestWhoMay:
    """Only a form of this page."""

    @pytest.mark.parametrize("token", ["", "x", "é", "x" * 1000])
    def test_needs_the_token(self, pool: PoolDriver, token: str) -> None:
        """A form without it, or with another, does nothing."""
        pool.sign_up()
        user = {"UserPoolId": pool.id, "Username": ALICE}
        answer = post(pool.server, None, action="AdminDeleteUser", token=token, **user)

        assert answer.status == 403
        assert b"not of this page" in answer.body
        assert pool.described()

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://127.0.0.1:1"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Host": "evil.example"},
        ],
    )
    def test_is_for_no_other_origin(self, pool: PoolDriver, headers: dict[str, str]) -> None:
        """A form from elsewhere is refused even with the token."""
        pool.sign_up()
        fields = {"UserPoolId": pool.id, "Username": ALICE}
        answer = post(pool.server, headers, action="AdminDeleteUser", **fields)

        assert answer.status == 403
        assert pool.described()

    @pytest.mark.parametrize("action", ["DeleteUserPool", "", "AdminDeleteUser\0", "__class__", "ListUsers"])
    def test_has_few_actions(self, pool: PoolDriver, action: str) -> None:
        """What there is no form for can't be asked for."""
        assert post(pool.server, action=action, UserPoolId=pool.id).status == 403
        assert pool.server.oldest_pool_id()

    @pytest.mark.parametrize("body", [b"", b"\xff", b"token=%ff", b"&" * 100, b"a=b&" * 100, b"{}"])
    def test_takes_no_other_body(self, pool: PoolDriver, body: bytes) -> None:
        """What is no form is refused."""
        assert http(f"{pool.server.url}/act", body).status == 403

    def test_read_only_has_none(self) -> None:
        """With `read_only` the page has no form but for searching, and takes none."""
        with LocalCognito(read_only=True, clock=MovableClock()) as server:
            server.create_pool()
            page = http(server.url).body
            answer = http(f"{server.url}/act", b"action=ClearMailbox&token=x")

        assert b'method="post"' not in page
        assert b'name="token"' not in page
        assert answer.status == 403
        assert "started with --read-only" in shown(answer)


class TestCalls:
    """The calls on the page."""

    def test_are_filtered(self, pool: PoolDriver) -> None:
        """By pool and by user, newest first."""
        pool.sign_up()
        pool.sign_up(BOB)
        text = shown(http(f"{pool.server.url}/?view=calls&pool={pool.id}"))
        of_alice = shown(http(f"{pool.server.url}/?view=calls&pool={pool.id}&user={ALICE}"))

        assert text.index(f"SignUp {BOB} 200") < text.index(f"SignUp {ALICE} 200")
        assert f"SignUp {BOB} 200" not in of_alice
        assert "&#34;Password&#34;: &#34;&lt;password&gt;&#34;" in of_alice
        assert "U+000A" not in of_alice

    @pytest.mark.parametrize("query", ["call=x", "call=-1", f"call={'9' * 20}", f"user={'x' * 3000}"])
    def test_where_no_link_leads(self, pool: PoolDriver, query: str) -> None:
        """A query that no link makes is not found."""
        assert http(f"{pool.server.url}/?{query}").status == 404


class TestSettings:
    """Settings in words."""

    def test_of_a_pool_and_a_client(self, pool: PoolDriver) -> None:
        """Policy, lifetimes and triggers are said as a person would."""
        with pool.changed("pools", pool.id) as record:
            record.settings["LambdaConfig"] = {"PreSignUp": "arn:aws:lambda:eu-west-1:1:function:check"}
            record.settings["Policies"] = {"PasswordPolicy": {"MinimumLength": 10, "RequireSymbols": True}}
        text = shown(http(f"{pool.server.url}/?pool={pool.id}"))

        assert "10 characters or more, with a symbol; temporary ones last 7 days" in text
        assert "PreSignUp: arn:aws:lambda:eu-west-1:1:function:check" in text
        assert "access 1 hour, id 1 hour, refresh 30 days; sessions 3 minutes" in text
