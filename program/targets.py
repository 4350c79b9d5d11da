"""Where a scenario runs: on a user pool in AWS, at another endpoint, or on a pool of its own here."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from program.clients import aws_client, local_client
from scenario.endpoint import is_aws
from scenario.stand_ins import Mailbox, is_local_pool
from scenario.state import WayToRemove

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from program.clients import Hook
    from program.outline import Outline

REMOVE_STACK = "aws --region {region} cloudformation delete-stack --stack-name {stack}"
NOTHING_STAYS = WayToRemove(
    "That pool is on this machine, and ends with the program: nothing has to be removed."
)


@dataclass(frozen=True)
class Target:
    """A user pool, and the place that serves it.

    Attributes:
        client: returns the boto3 client, once it has been made.
        user_pool_id: the user pool's ID.
        client_id: the app client's ID.
        url: where the calls go, as the client says.
        client_secret: the app client's secret, if known.
        is_local: whether a `local_cognito` answers there, which has a mailbox and a page.
        is_own: whether the pool was made for this run, and ends with it.
        way_to_remove: how to remove what a run makes.
        farewell: a sentence and a command to end with, where there are any.
    """

    client: Callable[[], CognitoIdentityProviderClient]
    user_pool_id: str
    client_id: str
    url: str
    client_secret: str | None = field(default=None, repr=False)
    is_local: bool = False
    is_own: bool = False
    way_to_remove: WayToRemove = NOTHING_STAYS
    farewell: tuple[str, str] | None = None

    @property
    def mailbox(self) -> Mailbox | None:
        """The mailbox of a `local_cognito`; the mail of other pools arrives elsewhere."""
        return Mailbox(self.url) if self.is_local else None

    @property
    def where(self) -> str:
        """The pool's region in AWS, or the address of another endpoint."""
        return (
            f"in AWS, region {self.user_pool_id.split('_', 1)[0]}" if is_aws(self.url) else f"at {self.url}"
        )


def open_target(
    outline: Outline, arguments: argparse.Namespace, hooks: Sequence[Hook]
) -> tuple[Target, ExitStack]:
    """Return the target that the command line asks for, and what closes it."""
    with ExitStack() as stack:
        return stack.enter_context(target_for(outline, arguments, hooks)), stack.pop_all()


def target_for(
    outline: Outline, arguments: argparse.Namespace, hooks: Sequence[Hook] = ()
) -> AbstractContextManager[Target]:
    """Return the target that the command line asks for.

    Args:
        outline: the scenario.
        arguments: the command line.
        hooks: what observes the client; each is handed it as soon as it is made.
    """
    return given_target(outline, arguments, hooks) if arguments.user_pool_id else own_target(outline, hooks)


@contextmanager
def given_target(outline: Outline, arguments: argparse.Namespace, hooks: Sequence[Hook]) -> Iterator[Target]:
    """Give the user pool that the command line names, where boto3's settings or `--endpoint` lead."""
    client = aws_client(arguments.user_pool_id, arguments.endpoint, hooks)
    url = client.meta.endpoint_url
    in_aws = is_aws(url)
    remove_stack = REMOVE_STACK.format(region=client.meta.region_name, stack=outline.stack)
    farewell = "If the pool came from the template, this removes it:", remove_stack
    yield Target(
        client=lambda: client,
        user_pool_id=arguments.user_pool_id,
        client_id=arguments.client_id,
        url=url,
        client_secret=os.environ.get("COGNITO_CLIENT_SECRET") or None,
        is_local=not in_aws and is_local_pool(url),
        way_to_remove=WayToRemove.by_aws_cli(arguments.user_pool_id, None if in_aws else url),
        farewell=farewell if in_aws and not arguments.auto else None,
    )


@contextmanager
def own_target(outline: Outline, hooks: Sequence[Hook]) -> Iterator[Target]:
    """Give a user pool on this machine; nothing of it is left afterwards."""
    from local_cognito import LocalCognito  # noqa: PLC0415 - elsewhere it need not be loaded

    with LocalCognito(seed=outline.seed) as server:
        pool = server.default_pool()
        client = cache(lambda: local_client(server.url, server.region, hooks))
        yield Target(client, pool.pool_id, pool.client_id, server.url, is_local=True, is_own=True)
