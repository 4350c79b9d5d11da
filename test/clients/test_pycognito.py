"""pycognito as it comes: its `Cognito` class and its SRP helper, tokens verified with the pool's own keys.

Nothing in pycognito is patched. The endpoint comes from boto3's environment variable and the keys from
pycognito's: given an endpoint as an argument, pycognito would expect it as the tokens' issuer too.
"""

from __future__ import annotations

import time
import urllib.request
from typing import TYPE_CHECKING, Any

import jwt
import pyotp
import pytest
from botocore.exceptions import ClientError
from pycognito import AWSSRP, Cognito, TokenVerificationException
from pycognito.aws_srp import generate_hash_device
from pycognito.exceptions import ForceChangePasswordException, SoftwareTokenMFAChallengeException

from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito
    from test.support.pools import AppClient

PASSWORD, NEW_PASSWORD = "Correct-Horse-1!", "Better-Horse-2?"
ADDRESS = "alice@example.com"


@pytest.fixture
def make_user(
    server: LocalCognito, make_pool: Callable[..., AppClient], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Cognito]:
    """Return the maker of pycognito's object for the user `alice`, in a pool of its own."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", server.url)

    def make(**settings: Any) -> Cognito:
        pool = make_pool(**settings)
        with urllib.request.urlopen(f"{server.url}/{pool.pool_id}/.well-known/jwks.json", timeout=10) as keys:
            monkeypatch.setenv("COGNITO_JWKS", keys.read().decode())
        return Cognito(pool.pool_id, pool.client_id, client_secret=pool.client_secret, username="alice")

    return make


@pytest.fixture
def sign_up(mail: Callable[[str], str]) -> Callable[[Cognito], Cognito]:
    """Return what registers and confirms the user of a pycognito object."""

    def confirmed(user: Cognito) -> Cognito:
        user.set_base_attributes(email=ADDRESS, name="Alice")
        user.register("alice", PASSWORD)
        user.confirm_sign_up(mail(ADDRESS))
        return user

    return confirmed


@pytest.fixture(params=[False, True], ids=["public client", "client with a secret"])
def alice(
    request: pytest.FixtureRequest, make_user: Callable[..., Cognito], sign_up: Callable[[Cognito], Cognito]
) -> Cognito:
    """Return a confirmed user, of either kind of app client."""
    return sign_up(make_user(secret=request.param))


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the error code of a refusal."""
    return error.value.response["Error"]["Code"]


def totp(secret: str, steps: int = 0) -> str:
    """Return the code that an authenticator app shows, so many time steps from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def wrong(code: str) -> str:
    """Return a code of the same length that differs in its last digit."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


class TestSigningUp:
    """register, resend_confirmation_code, confirm_sign_up."""

    def test_says_where_the_code_went(self, make_user: Callable[..., Cognito]) -> None:
        """The answer to register() names the masked address, and says that the user is not confirmed."""
        user = make_user()
        user.set_base_attributes(email=ADDRESS)

        answer = user.register("alice", PASSWORD)

        details = answer["CodeDeliveryDetails"]
        assert (answer["UserConfirmed"], details["DeliveryMedium"]) == (False, "EMAIL")
        assert details["Destination"] == "a***@e***"

    def test_takes_only_the_latest_code(
        self, make_user: Callable[..., Cognito], mail: Callable[[str], str]
    ) -> None:
        """After resend_confirmation_code() a wrong code is refused and the new one confirms."""
        user = make_user()
        user.set_base_attributes(email=ADDRESS)
        user.register("alice", PASSWORD)
        user.resend_confirmation_code("alice")

        with pytest.raises(ClientError) as refused:
            user.confirm_sign_up(wrong(mail(ADDRESS)))
        user.confirm_sign_up(mail(ADDRESS))

        assert code_of(refused) == "CodeMismatchException"
        assert user.admin_get_user().user_status == "CONFIRMED"

    def test_keeps_custom_attributes(self, make_user: Callable[..., Cognito]) -> None:
        """Attributes given with add_custom_attributes() come back with admin_get_user()."""
        user = make_user(Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}])
        user.add_custom_attributes(team="red")
        user.register("alice", PASSWORD)

        assert user.admin_get_user({"custom:team": "team"}).team == "red"


class TestSigningIn:
    """authenticate, admin_authenticate, renew_access_token, logout."""

    def test_with_srp_gives_verified_tokens(self, alice: Cognito) -> None:
        """authenticate() proves the password by SRP; the tokens pass against the pool's keys."""
        alice.authenticate(PASSWORD)

        alice.verify_tokens()

        assert alice.id_claims["email"] == ADDRESS
        assert alice.id_claims["cognito:username"] == alice.access_claims["username"] == "alice"
        assert alice.access_claims["sub"] == alice.id_claims["sub"]

    def test_by_an_administrator_gives_verified_tokens(self, alice: Cognito) -> None:
        """admin_authenticate() gives tokens that pass as well."""
        alice.admin_authenticate(PASSWORD)

        alice.verify_tokens()

    @pytest.mark.parametrize("method", ["authenticate", "admin_authenticate"])
    def test_with_a_wrong_password_is_refused(self, alice: Cognito, method: str) -> None:
        """Neither way in takes a wrong password, and neither leaves tokens behind."""
        with pytest.raises(ClientError) as refused:
            getattr(alice, method)(NEW_PASSWORD)

        assert code_of(refused) == "NotAuthorizedException"
        assert alice.access_token is None

    def test_verification_notices_a_forged_token(self, alice: Cognito) -> None:
        """A token whose claims were changed does not pass verify_tokens()."""
        alice.authenticate(PASSWORD)
        head, claims, _ = alice.access_token.split(".")
        alice.access_token = f"{head}.{claims}.{alice.id_token.rpartition('.')[2]}"

        with pytest.raises(TokenVerificationException):
            alice.verify_tokens()

    def test_expects_an_endpoint_given_as_argument_for_issuer(
        self, alice: Cognito, server: LocalCognito
    ) -> None:
        """With the URL in boto3_client_kwargs pycognito refuses tokens whose issuer is AWS's."""
        other = Cognito(
            alice.user_pool_id,
            alice.client_id,
            client_secret=alice.client_secret,
            username="alice",
            boto3_client_kwargs={"endpoint_url": server.url},
        )

        with pytest.raises(TokenVerificationException, match="issuer"):
            other.authenticate(PASSWORD)

    def test_can_be_renewed(self, alice: Cognito) -> None:
        """renew_access_token() brings other tokens of the same sign-in, verified too."""
        alice.authenticate(PASSWORD)
        before = alice.access_token

        alice.renew_access_token()

        assert alice.access_token != before
        origin = jwt.decode(before, options={"verify_signature": False})["origin_jti"]
        assert alice.access_claims["origin_jti"] == origin

    def test_ends_with_logout(self, alice: Cognito) -> None:
        """After logout() neither the access token nor the refresh token is good for anything."""
        alice.authenticate(PASSWORD)
        access_token, refresh_token = alice.access_token, alice.refresh_token

        alice.logout()

        assert alice.access_token is None
        alice.access_token, alice.refresh_token = access_token, refresh_token
        for forbidden in (alice.get_user, alice.renew_access_token):
            with pytest.raises(ClientError) as refused:
                forbidden()
            assert code_of(refused) == "NotAuthorizedException"


class TestOwnAccount:
    """get_user, update_profile, change_password, forgotten passwords, delete_user."""

    def test_shows_and_changes_the_profile(self, alice: Cognito) -> None:
        """What update_profile() changes, get_user() shows."""
        alice.authenticate(PASSWORD)
        assert (alice.get_user().email_verified, alice.get_user().name) == (True, "Alice")

        alice.update_profile({"name": "Alice Liddell"})

        assert alice.get_user().name == "Alice Liddell"

    def test_verifies_a_new_address(self, alice: Cognito, mail: Callable[[str], str]) -> None:
        """A changed address counts as unverified until the code that went there comes back."""
        alice.authenticate(PASSWORD)
        alice.update_profile({"email": "new@example.com"})
        assert alice.get_user().email_verified is False

        alice.send_verification()
        alice.validate_verification(mail("new@example.com"))

        assert alice.get_user().email_verified is True

    def test_changes_the_password(self, alice: Cognito) -> None:
        """After change_password() the new password is right and the old one wrong."""
        alice.authenticate(PASSWORD)

        alice.change_password(PASSWORD, NEW_PASSWORD)

        alice.authenticate(NEW_PASSWORD)
        with pytest.raises(ClientError):
            alice.authenticate(PASSWORD)

    def test_recovers_a_forgotten_password(self, alice: Cognito, mail: Callable[[str], str]) -> None:
        """The code from the mail sets a new password, a wrong code does not."""
        alice.initiate_forgot_password()

        with pytest.raises(ClientError) as refused:
            alice.confirm_forgot_password(wrong(mail(ADDRESS)), NEW_PASSWORD)
        alice.confirm_forgot_password(mail(ADDRESS), NEW_PASSWORD)

        assert code_of(refused) == "CodeMismatchException"
        alice.authenticate(NEW_PASSWORD)

    def test_can_be_deleted(self, alice: Cognito) -> None:
        """After delete_user() the pool is empty."""
        alice.authenticate(PASSWORD)

        alice.delete_user()

        assert alice.get_users() == []


class TestMfa:
    """associate_software_token, verify_software_token, set_user_mfa_preference and the challenge."""

    def test_asks_for_a_code_once_it_is_set_up(
        self, make_user: Callable[..., Cognito], sign_up: Callable[[Cognito], Cognito]
    ) -> None:
        """A user who enrolled an app signs in with password and code; a wrong code is refused first."""
        alice = sign_up(make_user(mfa="OPTIONAL"))
        alice.authenticate(PASSWORD)
        secret = alice.associate_software_token()
        assert alice.verify_software_token(totp(secret), "phone")
        alice.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

        with pytest.raises(SoftwareTokenMFAChallengeException):
            alice.authenticate(PASSWORD)
        # The code of this time step is used up; the next one's is accepted already.
        code = totp(secret, 1)
        with pytest.raises(ClientError) as refused:
            alice.respond_to_software_token_mfa_challenge(wrong(code))
        alice.respond_to_software_token_mfa_challenge(code)

        assert code_of(refused) == "CodeMismatchException"
        alice.verify_tokens()

    def test_is_not_asked_for_once_it_is_turned_off(
        self, make_user: Callable[..., Cognito], sign_up: Callable[[Cognito], Cognito]
    ) -> None:
        """A preference for no factor takes the challenge away again."""
        alice = sign_up(make_user(mfa="OPTIONAL"))
        alice.authenticate(PASSWORD)
        alice.verify_software_token(totp(alice.associate_software_token()))
        alice.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

        alice.set_user_mfa_preference(sms_mfa=False, software_token_mfa=False)

        alice.authenticate(PASSWORD)


class TestAdministration:
    """Users and groups by an administrator."""

    def test_invites_a_user_who_must_choose_a_password(self, make_user: Callable[..., Cognito]) -> None:
        """A temporary password is good for new_password_challenge() only."""
        alice = make_user()
        alice.admin_create_user("alice", "Temporary-1!", email=ADDRESS)
        assert alice.admin_get_user().user_status == "FORCE_CHANGE_PASSWORD"

        with pytest.raises(ForceChangePasswordException):
            alice.authenticate("Temporary-1!")
        alice.new_password_challenge("Temporary-1!", NEW_PASSWORD)

        alice.verify_tokens()
        alice.authenticate(NEW_PASSWORD)

    def test_resets_a_password(self, alice: Cognito, mail: Callable[[str], str]) -> None:
        """After admin_reset_password() the mailed code sets another password; the old one is refused."""
        alice.admin_reset_password("alice")
        with pytest.raises(ClientError, match="Password reset required for the user"):
            alice.admin_authenticate(PASSWORD)

        alice.confirm_forgot_password(mail(ADDRESS), NEW_PASSWORD)

        alice.authenticate(NEW_PASSWORD)

    def test_confirms_and_updates_and_lists(self, make_user: Callable[..., Cognito]) -> None:
        """admin_confirm_sign_up() and admin_update_profile() show in get_users()."""
        alice = make_user()
        alice.register("alice", PASSWORD)
        alice.admin_confirm_sign_up()
        alice.admin_update_profile({"email": ADDRESS, "email_verified": True})

        (listed,) = alice.get_users()

        assert (listed.username, listed.email, listed.email_verified) == ("alice", ADDRESS, True)

    def test_lists_more_users_than_a_page_holds(self, make_user: Callable[..., Cognito]) -> None:
        """get_users() follows the pagination tokens to the end."""
        alice = make_user()
        names = {f"user{number}" for number in range(61)}
        for name in names:
            alice.admin_create_user(name, "Temporary-1!")

        assert {user.username for user in alice.get_users()} == names

    def test_turns_users_off_and_on(self, alice: Cognito) -> None:
        """A disabled user can't sign in, an enabled one can."""
        alice.admin_disable_user("alice")
        with pytest.raises(ClientError, match="User is disabled"):
            alice.authenticate(PASSWORD)

        alice.admin_enable_user("alice")

        alice.authenticate(PASSWORD)

    def test_fills_groups(self, alice: Cognito) -> None:
        """A member's tokens name the group, and no longer once the user is out of it."""
        alice.client.create_group(UserPoolId=alice.user_pool_id, GroupName="staff", Description="all")
        assert [group.group_name for group in alice.get_groups()] == ["staff"]
        assert alice.get_group("staff").description == "all"

        alice.admin_add_user_to_group("alice", "staff")
        assert alice.admin_list_groups_for_user("alice") == ["staff"]
        alice.authenticate(PASSWORD)
        assert alice.access_claims["cognito:groups"] == alice.id_claims["cognito:groups"] == ["staff"]

        alice.admin_remove_user_from_group("alice", "staff")
        alice.authenticate(PASSWORD)
        assert "cognito:groups" not in alice.access_claims

    def test_describes_and_updates_the_app_client(self, make_user: Callable[..., Cognito]) -> None:
        """What admin_update_user_pool_client() sets, describe_user_pool_client() shows."""
        alice = make_user()
        pool, client = alice.user_pool_id, alice.client_id

        alice.admin_update_user_pool_client(pool, client, AuthSessionValidity=15)

        assert alice.describe_user_pool_client(pool, client)["AuthSessionValidity"] == 15

    def test_says_which_action_is_missing(self, alice: Cognito) -> None:
        """Identity providers are not there, and the refusal names the action."""
        with pytest.raises(ClientError, match="does not implement DescribeIdentityProvider"):
            alice.admin_describe_identity_provider(alice.user_pool_id, "Example")


class TestDevices:
    """AWSSRP with a tracked device.

    AWSSRP.confirm_device(), update_device_status() and forget_device() build AWS's own URL, whatever the
    client's endpoint is: boto3 takes their place here.
    """

    @pytest.fixture
    def tracked(
        self, make_user: Callable[..., Cognito], sign_up: Callable[[Cognito], Cognito]
    ) -> tuple[Cognito, dict[str, str]]:
        """Return a user and what AWSSRP needs to know of the user's tracked device."""
        alice = sign_up(make_user(mfa="OPTIONAL", DeviceConfiguration=TRACKING))
        result = self.srp(alice).authenticate_user()["AuthenticationResult"]
        metadata = result["NewDeviceMetadata"]
        key, group_key = metadata["DeviceKey"], metadata["DeviceGroupKey"]
        password, verifier = generate_hash_device(group_key, key)
        alice.client.confirm_device(
            AccessToken=result["AccessToken"], DeviceKey=key, DeviceSecretVerifierConfig=verifier
        )
        alice.access_token = result["AccessToken"]
        return alice, {"device_key": key, "device_group_key": group_key, "device_password": password}

    @staticmethod
    def srp(user: Cognito, **device: str) -> AWSSRP:
        """Return the SRP helper for the user's password, on a device or on none."""
        return AWSSRP(
            username="alice",
            password=PASSWORD,
            pool_id=user.user_pool_id,
            client_id=user.client_id,
            client=user.client,
            **device,
        )

    def test_prove_themselves_in_place_of_mfa(self, tracked: tuple[Cognito, dict[str, str]]) -> None:
        """A tracked device signs in by its own SRP proof and no code; elsewhere the code is asked for."""
        alice, device = tracked
        alice.verify_software_token(totp(alice.associate_software_token()))
        alice.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

        result = self.srp(alice, **device).authenticate_user()["AuthenticationResult"]

        assert "NewDeviceMetadata" not in result
        claims = alice.verify_token(result["AccessToken"], "access_token", "access")
        assert claims["device_key"] == device["device_key"]
        with pytest.raises(SoftwareTokenMFAChallengeException):
            self.srp(alice).authenticate_user()

    def test_with_a_wrong_password_are_refused(self, tracked: tuple[Cognito, dict[str, str]]) -> None:
        """A device that proves another password than its own does not get in."""
        alice, device = tracked

        with pytest.raises(ClientError) as refused:
            self.srp(alice, **device | {"device_password": "another"}).authenticate_user()

        assert code_of(refused) == "NotAuthorizedException"

    def test_that_were_forgotten_are_unknown(
        self, tracked: tuple[Cognito, dict[str, str]], admin: CognitoIdentityProviderClient
    ) -> None:
        """After ForgetDevice the device's key leads nowhere."""
        alice, device = tracked
        alice.client.forget_device(AccessToken=alice.access_token, DeviceKey=device["device_key"])

        with pytest.raises(ClientError) as refused:
            self.srp(alice, **device).authenticate_user()

        assert code_of(refused) == "ResourceNotFoundException"
        listed = admin.admin_list_devices(UserPoolId=alice.user_pool_id, Username="alice")
        assert listed["Devices"] == []

    def test_that_were_forgotten_may_be_left_out(self, tracked: tuple[Cognito, dict[str, str]]) -> None:
        """The proof that named a forgotten device is good once more without it, and only once."""
        alice, device = tracked
        alice.client.forget_device(AccessToken=alice.access_token, DeviceKey=device["device_key"])
        srp = self.srp(alice, **device)
        asked = srp.get_auth_params()
        challenge = alice.client.initiate_auth(
            AuthFlow="USER_SRP_AUTH", AuthParameters=asked, ClientId=alice.client_id
        )
        responses = srp.process_challenge(challenge["ChallengeParameters"], asked)

        def respond() -> dict[str, Any]:
            answer: dict[str, Any] = alice.client.respond_to_auth_challenge(
                ClientId=alice.client_id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses
            )
            return answer

        with pytest.raises(ClientError, match="Device does not exist"):
            respond()
        del responses["DEVICE_KEY"]
        assert "AccessToken" in respond()["AuthenticationResult"]
        with pytest.raises(ClientError, match="Incorrect username or password"):
            respond()

    def test_are_needed_for_refreshing(
        self, make_user: Callable[..., Cognito], sign_up: Callable[[Cognito], Cognito]
    ) -> None:
        """Where devices are tracked, renew_access_token() fails: it can't name the device."""
        alice = sign_up(make_user(DeviceConfiguration=TRACKING))
        alice.authenticate(PASSWORD)

        with pytest.raises(ClientError, match="Invalid Refresh Token"):
            alice.renew_access_token()

    @pytest.mark.parametrize("method", ["confirm_device", "update_device_status", "forget_device"])
    def test_are_confirmed_and_forgotten_at_aws_alone(
        self, tracked: tuple[Cognito, dict[str, str]], method: str
    ) -> None:
        """Three methods of AWSSRP go to AWS's host, whatever the client's endpoint is."""
        alice, _ = tracked
        srp = self.srp(alice)
        tokens = srp.authenticate_user()
        given = {
            "confirm_device": (tokens,),
            "update_device_status": (True, alice.access_token, "key"),
            "forget_device": (alice.access_token, "key"),
        }

        # The guard of the tests' network says where it would have gone.
        with pytest.raises(pytest.fail.Exception, match=r"cognito-idp\.us-east-1\.amazonaws\.com"):
            getattr(srp, method)(*given[method])
