"""Logs: a whole story on the local pool at DEBUG, and none of its secrets in any record."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from stage import STEP_SECONDS, Script, quiet_terminal, shown, wrong_totp

import scenario_signup_user_with_mfa as scenario
from connections import local_client
from local_cognito import LocalCognito
from stand_ins import Authenticator, Mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, EMAIL, PASSWORD, SHORT_PASSWORD = "alice", "alice@example.com", "Correct-Horse-1!", "Short1!"
LIBRARIES = ("botocore", "boto3", "urllib3")  # at DEBUG they log requests, which is their own business
# Fields of requests and answers that anybody may know; all others count as secret.
PUBLIC = {
    *("ClientId", "UserPoolId", "Username", "USERNAME", "USER_ID_FOR_SRP", "UserSub", "Name", "Value"),
    *("AuthFlow", "ChallengeName", "MFAS_CAN_SETUP", "Status", "UserStatus", "TokenType"),
    *("AttributeName", "DeliveryMedium", "Destination"),
}
# What the story must have sent or received, else the test would prove nothing.
EXPECTED = {
    *("Password", "PASSWORD", "SecretHash", "SECRET_HASH", "ConfirmationCode", "Session", "SecretCode"),
    *("UserCode", "SOFTWARE_TOKEN_MFA_CODE", "AccessToken", "IdToken", "RefreshToken", "SECRET_BLOCK"),
    *("PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "device password", "client secret"),
}


class Secrets:
    """Every secret of a run, by the name of its field."""

    def __init__(self) -> None:
        self.values: dict[str, set[str]] = {}

    def add(self, name: str, value: Any) -> None:
        """Remember a secret, or all that are in a request or an answer."""
        for inner_name, inner in value.items() if isinstance(value, dict) else ():
            if inner_name != "ResponseMetadata":
                self.add(inner_name, inner)
        for inner in value if isinstance(value, list) else ():
            self.add(name, inner)
        if isinstance(value, str) and name not in PUBLIC:
            self.values.setdefault(name, set()).add(value)

    def watch(self, client: Any) -> None:
        """Collect from every call of that client, apart from the texts of refusals."""
        events = client.meta.events
        events.register("provide-client-params.cognito-idp", lambda params, **_: self.add("", params))
        events.register(
            "after-call.cognito-idp", lambda parsed, **_: "Error" in parsed or self.add("", parsed)
        )


@pytest.fixture
def server() -> Iterator[LocalCognito]:
    """Run a local pool."""
    with LocalCognito() as running:
        yield running


class Phone(Authenticator):
    """An authenticator app that can also be misread."""

    def misread(self) -> str:
        """Return a wrong code."""
        return wrong_totp(self._totp.secret, int(time.time()) // STEP_SECONDS)


def clumsy_person(mailbox: Mailbox, phone: Phone) -> Script:
    """Return somebody who gets answers wrong before they are right, and types a password for a code."""
    return Script(
        user_name=[USER],
        email=["alice@example..com", EMAIL],
        password=[SHORT_PASSWORD, SHORT_PASSWORD, PASSWORD, PASSWORD],
        confirmation_code=[
            "12345678",
            f"my {PASSWORD}",
            "",
            lambda: mailbox.latest(EMAIL)["code"],
        ],
        set_up_code=[phone.misread, ""],
        mfa_code=[phone.misread, ""],
        forget_device=["y"],
        delete_user=["y"],
    )


def test_no_secret_is_logged(server, caplog, monkeypatch):
    """At DEBUG nothing that was sent or received, typed or made is in any record of the program's own."""
    caplog.set_level(logging.DEBUG)
    secrets, phone, mailbox, terminal = Secrets(), Phone(), Mailbox(server.url), quiet_terminal()
    pool = server.add_story_pool(client_secret=True)
    secrets.add("client secret", pool.client_secret)
    client = local_client(server.url, server.region)
    secrets.watch(client)
    confirm = scenario.CognitoIdentityProviderWrapper.confirm_mfa_device
    monkeypatch.setattr(
        scenario.CognitoIdentityProviderWrapper,
        "confirm_mfa_device",
        lambda self, *args: (secrets.add("device password", args[3]), confirm(self, *args))[1],
    )
    script = clumsy_person(mailbox, phone)

    scenario.run_scenario(
        client,
        pool.pool_id,
        pool.client_id,
        client_secret=pool.client_secret,
        ask=script,
        terminal=terminal,
        wait=lambda _seconds, _reason: False,
        mailbox=mailbox,
        authenticator=phone,
    )

    assert script.unused == {}
    assert shown(terminal).endswith(f"{USER} is deleted.")
    assert secrets.values.keys() >= EXPECTED
    assert {SHORT_PASSWORD, PASSWORD} <= secrets.values["Password"]
    assert f"my {PASSWORD}" in secrets.values["ConfirmationCode"]
    records = [record for record in caplog.records if record.name.split(".")[0] not in LIBRARIES]
    assert len([record for record in records if record.name == "cognito_idp_actions"]) == 6
    written = "\n".join(f"{logging.Formatter().format(record)} {record.args!r}" for record in records)
    leaked = {name for name, values in secrets.values.items() if any(value in written for value in values)}
    assert leaked == set()
