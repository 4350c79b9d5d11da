"""Where a scenario runs: on a user pool in AWS, or on one on this machine; and who goes through it."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import question
from cognito_idp_actions import CognitoIdentityProviderWrapper
from program.ahead import Ahead, later
from program.answers import PreparedAnswers, Unattended
from program.clients import aws_client, local_client
from program.command_line import is_attended, is_reading
from program.smoke_test import Visitor
from scenario.person import Person
from scenario.stand_ins import Authenticator, Mailbox
from scenario.state import WayToRemove
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import ModuleType

    from question import Asker

REMOVE_STACK = "aws --region {region} cloudformation delete-stack --stack-name sign-up-with-mfa"
NOTHING_STAYS = WayToRemove(
    "That pool is on this machine, and ends with the program: nothing has to be removed."
)


@dataclass(frozen=True)
class Place:
    """Where a scenario runs, and who goes through it.

    Attributes:
        cognito: the user pool and its app client.
        person: who goes through the scenario.
        way_to_remove: how to remove what it makes.
        aws_srp: the SRP helper.
        where: the pool's region, or the URL that it is at.
        is_new: whether the pool was made for this run, as the story needs it.
        farewell: a sentence and a command to end with, where there are any.
        visitor: the user of a smoke test, if it is one.
    """

    cognito: CognitoIdentityProviderWrapper
    person: Person
    way_to_remove: WayToRemove
    aws_srp: ModuleType
    where: str
    is_new: bool = False
    farewell: tuple[str, str] | None = None
    visitor: Visitor | None = None


def opened_place(arguments: argparse.Namespace) -> tuple[Place, ExitStack]:
    """Return the place that the command line asks for, and what closes it."""
    with ExitStack() as stack:
        return stack.enter_context(place_for(arguments)), stack.pop_all()


def place_for(arguments: argparse.Namespace) -> AbstractContextManager[Place]:
    """Return the place that the command line asks for."""
    return in_aws(arguments) if arguments.user_pool_id else on_this_machine(arguments)


@contextmanager
def in_aws(arguments: argparse.Namespace) -> Iterator[Place]:
    """Give the user pool in AWS that the command line names."""
    terminal = Terminal()
    client = aws_client(arguments.user_pool_id)
    region = client.meta.region_name
    secret = os.environ.get("COGNITO_CLIENT_SECRET") or None
    cognito = CognitoIdentityProviderWrapper(client, arguments.user_pool_id, arguments.client_id, secret)
    visitor = Visitor(arguments.answers["email"]) if arguments.auto and not arguments.check else None
    person = Person(
        terminal,
        prepared(arguments, terminal),
        is_attended=is_attended(arguments),
        is_reading=is_reading(arguments),
        is_quiet=arguments.quiet,
        shows_tokens=arguments.show_tokens,
        qr_image=arguments.qr_image,
    )
    farewell = "If the pool came from the template, this removes it:", REMOVE_STACK.format(region=region)
    yield Place(
        cognito,
        visitor.person(terminal, cognito, arguments.qr_image) if visitor else person,
        WayToRemove.by_aws_cli(arguments.user_pool_id),
        arguments.aws_srp,
        f"region {region}",
        farewell=None if visitor else farewell,
        visitor=visitor,
    )


@contextmanager
def on_this_machine(arguments: argparse.Namespace) -> Iterator[Place]:
    """Give a user pool on this machine; nothing of it is left afterwards."""
    from local_cognito import LocalCognito  # noqa: PLC0415 - against AWS it need not be loaded

    terminal = Terminal()
    with LocalCognito() as server:
        pool = server.create_pool()
        client = Ahead(lambda: local_client(server.url, server.region))
        yield Place(
            CognitoIdentityProviderWrapper(later(client.result), pool.pool_id, pool.client_id),
            person_on_this_machine(arguments, terminal, Mailbox(server.url)),
            NOTHING_STAYS,
            arguments.aws_srp,
            f"at {server.url}",
            is_new=True,
        )


def person_on_this_machine(arguments: argparse.Namespace, terminal: Terminal, mailbox: Mailbox) -> Person:
    """Return the person at the terminal or, with `--auto`, one who answers and waits for nothing."""
    if not arguments.auto:
        return Person(
            terminal,
            prepared(arguments, terminal),
            mailbox,
            Authenticator(),
            is_attended=is_attended(arguments),
            is_reading=is_reading(arguments),
            is_quiet=arguments.quiet,
            shows_tokens=arguments.show_tokens,
            qr_image=arguments.qr_image,
        )
    return Person(
        terminal,
        Unattended(terminal, mailbox),
        mailbox,
        Authenticator(),
        wait=lambda _seconds, _reason: False,
        is_attended=False,
        is_quiet=arguments.quiet,
        qr_image=arguments.qr_image,
    )


def prepared(arguments: argparse.Namespace, terminal: Terminal) -> Asker:
    """Return who answers: the person, apart from what a file and the environment answer already."""
    answers: dict[str, str] = dict(arguments.answers or {})
    if os.environ.get("COGNITO_PASSWORD"):
        answers["password"] = os.environ["COGNITO_PASSWORD"]
    return PreparedAnswers(question.ask, terminal, answers)
