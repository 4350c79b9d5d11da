"""The surroundings of a scenario that is run by a call of Python, on a client that exists already."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from scenario.answer_shape import install_answer_checks
from scenario.attended_wrapper import AttendedWrapper
from scenario.authenticator_app import AuthenticatorApp
from scenario.display import CallDisplay
from scenario.labels import Labels
from scenario.mode import Mode
from scenario.person import Person
from scenario.pool_facts import PoolFacts
from scenario.state import Scenario, WayToRemove

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from typing_extensions import Unpack

    from scenario.stand_ins import Authenticator, Mailbox
    from scenario.steps import Step


class Options(TypedDict, total=False):
    """Whatever has a default.

    Attributes:
        client_secret: the app client's secret, if it has one.
        person: who plays the scenario; by default the person at this terminal.
        mode: how it is played.
        mailbox: has the messages that were sent, where they can be read.
        authenticator: fills in empty answers to MFA prompts.
        way_to_remove: how to remove the user; by default the AWS CLI's command.
        pool_facts: known settings of the pool; without them Cognito refuses invalid answers.
    """

    client_secret: str | None
    person: Person
    mode: Mode
    mailbox: Mailbox | None
    authenticator: Authenticator | None
    way_to_remove: WayToRemove
    pool_facts: PoolFacts


def surroundings(
    cognito_idp_client: CognitoIdentityProviderClient,
    user_pool_id: str,
    client_id: str,
    *,
    steps: Sequence[Step],
    aws_srp: ModuleType,
    **options: Unpack[Options],
) -> Scenario:
    """Return the surroundings; answers of the client are checked from now on.

    Args:
        cognito_idp_client: a boto3 client for `cognito-idp`.
        user_pool_id: the user pool's ID.
        client_id: the app client's ID.
        steps: of the scenario.
        aws_srp: the SRP helper.
        **options: see `Options`.
    """
    person, mode, labels = options.get("person") or Person(), options.get("mode") or Mode(), Labels()
    install_answer_checks(cognito_idp_client)
    cognito = AttendedWrapper(
        cognito_idp_client,
        user_pool_id,
        client_id,
        options.get("client_secret"),
        person=person,
        is_attended=mode.is_attended,
        display=CallDisplay(person.terminal, labels, is_quiet=mode.is_quiet),
    )
    return Scenario(
        connect=lambda: cognito,
        person=person,
        app=AuthenticatorApp(person, options.get("authenticator"), mode.qr_image),
        aws_srp=aws_srp,
        way_to_remove=options.get("way_to_remove") or WayToRemove.by_aws_cli(user_pool_id),
        steps=len(steps),
        mailbox=options.get("mailbox"),
        mode=mode,
        labels=labels,
        pool_facts=lambda: options.get("pool_facts") or PoolFacts(),
    )
