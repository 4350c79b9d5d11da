"""A scenario as the program gets it: its steps, its entry point, and the settings that it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from program.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from program.answers import Answers
    from program.checks import Check
    from scenario.state import Scenario
    from scenario.steps import Step


@dataclass(frozen=True)
class Outline:
    """A scenario's description for the program. Defaults are those of the sign-up with MFA.

    Attributes:
        file: its source, which the user runs.
        what: its subject, in a sentence.
        steps: its steps, in their order.
        play: plays it; returns what of the run is left in the pool, in a sentence, or raises `STOPPING`.
        checks: the settings that it needs of a pool and its app client.
        seed: the pool that is made for a run on this machine; without it, the local pool's default.
        stack: the name of its template's stack in AWS.
        takes_here: time and tools that it takes on a local pool.
        takes_in_aws: the same in AWS.
        answers: of a run with nobody there, beside the usual ones, by the names of the questions.
        signs_in_by_mail: whether a run with nobody there has to read the mail, for codes to sign in with.
        without: options of the command line that mean nothing to it.
    """

    file: str
    what: str
    steps: Sequence[Step]
    play: Callable[[Scenario], str]
    checks: Sequence[Check] = CHECKS
    seed: Mapping[str, Any] | None = None
    stack: str = "sign-up-with-mfa"
    takes_here: str = "It takes five minutes and an authenticator app; Enter uses a built-in one."
    takes_in_aws: str = "It takes ten minutes, your mail and an authenticator app."
    answers: Answers = field(default_factory=dict)
    signs_in_by_mail: bool = False
    without: frozenset[str] = frozenset()
