"""The wrapper's methods for account, devices, administration and groups, on the pool of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

import cognito_srp
from cognito_idp_actions import attributes_of, authentication_result, challenge_user_name
from test.support.client_pool import (
    EMAIL,
    PASSWORD,
    ROTATION,
    USER,
    ClientPool,
    Clock,
    make_client_pool,
)
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from local_cognito import LocalCognito

NEW_PASSWORD = "Better-Horse-2?"
DEVICE_PASSWORD = "of the device"
GROUP = "readers"


@pytest.fixture
def make_pool(server: LocalCognito, signing_keys: dict[str, str]) -> Callable[..., ClientPool]:
    """Return the maker of pools."""
    return lambda **settings: make_client_pool(server, Clock(), signing_keys, **settings)


# A plain name; an alias of one; an address that is the name, under a name that Cognito makes up.
NAMES = {
    "name": (USER, {}),
    "alias": (EMAIL, {"AliasAttributes": ["email"]}),
    "address": (EMAIL, {"UsernameAttributes": ["email"]}),
}


@pytest.fixture(params=NAMES)
def known_as(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Return the name that a person signs in with, and the settings of a pool in which that works."""
    return NAMES[request.param]


@pytest.fixture(params=[False, True], ids=["no-secret", "secret"])
def pool(
    request: pytest.FixtureRequest,
    make_pool: Callable[..., ClientPool],
    known_as: tuple[str, dict[str, Any]],
) -> ClientPool:
    """Return a pool of either kind of app client in which one user is known by that name."""
    made = make_pool(secret=request.param, **known_as[1])
    made.add_user(EMAIL if "UsernameAttributes" in known_as[1] else USER)
    return made


@pytest.fixture
def name(known_as: tuple[str, dict[str, Any]]) -> str:
    """Return the name that the user signs in with."""
    return known_as[0]


def tokens_of(pool: ClientPool, name: str, password: str = PASSWORD) -> dict[str, str]:
    """Sign in with a password."""
    result = authentication_result(pool.wrapper().initiate_auth(name, password))
    return {"AccessToken": result["AccessToken"], "RefreshToken": result["RefreshToken"]}


def code_of(refusal: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of a refusal."""
    return refusal.value.response["Error"]["Code"]


def latest_code(pool: ClientPool) -> str:
    """Return the code that was sent last."""
    return str(pool.server.outbox()[-1]["code"])


def test_a_sign_up_takes_attributes(pool: ClientPool) -> None:
    """What is given beside the address is stored, and metadata is taken."""
    wrapper = pool.wrapper()
    address = "bob@example.com"
    typed = address if _is_named_by_address(pool) else "bob"

    wrapper.sign_up_user(
        typed, PASSWORD, address, attributes={"name": "Bob"}, client_metadata={"campaign": "spring"}
    )
    wrapper.admin_confirm_sign_up(typed)

    user = wrapper.admin_get_user(typed)
    assert user["UserStatus"] == "CONFIRMED"
    assert attributes_of(user)["name"] == "Bob"


def _is_named_by_address(pool: ClientPool) -> bool:
    """Tell whether users of a pool are named by their addresses."""
    return "email" in pool.wrapper().describe_user_pool()["UserPool"].get("UsernameAttributes", [])


def test_srp_signs_in_under_every_name(pool: ClientPool, name: str, aws_srp: ModuleType) -> None:
    """With each helper, by name, alias and address, with a secret and without."""
    result = authentication_result(pool.wrapper().start_srp_sign_in(name, PASSWORD, aws_srp))

    assert attributes_of(pool.wrapper().get_user(result["AccessToken"]))["email"] == EMAIL


@pytest.mark.parametrize("helper", ["right", "wrong"])
def test_only_the_right_password_is_proved(pool: ClientPool, name: str, helper: str) -> None:
    """A proof of another password is refused."""
    if helper == "right":
        assert "AuthenticationResult" in pool.wrapper().start_srp_sign_in(name, PASSWORD, cognito_srp)
        return
    with pytest.raises(ClientError) as refusal:
        pool.wrapper().start_srp_sign_in(name, NEW_PASSWORD, cognito_srp)
    assert code_of(refusal) == "NotAuthorizedException"


def test_tokens_are_refreshed_in_both_ways(pool: ClientPool, name: str) -> None:
    """REFRESH_TOKEN_AUTH hashes over the real name; GetTokensFromRefreshToken sends the secret."""
    wrapper, tokens = pool.wrapper(), tokens_of(pool, name)
    real_name = wrapper.get_user(tokens["AccessToken"])["Username"]

    for result in (
        wrapper.refresh_tokens(tokens["RefreshToken"], real_name),
        wrapper.get_tokens_from_refresh_token(tokens["RefreshToken"]),
    ):
        assert wrapper.get_user(result["AccessToken"])["Username"] == real_name


def test_a_client_that_rotates_gives_a_new_refresh_token(make_pool: Callable[..., ClientPool]) -> None:
    """GetTokensFromRefreshToken brings it, and the old one is good no more."""
    pool = make_pool(app=ROTATION)
    pool.add_user()
    wrapper, first = pool.wrapper(), tokens_of(pool, USER)["RefreshToken"]

    second = wrapper.get_tokens_from_refresh_token(first)["RefreshToken"]

    assert wrapper.get_tokens_from_refresh_token(second)["RefreshToken"] not in {first, second}
    with pytest.raises(ClientError) as refusal:
        wrapper.get_tokens_from_refresh_token(second)
    assert code_of(refusal) == "RefreshTokenReuseException"


def test_a_forgotten_password_is_replaced(pool: ClientPool, name: str) -> None:
    """The code that is sent sets a new one."""
    wrapper = pool.wrapper()

    assert wrapper.forgot_password(name)["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    assert wrapper.confirm_forgot_password(name, latest_code(pool), NEW_PASSWORD) == {}

    assert tokens_of(pool, name, NEW_PASSWORD)


def test_a_known_password_is_changed(pool: ClientPool, name: str) -> None:
    """A user who is signed in changes it with the present one."""
    token = tokens_of(pool, name)["AccessToken"]

    pool.wrapper().change_password(token, PASSWORD, NEW_PASSWORD)

    assert tokens_of(pool, name, NEW_PASSWORD)


def test_attributes_are_changed_verified_and_deleted(pool: ClientPool, name: str) -> None:
    """The whole life of a user's own attributes."""
    wrapper, token = pool.wrapper(), tokens_of(pool, name)["AccessToken"]

    wrapper.update_user_attributes(token, {"nickname": "Ally", "email": "new@example.com"})
    wrapper.verify_user_attribute(token, "email", latest_code(pool))
    verified = attributes_of(wrapper.get_user(token))
    sent = wrapper.get_user_attribute_verification_code(token, "email")
    wrapper.delete_user_attributes(token, ["nickname"])

    assert (verified["nickname"], verified["email"]) == ("Ally", "new@example.com")
    assert verified["email_verified"] == "true"
    assert sent["CodeDeliveryDetails"]["AttributeName"] == "email"
    assert "nickname" not in attributes_of(wrapper.get_user(token))


def test_signing_out_here_and_everywhere(pool: ClientPool, name: str) -> None:
    """RevokeToken ends one sign-in, GlobalSignOut all, AdminUserGlobalSignOut as well."""
    wrapper = pool.wrapper()
    ends: list[Callable[[dict[str, str]], object]] = [
        lambda tokens: wrapper.revoke_token(tokens["RefreshToken"]),
        lambda tokens: wrapper.global_sign_out(tokens["AccessToken"]),
        lambda _tokens: wrapper.admin_user_global_sign_out(name),
    ]
    for end in ends:
        tokens = tokens_of(pool, name)
        end(tokens)

        with pytest.raises(ClientError) as refusal:
            wrapper.get_user(tokens["AccessToken"])
        assert code_of(refusal) == "NotAuthorizedException"


def test_an_administrator_manages_a_user(pool: ClientPool) -> None:
    """Made, invited, disabled, enabled, changed, given passwords, reset, deleted."""
    wrapper = pool.wrapper()
    typed = "carol@example.com" if _is_named_by_address(pool) else "carol"
    attributes = {"email": "carol@example.com", "email_verified": "true"}

    made = wrapper.admin_create_user(
        typed, attributes, temporary_password=PASSWORD, desired_delivery_mediums=["EMAIL"]
    )["User"]["Username"]
    answer = wrapper.initiate_auth(made, PASSWORD)
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = wrapper.respond_to_auth_challenge(
        challenge_user_name(answer, made),
        answer["ChallengeName"],
        answer["Session"],
        {"NEW_PASSWORD": NEW_PASSWORD},
    )
    assert "AuthenticationResult" in answer

    wrapper.admin_disable_user(made)
    with pytest.raises(ClientError) as refusal:
        wrapper.initiate_auth(made, NEW_PASSWORD)
    assert code_of(refusal) == "NotAuthorizedException"
    wrapper.admin_enable_user(made)
    wrapper.admin_update_user_attributes(made, {"name": "Carol"})
    assert attributes_of(wrapper.admin_get_user(made))["name"] == "Carol"
    wrapper.admin_set_user_password(made, PASSWORD)
    assert wrapper.admin_get_user(made)["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    wrapper.admin_set_user_password(made, PASSWORD, permanent=True)
    assert wrapper.admin_get_user(made)["UserStatus"] == "CONFIRMED"
    wrapper.admin_reset_user_password(made)
    assert wrapper.admin_get_user(made)["UserStatus"] == "RESET_REQUIRED"
    wrapper.admin_delete_user(made)
    with pytest.raises(ClientError) as refusal:
        wrapper.admin_get_user(made)
    assert code_of(refusal) == "UserNotFoundException"


def test_groups_have_users(pool: ClientPool, name: str) -> None:
    """A group is made, found, joined, listed from both sides, and left."""
    wrapper = pool.wrapper()

    wrapper.create_group(GROUP, description="who may read", precedence=0)
    wrapper.admin_add_user_to_group(name, GROUP)

    assert wrapper.get_group(GROUP)["Group"]["Description"] == "who may read"
    assert [group["GroupName"] for group in wrapper.list_groups()] == [GROUP]
    assert [attributes_of(user)["email"] for user in wrapper.list_users_in_group(GROUP)] == [EMAIL]
    assert [group["Precedence"] for group in wrapper.admin_list_groups_for_user(name)] == [0]
    wrapper.admin_remove_user_from_group(name, GROUP)
    assert wrapper.list_users_in_group(GROUP) == wrapper.admin_list_groups_for_user(name) == []


def test_lists_are_read_to_the_end(make_pool: Callable[..., ClientPool]) -> None:
    """More than a page of users, groups and pools comes back whole."""
    pool = make_pool()
    wrapper = pool.wrapper()
    wrapper.create_group(GROUP)
    for number in range(61):
        wrapper.admin_create_user(f"user{number}", message_action="SUPPRESS")
        wrapper.admin_add_user_to_group(f"user{number}", GROUP)
        wrapper.create_group(f"group{number}")
        wrapper.admin_add_user_to_group("user0", f"group{number}")

    assert len(wrapper.list_users()) == len(wrapper.list_users_in_group(GROUP)) == 61
    assert len(wrapper.list_groups()) == len(wrapper.admin_list_groups_for_user("user0")) == 62
    assert pool.id in {listed["Id"] for listed in wrapper.list_user_pools()}


@pytest.mark.parametrize("secret", [False, True], ids=["no-secret", "secret"])
def test_a_device_signs_in_by_srp_alone(
    make_pool: Callable[..., ClientPool], aws_srp: ModuleType, *, secret: bool
) -> None:
    """Password and device are both proved, with each helper; the device is listed, shown and forgotten."""
    pool = make_pool(secret=secret, mfa="ON", DeviceConfiguration=TRACKING)
    pool.add_user()
    wrapper, app = pool.wrapper(), pool.enrol()
    asked = wrapper.start_srp_sign_in(USER, PASSWORD, aws_srp)
    code = {"SOFTWARE_TOKEN_MFA_CODE": pool.code(app)}
    result = authentication_result(
        wrapper.respond_to_auth_challenge(USER, asked["ChallengeName"], asked["Session"], code)
    )
    key = result["NewDeviceMetadata"]["DeviceKey"]
    device = (key, result["NewDeviceMetadata"]["DeviceGroupKey"], DEVICE_PASSWORD)
    token = result["AccessToken"]
    wrapper.confirm_mfa_device(USER, *device, token, aws_srp, device_name="hers")

    answer = wrapper.start_srp_sign_in(USER, PASSWORD, aws_srp, device_key=key)
    result = authentication_result(wrapper.respond_to_device_challenge(answer, USER, *device, aws_srp))

    refreshed = wrapper.refresh_tokens(result["RefreshToken"], USER, key)["AccessToken"]
    (listed,) = wrapper.list_devices(refreshed)
    assert listed["DeviceKey"] == wrapper.get_device(refreshed, key)["Device"]["DeviceKey"] == key
    assert attributes_of(listed)["device_name"] == "hers"
    assert wrapper.update_device_status(refreshed, key, "not_remembered") == {}
    wrapper.forget_device(refreshed, key)
    assert wrapper.list_devices(token) == []
