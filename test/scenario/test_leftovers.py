"""The clean-up, and what is said to exist when a person leaves before it."""

from __future__ import annotations

import errno
import io
import json
import os
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

import scenario_signup_user_with_mfa as scenario
from question import EndOfInput
from scenario.leftovers import show_what_exists
from scenario.state import Account, UserState, WayToRemove
from terminal import Terminal
from test.support.scenario_calls import (
    CODE,
    CONFIRMED,
    DEVICE,
    ENROLLED,
    LIST,
    MFA_CODE,
    NAME_TAKEN,
    PASSWORD,
    SIGNED_IN,
    SIGNED_UP,
    THE_END,
    TOKEN_EXPIRED,
    USER,
    TimedPerson,
    answers,
    asks_code,
    confirm,
    confirm_device,
    delete,
    forget,
    look_up,
    mfa,
    password,
    renew,
    response,
    sign_up,
    tokens,
    tracked,
)
from test.support.stubbed_calls import (
    CLIENT_ID,
    DEVICE_KEY,
    POOL_ID,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.scenario_calls import Stage


COMMAND = (
    "To remove the user (to go on instead, run this again with the same user name): "
    "aws --region eu-west-1 cognito-idp admin-delete-user --cli-input-json "
    f'\'{{"UserPoolId": "{POOL_ID}", "Username": "{USER}"}}\''
)


class TestCleanUp:
    """Step 9."""

    def before(self, stage: Stage) -> None:
        """Queue everything up to it."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(), *tracked(), renew())

    def test_both(self, stage: Stage) -> None:
        """Device and user are removed with the access token, and nothing is said to stay."""
        self.before(stage)
        stage.queue(forget(), delete())

        screen = stage.run(answers())

        assert "✓ The device is forgotten" in screen
        assert screen.endswith(f"✓ {USER} is deleted.")
        assert "admin-delete-user" not in screen

    def test_neither(self, stage: Stage) -> None:
        """What stays is named, with the command that removes it."""
        self.before(stage)

        screen = stage.run(answers(forget_device=["n"], delete_user=["n"]))

        assert screen.endswith(
            f"→ In the pool by now: the user {USER} (confirmed), the device {DEVICE_KEY}. → {COMMAND}"
        )

    def test_device_alone(self, stage: Stage) -> None:
        """A device that is forgotten is not among what stays."""
        self.before(stage)
        stage.queue(forget())

        screen = stage.run(answers(delete_user=["n"]))

        assert f"In the pool by now: the user {USER} (confirmed). " in screen

    @pytest.mark.parametrize(
        ("device", "user", "left"),
        [
            ("y", "y", "Nothing of this run is left in the pool."),
            ("n", "y", "Nothing of this run is left in the pool."),
            ("y", "n", f"Left in the pool: the user {USER} (confirmed)."),
            ("n", "n", f"Left in the pool: the user {USER} (confirmed) and the device {DEVICE_KEY}."),
        ],
    )
    def test_says_what_is_left(self, stage: Stage, device: str, user: str, left: str) -> None:
        """The scenario returns what stays; the devices of a user go with the user."""
        self.before(stage)
        stage.queue(*([forget()] if device == "y" else []), *([delete()] if user == "y" else []))
        script = answers(forget_device=[device], delete_user=[user])
        person = TimedPerson(stage.terminal, script, stage.waits)

        assert scenario.run_scenario(stage.client, POOL_ID, CLIENT_ID, person=person) == left

    def test_gone_already(self, stage: Stage) -> None:
        """What a lost attempt, or another user, removed meanwhile is removed: that is no error."""
        self.before(stage)
        stage.refuse(forget(), "ResourceNotFoundException", "Device does not exist.")
        stage.refuse(delete(), "UserNotFoundException", "User does not exist.")

        assert stage.run(answers()).endswith(f"{USER} is deleted.")

    def test_sign_in_that_expired(self, stage: Stage) -> None:
        """A person who took a long time signs in again by itself, and the new token is used for both."""
        self.before(stage)
        stage.refuse(forget(), *TOKEN_EXPIRED)
        stage.queue(password(asks_code(8)))
        new = "another-access-token"
        stage.queue(
            response("SOFTWARE_TOKEN_MFA", 8, tokens(access_token=new), SOFTWARE_TOKEN_MFA_CODE=MFA_CODE)
        )
        stage.queue(forget(new), delete(new))

        screen = stage.run(answers(mfa_code=[MFA_CODE] * 2))

        assert "→ The sign-in has expired; signing in again." in screen
        assert screen.endswith(f"{USER} is deleted.")

    def test_user_of_before(self, stage: Stage) -> None:
        """A user who was there before is not offered without that being said."""
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(look_up("CONFIRMED"), LIST, *SIGNED_IN, *DEVICE[:-2], forget())
        script = answers(existing_user=["1"], password=[PASSWORD, PASSWORD, ""], delete_user=["n"])

        screen = stage.run(script)

        assert f"Delete the user {USER}, who was there before this run? (y/N)" in script.questions
        assert "(confirmed, who was there before this run)" in screen


def leave() -> None:
    """Stand where an answer would."""
    raise KeyboardInterrupt


class TestLeaving:
    """Ctrl-C, the end of input and refusals: what exists in the pool is said."""

    def run(
        self, stage: Stage, error: type[ClientError | KeyboardInterrupt | EndOfInput], **changed: Any
    ) -> str:
        """Run a scenario that a person leaves, and return what the screen shows in the end."""
        with pytest.raises(error):
            stage.run(answers(**changed))
        return stage.shown.partition("→ In the pool by now: ")[2]

    def test_before_anything(self, stage: Stage) -> None:
        """Nothing exists before the sign-up, and that is said."""
        with pytest.raises(KeyboardInterrupt):
            stage.run(answers(email=[leave]))

        assert stage.shown.endswith("→ Nothing of this run exists in the pool.")

    def test_after_a_refused_sign_up(self, stage: Stage) -> None:
        """A sign-up that was refused has made nothing."""
        stage.refuse(sign_up(), *THE_END)

        with pytest.raises(ClientError):
            stage.run(answers())

        assert stage.shown.endswith("→ Nothing of this run exists in the pool.")

    @pytest.mark.parametrize(("answer", "error"), [([leave], KeyboardInterrupt), ([], EndOfInput)])
    def test_before_the_confirmation(
        self, stage: Stage, answer: list[Callable[..., Any]], error: type[KeyboardInterrupt | EndOfInput]
    ) -> None:
        """The user is named with its state, and how to remove it."""
        stage.queue(sign_up())

        assert (
            self.run(stage, error, confirmation_code=answer)
            == f"the user {USER} (not confirmed). → {COMMAND}"
        )

    def test_while_signing_up(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        """A person who leaves while the answer is still out may have a user, and is told so."""
        monkeypatch.setattr(stage.client, "sign_up", lambda **_: leave())

        assert self.run(stage, KeyboardInterrupt).startswith(f"the user {USER} (perhaps signed up). ")

    def test_after_the_confirmation(self, stage: Stage) -> None:
        """A confirmed user is called that."""
        stage.queue(sign_up(), confirm(), *CONFIRMED)
        stage.refuse(LIST, *THE_END)

        assert self.run(stage, ClientError).startswith(f"the user {USER} (confirmed). ")

    def test_with_a_device(self, stage: Stage) -> None:
        """A device that was confirmed is named too."""
        stage.queue(*SIGNED_UP, *ENROLLED, SIGNED_IN[0], mfa(), confirm_device())
        stage.refuse(tracked()[0], *THE_END)

        assert self.run(stage, ClientError).startswith(
            f"the user {USER} (confirmed), the device {DEVICE_KEY}. "
        )

    def test_with_a_device_that_is_not_remembered(self, stage: Stage) -> None:
        """A device exists from its confirmation on, whatever the person says to its being remembered."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(must_agree=True))

        last = self.run(stage, KeyboardInterrupt, remember_device=[leave])

        assert last.startswith(f"the user {USER} (confirmed), the device {DEVICE_KEY}. ")

    def test_command_of_a_strange_name(self, stage: Stage) -> None:
        """A name that means something to a shell is quoted in the command."""
        stage.queue(sign_up("al;ice"))

        last = self.run(stage, KeyboardInterrupt, user_name=["al;ice"], confirmation_code=[leave])

        assert last.endswith("""'{"UserPoolId": "eu-west-1_AbCdEf123", "Username": "al;ice"}'""")

    @pytest.mark.parametrize("name", ["file:///etc/passwd", "-x", "a'b; $(reboot)", '"}', "fileb://x", "!!"])
    def test_command_of_a_hostile_name(self, name: str) -> None:
        """Whatever an endpoint calls the user, the shell and the AWS CLI take it for a name alone."""
        make = WayToRemove.by_aws_cli(POOL_ID, "http://127.0.0.1:1/'; reboot").command
        assert make

        words = shlex.split(make(name))

        assert words[:5] == ["aws", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:1/'; reboot"]
        assert words[5:8] == ["cognito-idp", "admin-delete-user", "--cli-input-json"]
        assert json.loads(words[8]) == {"UserPoolId": POOL_ID, "Username": name}
        assert len(words) == 9

    def test_name_that_would_be_cut_off(self, stage: Stage) -> None:
        """A name that is longer than any of Cognito's, from an endpoint, makes no command to paste."""
        account = Account(user_name="x" * 5000, state=UserState.CONFIRMED)
        way = WayToRemove.by_aws_cli(POOL_ID)

        surroundings: Any = SimpleNamespace(terminal=stage.terminal, way_to_remove=way)
        show_what_exists(surroundings, account)

        assert "No command is shown" in stage.shown
        assert "admin-delete-user" not in stage.shown

    def test_other_ways_to_remove(self, stage: Stage) -> None:
        """Where the pool ends with the program, that is said in place of a command."""
        stage.queue(sign_up())

        with pytest.raises(KeyboardInterrupt):
            stage.run(
                answers(confirmation_code=[leave]), way_to_remove=WayToRemove("It ends with the program.")
            )

        assert stage.shown.endswith("(not confirmed). → It ends with the program.")


class _Disk(io.StringIO):
    """An output that is full from some moment on."""

    is_full = False

    def write(self, text: str) -> int:
        """Write, or have no space for it."""
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(text)


@pytest.mark.parametrize("way", [OSError, SystemExit, RuntimeError, KeyboardInterrupt])
def test_every_way_out(stage: Stage, capsys: pytest.CaptureFixture[str], way: type[BaseException]) -> None:
    """What exists is said whatever ends the scenario; on standard error when the output is gone."""
    disk = _Disk()
    stage.terminal = Terminal(Console(file=disk, width=200, color_system=None))

    def leave() -> str:
        if way is not OSError:
            raise way
        disk.is_full = True
        return CODE

    stage.queue(sign_up())

    with pytest.raises(way):
        stage.run(answers(confirmation_code=[leave]))

    said = capsys.readouterr().err if way is OSError else disk.getvalue()
    assert f"In the pool by now: the user {USER} (" in said
    assert "admin-delete-user" in said
