"""Pools of a whole project or session, MFA in a line, and what a failed test shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def knows_passkeys_as_mfa() -> bool:
    """Tell whether the installed boto3 can turn them on."""
    model = boto3.client("cognito-idp", "us-east-1").meta.service_model
    shape = model.operation_model("SetUserMFAPreference").input_shape
    return shape is not None and "WebAuthnMfaSettings" in shape.members


class TestSettings:
    """pytest's configuration file."""

    def test_hold_for_every_pool(self, run: Callable[..., pytest.RunResult]) -> None:
        """Region, MFA, secret, users and names of variables; a marker's options come before them."""
        result = run(
            """
            import os, boto3, pytest

            def test_all(cognito_pool, cognito_client):
                assert cognito_pool.pool_id.startswith("eu-central-1_")
                assert cognito_pool.region == os.environ["AWS_REGION"] == "eu-central-1"
                assert "eu-central-1" in cognito_pool.issuer
                assert boto3.client("cognito-idp").meta.region_name == "eu-central-1"
                assert list(cognito_pool.users) == ["alice", "bob"]
                assert cognito_pool.client_secret
                described = cognito_client.describe_user_pool(UserPoolId=cognito_pool.pool_id)["UserPool"]
                assert described["MfaConfiguration"] == "OPTIONAL"
                assert described["Arn"].startswith("arn:aws:cognito-idp:eu-central-1:")
                assert os.environ["POOL"] == os.environ["POOL_TOO"] == cognito_pool.pool_id
                assert os.environ["APP"] == cognito_pool.client_id
                assert "COGNITO_USER_POOL_ID" not in os.environ

            @pytest.mark.cognito_pool(users=["eve"], region="ap-south-1", client_secret=False)
            def test_marker(cognito_pool):
                assert list(cognito_pool.users) == ["eve"]
                assert cognito_pool.client_secret is None
                assert cognito_pool.region == os.environ["AWS_DEFAULT_REGION"] == "ap-south-1"
                assert cognito_pool.pool_id.startswith("ap-south-1_")
            """,
            "cognito_region = eu-central-1",
            "cognito_mfa = OPTIONAL",
            "cognito_client_secret = true",
            "cognito_users =\n  alice\n  bob",
            "cognito_pool_id_variables = POOL POOL_TOO",
            "cognito_client_id_variables = APP",
        )

        result.assert_outcomes(passed=2)

    def test_say_what_they_can_be(self, run: Callable[..., pytest.RunResult]) -> None:
        """A value that can't be is an error of the test, in a sentence."""
        result = run("def test_it(cognito_pool): pass", "cognito_mfa = yes")

        result.assert_outcomes(errors=1)
        assert "mfa is one of OFF, OPTIONAL, ON, not 'yes'." in result.stdout.str()


class TestFirstFactors:
    """`first_factors`."""

    def test_are_what_users_can_sign_in_with(self, run: Callable[..., pytest.RunResult]) -> None:
        """Each works as it is, beside other policies."""
        result = run("""
            import pytest

            phone = {"phone_number": "+15551239088", "phone_number_verified": "true"}

            def begin(pool, client, factor):
                return client.initiate_auth(
                    ClientId=pool.client_id,
                    AuthFlow="USER_AUTH",
                    AuthParameters={"USERNAME": "alice", "PREFERRED_CHALLENGE": factor},
                )

            @pytest.mark.cognito_pool(
                first_factors=["EMAIL_OTP", "SMS_OTP"],
                pool={"Policies": {"PasswordPolicy": {"MinimumLength": 12}}},
                users=[{"Username": "alice", "Attributes": phone}],
            )
            def test_codes(cognito_pool, cognito_client, cognito_outbox):
                for factor, to in (("EMAIL_OTP", "alice@example.com"), ("SMS_OTP", "+15551239088")):
                    assert begin(cognito_pool, cognito_client, factor)["ChallengeName"] == factor
                    assert cognito_outbox.codes(to)
                described = cognito_client.describe_user_pool(UserPoolId=cognito_pool.pool_id)["UserPool"]
                assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
            """)

        result.assert_outcomes(passed=1)

    @pytest.mark.skipif(not knows_passkeys_as_mfa(), reason="This boto3 has no WebAuthnMfaSettings.")
    def test_passkeys_count_as_mfa_where_it_is_required(self, run: Callable[..., pytest.RunResult]) -> None:
        """A user of such a pool signs in by the passkey alone."""
        result = run("""
            import pytest

            @pytest.mark.cognito_pool(first_factors=["WEB_AUTHN"], mfa="ON", users=["alice"])
            def test_passkey(cognito_pool, cognito_client):
                passkey, on = cognito_pool.passkey("alice"), {"Enabled": True}
                cognito_client.set_user_mfa_preference(
                    AccessToken=cognito_pool.sign_in("alice")["AccessToken"],
                    SoftwareTokenMfaSettings=on,
                    WebAuthnMfaSettings=on,
                )
                asked = cognito_client.initiate_auth(
                    ClientId=cognito_pool.client_id,
                    AuthFlow="USER_AUTH",
                    AuthParameters={"USERNAME": "alice", "PREFERRED_CHALLENGE": "WEB_AUTHN"},
                )
                signed = passkey.sign(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
                answered = cognito_client.respond_to_auth_challenge(
                    ClientId=cognito_pool.client_id,
                    ChallengeName="WEB_AUTHN",
                    Session=asked["Session"],
                    ChallengeResponses={"USERNAME": "alice", "CREDENTIAL": signed},
                )
                assert answered["AuthenticationResult"]
            """)

        result.assert_outcomes(passed=1)


class TestFactory:
    """`cognito_pool_factory`."""

    def test_makes_pools_for_the_session(self, run: Callable[..., pytest.RunResult]) -> None:
        """A pool of a session's fixture stays between tests, with its environment, and is gone at the end."""
        result = run("""
            import os, boto3, pytest

            @pytest.fixture(scope="session")
            def pool(cognito_pool_factory):
                made = cognito_pool_factory(mfa="ON", users=["alice"], region="eu-west-3")
                assert os.environ["COGNITO_USER_POOL_ID"] == made.pool_id
                assert boto3.client("cognito-idp").describe_user_pool(UserPoolId=made.pool_id)
                return made

            @pytest.mark.parametrize("again", [1, 2])
            def test_it(pool, again):
                assert os.environ["COGNITO_USER_POOL_ID"] == pool.pool_id
                assert os.environ["AWS_REGION"] == "eu-west-3"
                assert pool.sign_in("alice")["AccessToken"]

            def test_beside_a_pool_of_the_test(pool, cognito_pool, cognito_client):
                assert os.environ["COGNITO_USER_POOL_ID"] == cognito_pool.pool_id != pool.pool_id
                assert cognito_pool.region == os.environ["AWS_REGION"] == "us-east-1"
        """)

        result.assert_outcomes(passed=3)

    def test_says_which_options_there_are(self, run: Callable[..., pytest.RunResult]) -> None:
        """An option that is none is an error in a sentence."""
        result = run("""
            def test_it(cognito_pool_factory):
                cognito_pool_factory(mfs="ON")
        """)

        result.assert_outcomes(failed=1)
        assert "cognito_pool has no mfs: there are" in result.stdout.str()


class TestMfa:
    """Codes of an authenticator app, and signing in whatever the pool asks for."""

    def test_codes_are_good_however_often(self, run: Callable[..., pytest.RunResult]) -> None:
        """Each code that `totp` gives is taken, five times in a row, and after the clock was moved."""
        result = run("""
            import pytest

            SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

            @pytest.mark.cognito_pool(mfa="ON", users=[{"Username": "alice", "SecretCode": SECRET}])
            def test_it(cognito_pool, cognito_client, cognito_clock):
                def sign_in():
                    asked = cognito_client.initiate_auth(
                        ClientId=cognito_pool.client_id,
                        AuthFlow="USER_PASSWORD_AUTH",
                        AuthParameters={
                            "USERNAME": "alice", "PASSWORD": cognito_pool.users["alice"].password
                        },
                    )
                    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
                    assert cognito_pool.totp("alice") == cognito_pool.totp("alice")
                    return cognito_client.respond_to_auth_challenge(
                        ClientId=cognito_pool.client_id,
                        ChallengeName="SOFTWARE_TOKEN_MFA",
                        Session=asked["Session"],
                        ChallengeResponses={
                            "USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": cognito_pool.totp("alice")
                        },
                    )

                for _ in range(5):
                    assert sign_in()["AuthenticationResult"]
                cognito_clock.advance(3600)
                assert sign_in()["AuthenticationResult"]

            @pytest.mark.cognito_pool(mfa="OPTIONAL", users=["alice"])
            def test_without_an_app(cognito_pool):
                with pytest.raises(LookupError, match="alice has no authenticator app: give"):
                    cognito_pool.totp("alice")
                with pytest.raises(LookupError, match="User bob is not in this pool, only alice."):
                    cognito_pool.totp("bob")
        """)

        result.assert_outcomes(passed=2)

    def test_secret_that_is_none(self, run: Callable[..., pytest.RunResult]) -> None:
        """A SecretCode that is no Base32, or in a pool without TOTP, is an error that names the user."""
        result = run("""
            import pytest

            @pytest.mark.cognito_pool(mfa="ON", users=[{"Username": "alice", "SecretCode": "short"}])
            def test_secret(cognito_pool): pass

            @pytest.mark.cognito_pool(users=[{"Username": "alice", "SecretCode": "A" * 32}])
            def test_pool(cognito_pool): pass
        """)

        result.assert_outcomes(errors=2)
        assert (
            "alice: SecretCode: it must be Base32 without padding, 26 letters or more" in result.stdout.str()
        )

    def test_sign_in_answers_what_is_asked(self, run: Callable[..., pytest.RunResult]) -> None:
        """An app is set up or used, a code that was sent is given, for clients of any flows."""
        result = run("""
            import pytest

            SRP = {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}

            @pytest.mark.cognito_pool(mfa="ON", client=SRP, client_secret=True, users=["alice"])
            def test_app(cognito_pool):
                for _ in range(3):
                    assert cognito_pool.sign_in("alice")["IdToken"]

            SES = {
                "EmailSendingAccount": "DEVELOPER",
                "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com",
            }

            @pytest.mark.cognito_pool(users=["alice"], pool={"EmailConfiguration": SES})
            def test_mail(cognito_pool, cognito_client):
                pool = {"UserPoolId": cognito_pool.pool_id}
                cognito_client.set_user_pool_mfa_config(
                    **pool, MfaConfiguration="ON", EmailMfaConfiguration={"Message": "{####}", "Subject": "s"}
                )
                assert cognito_pool.sign_in("alice")["IdToken"]

            def test_user_of_the_test(cognito_pool, cognito_client):
                user = {"UserPoolId": cognito_pool.pool_id, "Username": "carol"}
                cognito_client.admin_create_user(**user)
                cognito_client.admin_set_user_password(**user, Password="Other-Horse-2?", Permanent=True)
                token = cognito_pool.sign_in("carol")["AccessToken"]
                assert cognito_client.get_user(AccessToken=token)["Username"] == "carol"

            @pytest.mark.cognito_pool(users=["alice", "bob"])
            def test_nobody(cognito_pool):
                with pytest.raises(LookupError, match="User eve is not in this pool, only alice, bob."):
                    cognito_pool.sign_in("eve")

            @pytest.mark.cognito_pool(users=[{"Username": "alice", "Status": "UNCONFIRMED"}])
            def test_refused(cognito_pool, cognito_client):
                with pytest.raises(cognito_client.exceptions.ClientError, match="User is not confirmed."):
                    cognito_pool.sign_in("alice")
        """)

        result.assert_outcomes(passed=5)


class TestReport:
    """What a failed test shows."""

    def test_has_the_calls(self, run: Callable[..., pytest.RunResult]) -> None:
        """A line for each call of the test, secrets as labels; none of other tests and the plug-in."""
        result = run("""
            import pytest

            def call(client, pool, name):
                client.sign_up(
                    ClientId=pool.client_id,
                    Username=name,
                    Password="Correct-Horse-1!",
                    UserAttributes=[{"Name": "email", "Value": "a@example.com"}],
                )

            def test_before(cognito_pool, cognito_client):
                call(cognito_client, cognito_pool, "before")

            def test_it(cognito_pool, cognito_client):
                call(cognito_client, cognito_pool, "alice")
                call(cognito_client, cognito_pool, "alice")

            @pytest.mark.cognito_pool(users=["alice"])
            def test_without_calls(cognito_pool):
                raise AssertionError
        """)

        result.assert_outcomes(passed=1, failed=2)
        text = result.stdout.str()
        assert text.count("Cognito calls of this test") == 1
        shown = re.findall(
            r"^\w+ \S+ \d{3} .*", text.partition("Cognito calls of this test")[2], re.MULTILINE
        )
        sent = " (ms) Password=<password>, UserAttributes=[1]"
        assert [re.sub(r"\(\d+ ms\)", "(ms)", line) for line in shown] == [
            f"SignUp alice 200{sent}",
            f"SignUp alice 400 UsernameExistsException: User already exists{sent}",
        ]

    def test_is_plain_text(self, run: Callable[..., pytest.RunResult]) -> None:
        """Names with control characters don't reach the terminal as such."""
        result = run(r"""
            def test_it(cognito_pool, cognito_client):
                try:
                    cognito_client.admin_get_user(UserPoolId=cognito_pool.pool_id, Username="a\x1b[31m\u202e")
                finally:
                    raise AssertionError
        """)

        assert r"AdminGetUser a\x1b[31m\u202e 400" in result.stdout.str().partition("Cognito calls")[2]
