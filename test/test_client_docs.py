"""The programs and blocks of docs/client.md run on the pool of this machine; its tables are complete."""

from __future__ import annotations

import getpass
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cognito_idp_actions
import signed_in_user
from local_cognito import LocalCognito
from test.support.client_pool import PASSWORD, USER, ClientPool, Clock, make_client_pool
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, flags=re.DOTALL | re.MULTILINE))


def block(section: str) -> str:
    """Return the code of a section."""
    (code,) = re.findall(r"```python\n(.*?)```", SECTIONS[section], flags=re.DOTALL)
    return str(code)


def run(section: str, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run the code of a section as a program, with these names given; return what it defines."""
    scope: dict[str, Any] = {"__name__": "program", **(names or {})}
    exec(compile(block(section), f"docs/client.md, {section}", "exec"), scope)
    return scope


@pytest.fixture(params=[False, True], ids=["no-secret", "secret"])
def pool(
    request: pytest.FixtureRequest,
    lead_to: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[ClientPool]:
    """Give a pool that tracks devices and requires TOTP; the environment leads programs to it."""
    clock = Clock()
    with LocalCognito(clock=clock) as server:
        lead_to(server.url)
        made = make_client_pool(
            server, clock, {}, secret=request.param, mfa="ON", DeviceConfiguration=TRACKING
        )
        made.add_user()
        monkeypatch.setenv("USER_POOL_ID", made.id)
        monkeypatch.setenv("CLIENT_ID", made.client_id)
        monkeypatch.setenv("JWKS_URL", made.jwks_url)
        monkeypatch.setenv("API_URL", f"{server.url}/outbox")
        monkeypatch.setenv("HOME", str(tmp_path))
        if made.secret:
            monkeypatch.setenv("CLIENT_SECRET", made.secret)
        yield made


def test_a_command(
    pool: ClientPool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run sets up MFA and asks; the second one asks nothing, and sends nothing to Cognito."""
    shown: list[str] = []

    def answer(prompt: str) -> str:
        shown.append(prompt)
        if prompt == "User name: ":
            return USER
        return pool.code(capsys.readouterr().out.split()[-1])

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr(getpass, "getpass", lambda: PASSWORD)
    run("A command")
    asked_first = len(shown)
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked again"))
    run("A command")

    assert (shown, asked_first) == (["User name: ", "MFA_SETUP: "], 2)
    assert capsys.readouterr().out == f"{USER} 200\n{USER} 200\n"


def test_a_web_service(pool: ClientPool) -> None:
    """Password, codes and profile are requests of one browser; a wrong code is not the end."""
    app = pool.enrol()
    browser = run("A web service")["app"].test_client()
    nobody = browser.get("/profile")

    wrong = browser.post("/sign-in", json={"user_name": USER, "password": "Wrong-Horse-1!"})
    asked = browser.post("/sign-in", json={"user_name": USER, "password": PASSWORD})
    mistyped = browser.post("/answer", json={"value": "000000"})
    answered = browser.post("/answer", json={"value": pool.code(app)})
    profile = browser.get("/profile")

    assert (wrong.status_code, wrong.json) == (401, {"error": "NotAuthorizedException"})
    assert (asked.status_code, asked.json) == (202, {"challenge": "SOFTWARE_TOKEN_MFA"})
    assert (nobody.status_code, mistyped.json) == (401, {"error": "CodeMismatchException"})
    assert answered.json == {"user_name": USER}
    assert profile.json["profile"]["email"] == "alice@example.com"


def test_an_api_that_verifies(pool: ClientPool) -> None:
    """A good token, none, anything, and one that lacks the scope."""
    api = run("An API that verifies")["app"].test_client()
    token = sign_in(pool).access_token

    def status(value: str) -> int:
        return int(api.get("/me", headers={"Authorization": value}).status_code)

    assert api.get("/me", headers={"Authorization": f"Bearer {token}"}).json == {"user_name": USER}
    assert [status(value) for value in ("", "Bearer \u00ff", f"Bearer {token}x")] == [401, 401, 401]


def test_asyncio(
    pool: ClientPool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fifty users of kept tokens, which are renewed first, call an API."""
    user = sign_in(pool)
    user.remember_device()
    kept = {"refresh_token": user.refresh_token, "device_key": user.to_dict()["device_key"]}
    monkeypatch.setenv("KEPT_TOKENS", json.dumps([kept] * 50))
    run("asyncio")

    assert capsys.readouterr().out == "50 {200}\n"


def test_the_sections_below(pool: ClientPool, capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens, devices and the account, in turn, with what the text takes as given."""
    first = sign_in(pool)
    first.remember_device()
    names = run(
        "Tokens",
        {
            "cognito": pool.wrapper(),
            "refresh_token": first.refresh_token,
            "device_key": first.to_dict()["device_key"],
        },
    )
    assert names["stored"] == names["user"].to_dict()
    names = run("Devices", {**names, "user": first, "password": PASSWORD})
    run("Manage the account", names)

    assert capsys.readouterr().out == "alice\nAlice\n['alice@example.com']\n"
    with pytest.raises(signed_in_user.SignInOverError):
        _ = names["user"].access_token


def sign_in(pool: ClientPool) -> signed_in_user.SignedInUser:
    """Sign in, and set an authenticator app up."""
    return signed_in_user.SignedInUser.sign_in(
        pool.wrapper(), USER, PASSWORD, answer_challenge=lambda asked: pool.code(asked.secret_code or "")
    )


def test_every_block_is_run_here() -> None:
    """No code in the manual is untested."""
    with_code = {name for name, text in SECTIONS.items() if "```python" in text}

    assert with_code == {
        *("A command", "A web service", "An API that verifies", "asyncio"),
        *("Tokens", "Devices", "Manage the account"),
    }


def test_the_programs_are_typed(tmp_path: Path) -> None:
    """Mypy --strict has nothing to say about them."""
    for section in ("A command", "A web service", "An API that verifies", "asyncio"):
        (tmp_path / f"{section.replace(' ', '_').lower()}_program.py").write_text(block(section))
    mypy = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
    options = ["--cache-dir", str(tmp_path / "cache"), *map(str, tmp_path.glob("*.py"))]

    done = subprocess.run([*mypy, *options], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("Success"), done.stdout


def test_every_method_and_error_that_is_named_is_there() -> None:
    """No name in the tables has gone."""
    wrapper = set(vars(cognito_idp_actions.CognitoIdentityProviderWrapper))
    user = {*vars(signed_in_user.SignedInUser), "answer_challenge"}

    assert set(re.findall(r"cognito\.(\w+)\(", TEXT)) <= wrapper
    assert set(re.findall(r"(?<![.\w])user\.(\w+)", TEXT)) <= user
    assert set(re.findall(r"SignedInUser\.(\w+)", TEXT)) <= user
    for error in re.findall(r"`(\w+Error|ChallengeRequired)`", TEXT):
        assert error == "ClientError" or hasattr(signed_in_user, error) or hasattr(cognito_idp_actions, error)


def test_every_error_is_in_the_table() -> None:
    """An error that a program may meet is explained."""
    errors = {name for name in signed_in_user.__all__ if name.endswith("Error")}

    assert {error for error in errors if f"`{error}`" not in TEXT} == {"TokenError"}


def test_every_method_of_pycognito_is_in_the_table() -> None:
    """Who comes from there finds each public method of its `Cognito`, or its gap."""
    import pycognito  # noqa: PLC0415 - it is slow to load

    table = SECTIONS["Coming from pycognito"]
    methods = {name for name in vars(pycognito.Cognito) if not name.startswith("_")}
    properties = {name for name, thing in vars(pycognito.Cognito).items() if isinstance(thing, property)}

    assert {name for name in methods - properties if name not in table} == set()
