"""Every block of code in docs/client.md runs, from top to bottom, on the pool of this machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cognito_idp_actions
import signed_in_user
from local_cognito import LocalCognito
from test.support.client_pool import USER, Clock, make_client_pool, manual_names
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = (Path(__file__).resolve().parent.parent / "docs" / "client.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("secret", [False, True], ids=["no-secret", "secret"])
def test_every_block_runs_in_turn(
    lead_to: Callable[[str], None], capsys: pytest.CaptureFixture[str], *, secret: bool
) -> None:
    """In a pool that tracks devices, for a user with an authenticator app, each does what it says."""
    clock = Clock()
    with LocalCognito(clock=clock) as server:
        lead_to(server.url)
        pool = make_client_pool(server, clock, {}, secret=secret, mfa="ON", DeviceConfiguration=TRACKING)
        pool.add_user()
        names = manual_names(pool, pool.enrol())
        names |= {"client_secret": pool.secret, "jwks_url": pool.jwks_url}
        for block in BLOCKS:
            exec(compile(block, "docs/client.md", "exec"), names)

    assert capsys.readouterr().out == "alice@example.com\nalice\nalice\nAlice\n['alice@example.com']\n"
    assert names["user"]._is_signed_out
    assert names["device"].key == names["user"]._device_key


def test_every_method_and_error_that_is_named_is_there() -> None:
    """No name in the tables has gone."""
    wrapper = set(vars(cognito_idp_actions.CognitoIdentityProviderWrapper))
    user = {*vars(signed_in_user.SignedInUser), "answer_challenge"}

    assert set(re.findall(r"cognito\.(\w+)\(", TEXT)) <= wrapper
    assert set(re.findall(r"\buser\.(\w+)", TEXT)) <= user
    assert set(re.findall(r"SignedInUser\.(\w+)", TEXT)) <= user
    for error in re.findall(r"`(\w+Error|ChallengeRequired)`", TEXT):
        assert error == "ClientError" or hasattr(signed_in_user, error) or hasattr(cognito_idp_actions, error)


def test_every_error_is_in_the_table() -> None:
    """An error that a program may meet is explained."""
    errors = {
        name
        for name, thing in vars(signed_in_user).items()
        if isinstance(thing, type) and issubclass(thing, signed_in_user.SignedInUserError)
    }

    assert {error for error in errors if f"`{error}`" not in TEXT} == {"TokenError"}


def test_the_user_of_the_blocks_is_the_pools() -> None:
    """The blocks name the user that this test makes."""
    assert f'"{USER}"' in BLOCKS[0]
