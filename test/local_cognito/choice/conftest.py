"""Pools where users choose their first factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pools import ALL_FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}


def allowing(*factors: str) -> dict[str, Any]:
    """Return settings of CreateUserPool that allow these first factors."""
    return {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": list(factors)}}}


@pytest.fixture
def make_choice(make_pool: Callable[..., PoolDriver]) -> Callable[..., PoolDriver]:
    """Return the maker of pools that allow certain first factors, each with a client for USER_AUTH."""

    def make(
        *factors: str,
        settings: dict[str, Any] | None = None,
        mfa: dict[str, Any] | None = None,
        **client: Any,
    ) -> PoolDriver:
        flows = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
        return make_pool(allowing(*factors) | (settings or {}), mfa, flows | client)

    return make


@pytest.fixture
def pool(make_choice: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that allows passwords and codes by e-mail."""
    return make_choice("PASSWORD", "EMAIL_OTP")
