"""Making pools through the API: the one maker that every test's pool comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TRACKING = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
TOTP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
REQUIRED_TOTP = {"MfaConfiguration": "ON"} | TOTP
# What a pool needs to send text messages, and codes of MFA by e-mail.
SMS = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}}
OWN_EMAIL = {
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/example.com",
    }
}
REFRESH = "ALLOW_REFRESH_TOKEN_AUTH"  # not for app clients that rotate refresh tokens
ALL_FLOWS = [
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    REFRESH,
]
# What the scenario needs: it proves devices by SRP, and passwords not.
STORY_FLOWS = [flow for flow in ALL_FLOWS if flow != "ALLOW_USER_SRP_AUTH"]


@dataclass(frozen=True)
class AppClient:
    """What a client has to know of a pool."""

    pool_id: str
    client_id: str
    client_secret: str | None


def make_pool(
    api: Any,
    settings: dict[str, Any] | None = None,
    mfa: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None,
) -> AppClient:
    """Make a pool that verifies e-mail addresses, and an app client of it for every flow.

    Args:
        api: a boto3 client.
        settings: of CreateUserPool, on top or instead.
        mfa: what SetUserPoolMfaConfig is called with, if anything.
        client: of CreateUserPoolClient, on top or instead.
    """
    given = {"PoolName": "test", "AutoVerifiedAttributes": ["email"]} | (settings or {})
    pool_id = api.create_user_pool(**given)["UserPool"]["Id"]
    if mfa:
        api.set_user_pool_mfa_config(UserPoolId=pool_id, **mfa)
    return make_client(api, pool_id, **client or {})


def make_client(api: Any, pool_id: str, **settings: Any) -> AppClient:
    """Make one more app client of a pool; `settings` are those of CreateUserPoolClient."""
    flows = (
        [flow for flow in ALL_FLOWS if flow != REFRESH] if "RefreshTokenRotation" in settings else ALL_FLOWS
    )
    given = {"ClientName": "app", "ExplicitAuthFlows": flows} | settings
    made = api.create_user_pool_client(UserPoolId=pool_id, **given)["UserPoolClient"]
    return AppClient(pool_id, made["ClientId"], made.get("ClientSecret"))
