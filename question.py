"""Asking a person at a terminal, or taking one line of piped input for each question.

An answer goes through a chain of validators and is asked again, with the reason, until all of them accept it.
Hidden answers (passwords) are never shown. This module knows nothing of what the answers are for.
"""

from __future__ import annotations

import contextlib
import getpass
import hmac
import os
import re
import shutil
import signal
import sys
import textwrap
import threading
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

with contextlib.suppress(ImportError):  # it does not exist on every system
    import readline  # noqa: F401 - importing it gives input() its line editing

Validator = Callable[[Any], tuple[Any, str]]
"""Takes an answer, or what the validator before it returned, and returns `(value, complaint)`.

A value of None means refused, and the complaint says why; any other value, False too, is accepted.
A complaint never contains the answer: the answer may be a hidden one.
"""

_END_MARKS = (".", "?", "!", ":", ";", ">")
_ROOM_FOR_AN_ANSWER = 40  # columns, of the 80 that a terminal has at least


class Asker(Protocol):
    """The interface of `ask`: anything that answers questions, a person or an unattended stand-in."""

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Return the answer that every validator accepted; see `ask`."""


class EndOfInput(EOFError):  # noqa: N818 - a name that callers use
    """Input ended before a question was answered.

    Attributes:
        question: the question that has no answer, as it was asked.
        name: the short name of its answer, or None.
    """

    def __init__(self, question: str, name: str | None = None) -> None:
        super().__init__(f'The input ended before this question had an answer: "{question}"')
        self.question = question
        self.name = name


def ask(question: str, *validators: Validator, hidden: bool = False, name: str | None = None) -> Any:
    """Ask until every validator accepts, and return what the last of them returned.

    At a terminal the answer is typed. Otherwise each question, also one that is asked again, takes one line
    of standard input; the prompt is printed all the same, and so is a visible answer: the output reads as a
    transcript. Ctrl-C raises KeyboardInterrupt, with the cursor on a new line.

    Args:
        question: what to ask: without an end mark ("User name"), with one ("Go on?"), or a whole prompt with
            the space at its end ("User name: ").
        validators: applied in order, each to what the one before it returned.
        hidden: true for a secret: it is not shown, and nothing but the line end is stripped from it. Visible
            answers lose the white space around them.
        name: a short name for the answer, for askers that look answers up; `EndOfInput` carries it.

    Raises:
        EndOfInput: there was no more input.
    """
    while True:
        try:
            answer = _read(_prompt(question), hidden=hidden)
            answer.encode()  # refuses the surrogates that stand for bytes which are no text
        except EOFError:
            _show()
            raise EndOfInput(question, name) from None
        except KeyboardInterrupt:
            _show()
            raise
        except UnicodeError:
            complaint = "Some of that could not be read as text in this terminal's encoding."
        else:
            value, complaint = checked(answer, validators)
            if value is not None:
                return value
        _complain(complaint)


def ask_twice(
    question: str,
    *validators: Validator,
    again: str = "The same once more",
    ask: Asker = ask,
    name: str | None = None,
) -> str:
    """Ask for a new hidden answer and for its repetition, both again while the two differ.

    Args:
        question: what to ask first.
        validators: for the first answer; they may refuse it but not change it, as it has to be repeated.
        again: what to ask second.
        ask: who answers.
        name: a short name for the answer, passed with both questions.

    Raises:
        EndOfInput: there was no more input.
    """
    while True:
        first: str = ask(question, *validators, hidden=True, name=name)
        second = ask(again, hidden=True, name=name)
        value, complaint = same_as(first)(second)
        if value is not None:
            return first
        _complain(complaint)


def choose(
    question: str,
    choices: Sequence[str],
    ask: Asker = ask,
    name: str | None = None,
    default: str | None = None,
) -> str:
    """Print the choices as a numbered list and return the one that is picked, by number or by its text.

    A text that is itself one of the choices wins over a number. An empty answer picks the default, if there
    is one; the question says its number.

    Raises:
        ValueError: there are no choices.
        EndOfInput: there was no more input.
    """
    numbered = {str(number): choice for number, choice in enumerate(choices, start=1)}
    for number, choice in numbered.items():
        _show(f"  {number}) {choice}")

    is_choice = one_of(choices)

    def pick(answer: str) -> tuple[str | None, str]:
        text = answer or default or ""
        value, _ = is_choice(text if text in choices else numbered.get(text, text))
        return value, f"Answer a number from 1 to {len(choices)}, or one of: {', '.join(choices)}."

    if default is not None:
        question = f"{question} (Enter takes {choices.index(default) + 1})"
    picked: str = ask(question, pick, name=name)
    return picked


def checked(answer: str, validators: Sequence[Validator]) -> tuple[Any, str]:
    """Return what the last of the validators returned, or None and the complaint of the one that refused."""
    value: Any = answer
    for validator in validators:
        value, complaint = validator(value)
        if value is None:
            return None, complaint
    return value, ""


def non_empty(answer: str) -> tuple[str | None, str]:
    """Accept any answer that is not empty."""
    return answer or None, "An answer is needed here."


def printable(answer: str) -> tuple[str | None, str]:
    """Refuse control characters: in a hidden answer they are arrow keys and the like, pressed by mistake."""
    has_control = any(unicodedata.category(character) == "Cc" for character in answer)
    complaint = "There are control characters in that (from an arrow key, perhaps). Type it again."
    return (None if has_control else answer), complaint


def is_yesno(answer: str) -> tuple[bool | None, str]:
    """Turn y, yes, n or no, in upper or lower case, into True or False."""
    meanings = {"y": True, "yes": True, "n": False, "no": False}
    return meanings.get(answer.lower()), "Answer y (yes) or n (no)."


def is_int(answer: str) -> tuple[int | None, str]:
    """Turn a whole number in digits, as Python's `int` reads it, into that number."""
    try:
        return int(answer), ""
    except ValueError:
        return None, "Answer a whole number."


def is_float(answer: str) -> tuple[float | None, str]:
    """Turn a number, as Python's `float` reads it, into that number."""
    try:
        return float(answer), ""
    except ValueError:
        return None, "Answer a number."


def is_letter(answer: str) -> tuple[str | None, str]:
    """Accept letters alone, and return them in upper case."""
    return (answer.upper() if answer.isalpha() else None), "Answer a letter."


def in_range(lower: Any, upper: Any) -> Validator:
    """Make a validator that accepts what lies between two bounds, or is one of them.

    An answer is text: for numbers put `is_int` or `is_float` before this one.
    """
    return _accepting(lambda answer: lower <= answer <= upper, f"It must be between {lower} and {upper}.")


def re_match(pattern: str) -> Validator:
    """Make a validator that accepts what begins as a regular expression says, as `re.match` does.

    `matches` looks at the whole answer, and takes a complaint of its own.
    """
    return _accepting(re.compile(pattern).match, f"That does not match {pattern}.")


def matches(pattern: str, complaint: str) -> Validator:
    """Make a validator that accepts what a regular expression of `re` matches from beginning to end."""
    return _accepting(re.compile(pattern).fullmatch, complaint)


def one_of(choices: Sequence[str]) -> Validator:
    """Make a validator that accepts one of the choices, in any case, and returns it as it is spelled there.

    Raises:
        ValueError: there are no choices, so that no answer could ever be right.
    """
    if not choices:
        raise ValueError("There is nothing to choose from.")
    spellings = {choice.casefold(): choice for choice in choices}

    def validate(answer: str) -> tuple[str | None, str]:
        value = answer if answer in choices else spellings.get(answer.casefold())
        return value, f"Choose one of: {', '.join(choices)}."

    return validate


def same_as(first: str, complaint: str = "The two are not the same.") -> Validator:
    """Make a validator that accepts a repetition of a secret, compared in constant time."""
    expected = first.encode()
    return _accepting(lambda answer: hmac.compare_digest(answer.encode(), expected), complaint)


def _accepting(is_right: Callable[[Any], object], complaint: str) -> Validator:
    """Make a validator that accepts an answer as it is when that gives something true."""
    return lambda answer: (answer if is_right(answer) else None, complaint)


def _prompt(question: str) -> str:
    """Make a prompt of a question; one that ends in a space or in an end mark is a prompt already."""
    if question[-1:].isspace():
        return _showable(question)
    if question.endswith(_END_MARKS):
        return _showable(f"{question} ")
    if len(question) > _ROOM_FOR_AN_ANSWER:
        return _showable(f"{question}\n> ")
    return _showable(f"{question}: ")


def _read(prompt: str, *, hidden: bool) -> str:
    """Read one answer; raises EOFError when there is none."""
    if sys.stdin is None:  # the program was started with standard input closed
        raise EOFError
    if sys.stdin.isatty():
        return _read_keys(prompt, getpass.getpass) if hidden else _read_keys(prompt, input).strip()
    if hidden:
        return _read_hidden_line(prompt)
    answer = input(prompt).strip()
    _show(answer)
    return answer


class _StoppedError(Exception):
    """The program was stopped while an answer was typed (Ctrl-Z), or goes on; has the signal's number."""


def _read_keys(prompt: str, read: Callable[[str], str]) -> str:
    """Read an answer at the terminal; after Ctrl-Z and `fg` ask once more, a secret hidden as before.

    Shells set a terminal to show what is typed while they have it, and leave it so. Therefore what was typed
    is given up, the terminal is set back before the program stops, and hides again when it goes on.
    """
    while True:
        try:
            with _stops_raised():
                return read(prompt)
        except _StoppedError as stop:
            _show()
            if stop.args == (signal.SIGTSTP,):
                os.kill(os.getpid(), signal.SIGTSTP)  # stops here, and goes on from here


@contextlib.contextmanager
def _stops_raised() -> Iterator[None]:
    """Have signals that stop the program, or let it go on, raise an error while the block lasts."""
    is_main = threading.current_thread() is threading.main_thread()  # only that one gets signals
    names = [name for name in ("SIGTSTP", "SIGCONT") if hasattr(signal, name)] if is_main else []
    before = {number: signal.getsignal(number) for number in map(signal.Signals.__getitem__, names)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # a shell without job control
            signal.signal(number, _raise_stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise_stop(number: int, _frame: object) -> None:
    raise _StoppedError(number)


def _read_hidden_line(prompt: str) -> str:
    """Read a secret from piped input, where getpass would ask at the controlling terminal instead."""
    _show(prompt, end="")
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    _show("(hidden)")
    return line.removesuffix("\n")


def _complain(complaint: str) -> None:
    """Show a complaint about an answer; at a terminal, lines end between words."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    _show(textwrap.fill(complaint, width, break_on_hyphens=False))


def escaped(text: str) -> str:
    """Write control characters but line ends, and others that have no shape, as Python's escapes.

    Among these are what moves the cursor and what turns the direction of the text around it.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _showable(text: str) -> str:
    """Escape what does no good at a terminal, or can't be encoded: a question must not fail over a letter."""
    encoding = sys.stdout.encoding or "utf-8"
    return escaped(text).encode(encoding, errors="backslashreplace").decode(encoding)


def _show(text: str = "", end: str = "\n") -> None:
    print(_showable(text), end=end, flush=True)  # noqa: T201 - talking to the person is what this module is for
