"""Following the calls of a run, as far as the command line asks for it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from program.diagram_file import write
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from program.trace import Trace


@contextmanager
def traced(arguments: argparse.Namespace) -> Iterator[Trace]:
    """Give a trace that shows calls if that is wanted, and write its diagram when the run is over."""
    from program.trace import Trace  # noqa: PLC0415 - it loads much of botocore

    trace = Trace(Terminal(stderr=True) if arguments.trace else None)
    with write(arguments.diagram, lambda: trace.diagram("The run")) if arguments.diagram else nullcontext():
        try:
            yield trace
        finally:
            trace.finish_pages()
