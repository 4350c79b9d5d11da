"""Running a scenario: the command line, the first words, and how the program ends.

`main` is the program. It is handed the scenario, and knows nothing of its steps.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import question
from program.answers import NobodyThereError
from program.background import BackgroundValue
from program.command_line import is_reading, parse_arguments
from program.endings import (
    flush_output,
    handling_signals,
    interrupted,
    stopped,
    stopped_by,
    stopped_by_system,
)
from program.observers import observing
from program.opening import welcome
from program.output_files import agree_to_write
from scenario.advice import STOPPING
from scenario.labels import Labels
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from contextlib import ExitStack

    from program.observers import CallObservers
    from program.outline import Outline
    from program.targets import Target


def main(outline: Outline, argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 stopped, 2 usage, 3 unknown, 130 Ctrl-C."""
    try:
        with handling_signals(), flush_output():
            arguments = parse_arguments(argv, outline.file, outline.what, outline.without)
            with plain_output() if arguments.plain else nullcontext():
                return start(outline, arguments)
    except KeyboardInterrupt:
        return interrupted()
    except STOPPING as error:
        return stopped_by(error)
    except NobodyThereError as error:
        return stopped(str(error), "Run it at a terminal, without --auto.")
    except OSError as error:
        return stopped_by_system(error)


def start(outline: Outline, arguments: argparse.Namespace) -> int:
    """Check the settings alone, or play the scenario; return the exit status."""
    for file in (arguments.diagram, arguments.trace_json, arguments.save_script):
        if file and not (arguments.auto or arguments.json or agree_to_write(file)):
            return stopped(f"{file} stays as it is.", "Name another file.")
    if not arguments.check:
        return play(outline, arguments)
    from program.checking import check  # noqa: PLC0415 - it loads boto3

    return check(outline, arguments)


@contextmanager
def plain_output() -> Iterator[None]:
    """Have everything shown as on a dumb terminal while the block lasts."""
    before = os.environ.get("TERM")
    os.environ["TERM"] = "dumb"
    try:
        yield
    finally:
        if before is None:
            del os.environ["TERM"]
        else:
            os.environ["TERM"] = before


def play(outline: Outline, arguments: argparse.Namespace) -> int:
    """Say what will happen and, while that is read, load what is heavy; then run the scenario."""
    terminal, labels = Terminal(), Labels()
    if not arguments.quiet:
        welcome(terminal, outline, arguments.user_pool_id)
    with observing(arguments, labels) as observers:
        opened = BackgroundValue(lambda: open_target(outline, arguments, observers))
        try:
            if is_reading(arguments):
                question.ask("Press Enter to begin", name="go_on")
        except BaseException:
            opened.give_up(lambda it: it[1].close())
            raise
        target, closing = opened.result()
        with closing:
            from program import playing  # noqa: PLC0415 - it was loaded in the background

            return playing.play_on(target, outline, arguments, terminal, labels, observers)


def open_target(
    outline: Outline, arguments: argparse.Namespace, observers: CallObservers
) -> tuple[Target, ExitStack]:
    """Load boto3 and the rest that the first words do without, and open the requested target."""
    from program import playing, targets  # noqa: F401, PLC0415

    return targets.open_target(outline, arguments, [observers.attach])
