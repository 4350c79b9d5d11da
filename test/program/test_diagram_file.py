"""The file of the diagram: nothing is overwritten unasked at a terminal, and no link is followed."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from program.command_line import parse_arguments
from program.diagram_file import agree_to_write, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run_md(tmp_path: Path) -> Path:
    """Return a file that exists."""
    file = tmp_path / "run.md"
    file.write_text("mine")
    return file


@pytest.mark.parametrize("is_at_terminal", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_asks_before_it_overwrites(
    monkeypatch: pytest.MonkeyPatch, run_md: Path, *, is_at_terminal: bool, wanted: bool
) -> None:
    """A person at a terminal decides; input that is piped is for the story's own questions."""
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: is_at_terminal))

    def ask(question: str, *_: object) -> bool:
        asked.append(question)
        return wanted

    monkeypatch.setattr("question.ask", ask)

    assert agree_to_write(run_md) is (wanted or not is_at_terminal)
    assert asked == ([f"{run_md} exists. Overwrite it? (y/n)"] if is_at_terminal else [])
    assert agree_to_write(run_md.with_name("other.md")) is True


def test_what_was_there_is_replaced(run_md: Path) -> None:
    """The file has what is there to write when the block is left."""
    content = ["too early"]
    with write(run_md, lambda: content[0]):
        content[0] = "new"

    assert run_md.read_text() == "new"


def test_is_written_after_an_error_too(run_md: Path) -> None:
    """An error that ends the block goes on, and the file is written."""
    with pytest.raises(KeyboardInterrupt), write(run_md, lambda: "new"):
        raise KeyboardInterrupt

    assert run_md.read_text() == "new"


def test_error_of_the_block_is_the_one_that_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That the file can't be written either is said."""
    with pytest.raises(KeyboardInterrupt), write(tmp_path / "no" / "run.md", lambda: "new"):
        raise KeyboardInterrupt

    assert "run.md: No such file or directory." in "".join(capsys.readouterr().err.split("\n  "))


@pytest.mark.parametrize("option", ["--diagram", "--qr-image"])
def test_no_link_is_followed(
    tmp_path: Path, run_md: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """A link is refused with the command line, and once more if it appears only during the run."""
    link = tmp_path / "link.md"
    link.symlink_to(run_md)

    with pytest.raises(SystemExit) as end:
        parse_arguments([option, str(link)])
    with pytest.raises(OSError, match="symbolic links"), write(link, lambda: "new"):
        pass

    assert end.value.code == 2
    assert "can't be written" in capsys.readouterr().err
    assert run_md.read_text() == "mine"


def test_pipe_that_nobody_reads(tmp_path: Path) -> None:
    """It is an error, where writing to it would wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="No such device"), write(tmp_path / "pipe", lambda: "new"):
        pass
