"""What administrators do with users, devices, pools and app clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    BOB,
    DEVICE_UNKNOWN,
    DISABLED,
    HOUR,
    MINUTE,
    SESSION_EXPIRED,
    USER_NOT_FOUND,
    refused,
)
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import Api, PoolDriver


REVOKED = ("NotAuthorizedException", "Access Token has been revoked")


class TestUsers:
    """AdminDeleteUser, AdminDisableUser, AdminEnableUser and the attributes."""

    def test_disabling_ends_every_sign_in(self, pool: PoolDriver) -> None:
        """A disabled user can't sign in, and earlier tokens stay dead when enabled again."""
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        pool.api.admin_disable_user(UserPoolId=pool.id, Username=ALICE)

        with refused(*DISABLED):
            pool.sign_in()
        assert pool.described()["Enabled"] is False
        pool.api.admin_enable_user(UserPoolId=pool.id, Username=ALICE)
        assert pool.sign_in()["AuthenticationResult"]
        with refused(*REVOKED):
            pool.api.get_user(AccessToken=token)

    def test_deleting(self, pool: PoolDriver) -> None:
        """A deleted user is gone."""
        pool.user()
        pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)

        with refused(*USER_NOT_FOUND):
            pool.described()

    @pytest.mark.parametrize(("verified", "expected"), [(None, "false"), ("true", "true")])
    def test_changed_address(self, pool: PoolDriver, verified: str | None, expected: str) -> None:
        """A changed address is unverified, unless the administrator says otherwise."""
        pool.user()
        changes = [{"Name": "email", "Value": "new@example.org"}]
        if verified:
            changes.append({"Name": "email_verified", "Value": verified})
        pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=changes)

        assert pool.described()["attributes"]["email"] == "new@example.org"
        assert pool.described()["attributes"]["email_verified"] == expected

    def test_deleting_attributes(self, pool: PoolDriver) -> None:
        """An attribute that is deleted is gone, with its verification."""
        pool.user()
        pool.api.admin_delete_user_attributes(
            UserPoolId=pool.id, Username=ALICE, UserAttributeNames=["email"]
        )

        assert set(pool.described()["attributes"]) == {"sub"}

    @pytest.mark.parametrize(
        ("action", "fields"),
        [
            ("admin_delete_user", {}),
            ("admin_disable_user", {}),
            ("admin_enable_user", {}),
            ("admin_update_user_attributes", {"UserAttributes": []}),
            ("admin_delete_user_attributes", {"UserAttributeNames": []}),
            ("admin_set_user_password", {"Password": "Correct-Horse-1!"}),
            ("admin_user_global_sign_out", {}),
        ],
    )
    def test_nobody(self, pool: PoolDriver, action: str, fields: dict[str, Any]) -> None:
        """Every action says when there is no such user."""
        with refused(*USER_NOT_FOUND):
            getattr(pool.api, action)(UserPoolId=pool.id, Username="nobody", **fields)

    def test_pages_while_users_come_and_go(self, pool: PoolDriver) -> None:
        """A page that follows neither repeats nor loses anybody who was there all the time."""
        for name in ("a", "b", "c", "d"):
            pool.sign_up(name)
        first = pool.api.list_users(UserPoolId=pool.id, Limit=2)
        pool.api.admin_delete_user(UserPoolId=pool.id, Username="b")
        pool.sign_up("e")
        rest = pool.api.list_users(UserPoolId=pool.id, PaginationToken=first["PaginationToken"])

        assert [user["Username"] for user in first["Users"]] == ["a", "b"]
        assert [user["Username"] for user in rest["Users"]] == ["c", "d", "e"]


class TestDevices:
    """Listing and changing devices, by the user and by administrators."""

    @pytest.fixture
    def pool(self, mfa_pool: PoolDriver) -> PoolDriver:
        """Return a pool in which Alice has a remembered device, and a key that was never confirmed."""
        secret = mfa_pool.enrolled()
        self.unconfirmed = mfa_pool.sign_in_with_mfa(secret)["NewDeviceMetadata"]["DeviceKey"]
        result = mfa_pool.sign_in_with_mfa(secret)
        self.token = result["AccessToken"]
        self.device = mfa_pool.track(result, name="laptop")
        return mfa_pool

    def test_users_see_remembered_devices(self, pool: PoolDriver) -> None:
        """ListDevices and GetDevice show what is remembered; the rest does not exist for users."""
        listed = pool.api.list_devices(AccessToken=self.token)["Devices"]
        got = pool.api.get_device(AccessToken=self.token, DeviceKey=self.device.key)["Device"]

        assert [one["DeviceKey"] for one in listed] == [got["DeviceKey"]]
        names = [item["Name"] for item in listed[0]["DeviceAttributes"]]
        assert names == ["device_status", "device_name", "last_ip_used"]
        own = [item["Name"] for item in got["DeviceAttributes"]][3:]
        kinds = ("arn", "owner", "remembered_status", "sdk")
        assert own == [f"dev:device_{kind}" for kind in kinds]
        assert got["DeviceLastAuthenticatedDate"].microsecond == 0
        assert got["DeviceKey"] == self.device.key
        with refused(*DEVICE_UNKNOWN):
            pool.api.get_device(AccessToken=self.token, DeviceKey=self.unconfirmed)

    def test_administrators_see_all(self, pool: PoolDriver) -> None:
        """AdminListDevices and AdminGetDevice show every key that was handed out, in pages."""
        pages = [
            pool.api.admin_list_devices(UserPoolId=pool.id, Username=ALICE, Limit=1, **token)
            for token in ({}, self._token(pool))
        ]
        keys = [page["Devices"][0]["DeviceKey"] for page in pages]
        got = pool.api.admin_get_device(UserPoolId=pool.id, Username=ALICE, DeviceKey=self.device.key)[
            "Device"
        ]
        attributes = {item["Name"]: item.get("Value") for item in got["DeviceAttributes"]}

        assert keys == [self.unconfirmed, self.device.key]
        assert attributes["device_name"] == "laptop"
        assert attributes["device_status"] == "valid"
        assert attributes["dev:device_remembered_status"] == "remembered"
        assert attributes["dev:device_owner"] == f"{ALICE}.{pool.id}"

    @staticmethod
    def _token(pool: PoolDriver) -> dict[str, str]:
        first = pool.api.admin_list_devices(UserPoolId=pool.id, Username=ALICE, Limit=1)
        return {"PaginationToken": first["PaginationToken"]}

    def test_administrators_change_the_status(self, pool: PoolDriver) -> None:
        """A device that an administrator takes the status from replaces MFA no longer."""
        fields = {"UserPoolId": pool.id, "Username": ALICE, "DeviceKey": self.device.key}
        pool.api.admin_update_device_status(**fields, DeviceRememberedStatus="not_remembered")

        assert pool.sign_in(DEVICE_KEY=self.device.key)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        pool.api.admin_update_device_status(**fields, DeviceRememberedStatus="remembered")
        assert pool.sign_in(DEVICE_KEY=self.device.key)["ChallengeName"] == "DEVICE_SRP_AUTH"

    def test_administrators_forget(self, pool: PoolDriver) -> None:
        """A device that an administrator forgets does not exist any more."""
        fields = {"UserPoolId": pool.id, "Username": ALICE, "DeviceKey": self.device.key}
        pool.api.admin_forget_device(**fields)

        with refused(*DEVICE_UNKNOWN):
            pool.sign_in(DEVICE_KEY=self.device.key)
        with refused(*DEVICE_UNKNOWN):
            pool.api.admin_get_device(**fields)

    def test_devices_of_another_user(self, pool: PoolDriver) -> None:
        """A device is found under its own user only."""
        pool.user(BOB)

        with refused(*DEVICE_UNKNOWN):
            pool.api.admin_get_device(UserPoolId=pool.id, Username=BOB, DeviceKey=self.device.key)


class TestPools:
    """Listing, changing and deleting pools and app clients."""

    def test_pools_are_listed(self, api: Api) -> None:
        """A pool that was made is in the list, with its name."""
        made = api.create_user_pool(PoolName="listed")["UserPool"]["Id"]
        pages = api.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
        names = {pool["Id"]: pool["Name"] for page in pages for pool in page["UserPools"]}

        assert names[made] == "listed"

    def test_clients_are_listed(self, pool: PoolDriver) -> None:
        """Every app client of the pool is listed, in pages."""
        other = pool.other_client()
        pages = list(
            pool.api.get_paginator("list_user_pool_clients").paginate(
                UserPoolId=pool.id, PaginationConfig={"PageSize": 1}
            )
        )

        assert [page["UserPoolClients"][0]["ClientId"] for page in pages] == [pool.client_id, other.client_id]

    def test_update_resets_what_is_not_given(self, make_pool: Callable[..., PoolDriver]) -> None:
        """UpdateUserPool puts settings back that it is not given; what can't change stays."""
        pool = make_pool({"DeviceConfiguration": TRACKING, "AliasAttributes": ["email"]})
        pool.api.update_user_pool(
            UserPoolId=pool.id, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
        )
        described = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]

        assert "DeviceConfiguration" not in described
        assert described["AliasAttributes"] == ["email"]
        with refused("NotAuthorizedException", "SignUp is not permitted for this user pool"):
            pool.sign_up()

    def test_client_update_keeps_the_secret(self, secret_pool: PoolDriver) -> None:
        """UpdateUserPoolClient resets what it is not given, but not the secret."""
        changed = secret_pool.api.update_user_pool_client(
            UserPoolId=secret_pool.id, ClientId=secret_pool.client_id, AuthSessionValidity=5
        )["UserPoolClient"]

        assert changed["ClientSecret"] == secret_pool.secret
        assert (changed["ClientName"], changed["AuthSessionValidity"]) == ("app", 5)
        assert "ExplicitAuthFlows" not in changed

    def test_session_validity(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A client's AuthSessionValidity is how long a challenge can be answered."""
        totp = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        pool = make_pool(mfa=totp, client={"AuthSessionValidity": 5})
        pool.user()
        session = pool.sign_in()["Session"]
        pool.clock.advance(5 * MINUTE - 1)
        session = pool.api.associate_software_token(Session=session)["Session"]
        pool.clock.advance(5 * MINUTE)

        with refused(*SESSION_EXPIRED):
            pool.api.verify_software_token(Session=session, UserCode="123456")

    def test_deleted_client(self, pool: PoolDriver) -> None:
        """A deleted client does not exist, and its tokens are dead."""
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        pool.api.delete_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id)

        unknown = ("ResourceNotFoundException", f"User pool client {pool.client_id} does not exist.")
        with refused(*unknown):
            pool.sign_in()
        with refused(*unknown):
            pool.api.get_user(AccessToken=token)

    def test_deleted_pool(self, pool: PoolDriver) -> None:
        """A deleted pool is gone with all that was in it."""
        pool.user()
        pool.api.delete_user_pool(UserPoolId=pool.id)

        with refused("ResourceNotFoundException", f"User pool {pool.id} does not exist."):
            pool.api.list_users(UserPoolId=pool.id)
        with refused("ResourceNotFoundException", f"User pool client {pool.client_id} does not exist."):
            pool.sign_in()

    def test_deletion_protection(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A protected pool is deleted only after the protection is lifted."""
        pool = make_pool({"DeletionProtection": "ACTIVE"})
        message = (
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        )

        with refused("InvalidParameterException", message):
            pool.api.delete_user_pool(UserPoolId=pool.id)
        pool.api.update_user_pool(UserPoolId=pool.id, DeletionProtection="INACTIVE")
        pool.api.delete_user_pool(UserPoolId=pool.id)

    def test_token_validity(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Access tokens last as long as the client says."""
        pool = make_pool(client={"AccessTokenValidity": 2})
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        pool.clock.advance(2 * HOUR - 1)
        pool.api.get_user(AccessToken=token)
        pool.clock.advance(1)

        with refused("NotAuthorizedException", "Access Token has expired"):
            pool.api.get_user(AccessToken=token)
