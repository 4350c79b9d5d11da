"""Leaks: a whole run with everything switched on that tells about it, and none of its secrets told."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest

import question
import scenario_sign_in_without_password as second_scenario
import scenario_signup_user_with_mfa as scenario
from cognito_idp_actions import CognitoIdentityProviderWrapper
from local_cognito import LocalCognito
from program import passwordless, targets
from program.clients import aws_client
from terminal import Terminal
from test.support.stage import STEP_SECONDS, Script, totp, wrong_totp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER, EMAIL, PASSWORD, SHORT_PASSWORD = "alice", "alice@example.com", "Correct-Horse-1!", "Short1!"
LIBRARIES = {"botocore", "urllib3"}
SETTINGS = ("DescribeUserPool", "GetUserPoolMfaConfig")
# Fields of requests and answers that anybody may know; all others count as secret.
PUBLIC = {
    *("ClientId", "UserPoolId", "Username", "USERNAME", "USER_ID_FOR_SRP", "UserSub", "Name", "Value"),
    *("AuthFlow", "ChallengeName", "MFAS_CAN_SETUP", "Status", "UserStatus", "TokenType"),
    *("AttributeName", "DeliveryMedium", "Destination"),
    *("DeviceKey", "DEVICE_KEY", "DeviceGroupKey", "TIMESTAMP"),
    *("PREFERRED_CHALLENGE", "AvailableChallenges", "ANSWER", "MFAS_CAN_CHOOSE", "CODE_DELIVERY_DESTINATION"),
    *("CODE_DELIVERY_DELIVERY_MEDIUM", "FRIENDLY_DEVICE_NAME"),
    # Of passkeys: settings, names, and the relying party; `id` is also the name of its member.
    *("id", "name", "displayName", "type", "residentKey", "userVerification", "authenticatorAttachment"),
    *("transports", "FriendlyCredentialName", "RelyingPartyId", "AuthenticatorTransports"),
    *("AuthenticatorAttachment",),
}
# What the run must have sent or received, else the test would prove nothing.
EXPECTED = {
    *("Password", "PASSWORD", "SecretHash", "SECRET_HASH", "ConfirmationCode", "Session", "SecretCode"),
    *("UserCode", "SOFTWARE_TOKEN_MFA_CODE", "AccessToken", "IdToken", "RefreshToken", "SECRET_BLOCK"),
    *("PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "device password", "client secret"),
}


class Secrets:
    """Every secret of a run, by the name of its field."""

    def __init__(self) -> None:
        self.values: dict[str, set[str]] = {}
        self.mails: list[str] = []  # the local pool's, which are shown in place of a mailbox

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
        """Collect from every call of that client, apart from settings and the texts of refusals."""
        client.meta.events.register("provide-client-params.cognito-idp", self._sent)
        client.meta.events.register("after-call.cognito-idp", self._received)

    def _sent(self, params: dict[str, Any], **_: Any) -> None:
        self.add("", params)

    def _received(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        if model.name == "DescribeUserPoolClient":
            self.add("client secret", parsed["UserPoolClient"].get("ClientSecret"))
        elif "Error" not in parsed and model.name not in SETTINGS:
            self.add("", parsed)


@pytest.fixture
def server() -> Iterator[LocalCognito]:
    """Run a local pool."""
    with LocalCognito() as running:
        yield running


def newest_code(server: LocalCognito, secrets: Secrets) -> str:
    """Return the newest code that was sent, and note the text around it."""
    message = server.outbox()[-1]
    secrets.mails.append(str(message["body"]))
    return str(message["code"])


def clumsy_person(server: LocalCognito, secrets: Secrets) -> Script:
    """Return a person who gets answers wrong before they are right, and types a password for a code."""
    step = int(time.time()) // STEP_SECONDS

    def key() -> str:
        (key,) = secrets.values["SecretCode"]
        return key

    return Script(
        user_name=[USER],
        email=["alice@example..com", EMAIL],
        password=[SHORT_PASSWORD, PASSWORD, PASSWORD],
        confirmation_code=["12345678", f"my {PASSWORD}", "", lambda: newest_code(server, secrets)],
        set_up_code=[lambda: wrong_totp(key(), step), lambda: totp(key(), step)],
        mfa_code=[lambda: wrong_totp(key(), step), lambda: totp(key(), step), lambda: totp(key(), step + 1)],
        forget_device=["y"],
        delete_user=["y"],
    )


def test_no_secret_is_anywhere(
    server: LocalCognito,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    temporary: Path,
    lead_to: Callable[..., None],
) -> None:
    """Nothing secret is on the screen, in trace, diagram or files, or in any logger's records at DEBUG."""
    pool, secrets = server.create_pool(client_secret=True), Secrets()
    script = clumsy_person(server, secrets)
    secrets.add("Password", SHORT_PASSWORD)  # which breaks the policy, and is never sent
    lead_to(server.url)
    let_watch(monkeypatch, secrets)
    monkeypatch.setattr(question, "ask", script)
    monkeypatch.setattr(Terminal, "wait", lambda *_: True)
    caplog.set_level(logging.DEBUG)
    diagram, lines, program = temporary / "run.md", temporary / "run.jsonl", temporary / "run.py"
    options = ["--trace", "--diagram", str(diagram), "--trace-json", str(lines), "--experiments"]
    options += ["--save-script", str(program)]

    status = scenario.main([pool.pool_id, pool.client_id, *options])

    screen, errors = capsys.readouterr()
    for mail in secrets.mails:
        screen = screen.replace(mail, "")
    assert (status, script.unused) == (0, {})
    assert f"{USER} is deleted." in screen
    assert "DeleteUser" in errors
    assert '"DeleteUser"' in lines.read_text()
    assert secrets.values.keys() >= EXPECTED
    assert secrets.values["client secret"] == {pool.client_secret}
    assert {SHORT_PASSWORD, PASSWORD} == secrets.values["Password"]
    assert f"my {PASSWORD}" in secrets.values["ConfirmationCode"]
    assert {record.name.split(".")[0] for record in caplog.records} >= LIBRARIES
    assert set(temporary.iterdir()) == {diagram, lines, program}
    written = {
        "screen": screen,
        "trace": errors,
        "diagram": diagram.read_text(),
        "lines": lines.read_text(),
        "program": program.read_text(),
        "logs": "\n".join(
            f"{logging.Formatter().format(record)} {record.args!r}" for record in caplog.records
        ),
    }
    assert leaks(secrets, written) == []


def leaks(secrets: Secrets, written: dict[str, str]) -> list[tuple[str, str]]:
    """Return where a secret is, and which."""
    return [
        (where, name)
        for where, text in written.items()
        for name, values in secrets.values.items()
        if any(value in text for value in values)
    ]


def test_no_secret_of_passkeys_is_anywhere(
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    temporary: Path,
) -> None:
    """The same goes for the second scenario: its codes, its sessions, and all that passkeys sign."""
    secrets = Secrets()
    let_watch(monkeypatch, secrets)
    caplog.set_level(logging.DEBUG)
    files = {name: temporary / f"run.{name}" for name in ("md", "jsonl", "py")}
    options = ["--trace", "--diagram", str(files["md"]), "--trace-json", str(files["jsonl"])]
    with LocalCognito(seed=passwordless.SEED) as server:
        pool = server.default_pool()
        script = two_factor_person(server, secrets)
        monkeypatch.setattr(question, "ask", script)
        monkeypatch.setattr(Terminal, "wait", lambda *_: True)
        options += ["--experiments", "--save-script", str(files["py"]), "--endpoint", server.url]

        status = second_scenario.main([pool.pool_id, pool.client_id, *options])

    screen, errors = capsys.readouterr()
    for mail in secrets.mails:
        screen = screen.replace(mail, "")
    assert (status, script.unused) == (0, {})
    assert secrets.values.keys() >= {"CREDENTIAL", "CREDENTIAL_REQUEST_OPTIONS", "challenge"}
    assert secrets.values.keys() >= {"attestationObject", "ProposedPassword", "EMAIL_OTP_CODE", "Session"}
    assert (
        leaks(
            secrets,
            {
                "screen": screen,
                "trace": errors,
                **{name: file.read_text() for name, file in files.items()},
                "logs": "\n".join(
                    f"{logging.Formatter().format(one)} {one.args!r}" for one in caplog.records
                ),
            },
        )
        == []
    )


def two_factor_person(server: LocalCognito, secrets: Secrets) -> Script:
    """Return a person who gets codes wrong before they are right, and uses an app of their own."""
    step = int(time.time()) // STEP_SECONDS

    def key() -> str:
        (key,) = secrets.values["SecretCode"]
        return key

    def code() -> str:
        return newest_code(server, secrets)

    return Script(
        email=[EMAIL],
        confirmation_code=[f"my {PASSWORD}", code],
        authenticator=["", ""],
        sent_code=["12345678", code],
        first_factor=["1"],
        password=[SHORT_PASSWORD, PASSWORD, PASSWORD],
        set_up_code=[lambda: totp(key(), step)],
        factor=[""],
        mfa_code=[lambda: wrong_totp(key(), step), lambda: totp(key(), step + 1)],
        delete_user=["y"],
    )


def let_watch(monkeypatch: pytest.MonkeyPatch, secrets: Secrets) -> None:
    """Collect every secret of the program's calls and of its device."""
    make_client, make_verifier = aws_client, CognitoIdentityProviderWrapper.device_verifier

    def watched_client(*arguments: Any) -> Any:
        client = make_client(*arguments)
        secrets.watch(client)
        return client

    def watched_verifier(self: CognitoIdentityProviderWrapper, *args: Any) -> Any:
        secrets.add("device password", args[3])
        return make_verifier(self, *args)

    monkeypatch.setattr(targets, "aws_client", watched_client)
    monkeypatch.setattr(CognitoIdentityProviderWrapper, "device_verifier", watched_verifier)
