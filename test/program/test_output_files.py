"""Files that the program writes: nothing is overwritten unasked at a terminal, and no link is followed."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from program.command_line import parse_arguments
from program.output_files import LineFile, agree_to_write, lines_written, write


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
    """A person at a terminal decides; input that is piped is for the scenario's own questions."""
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: is_at_terminal))

    def ask(question: str, *_: object, name: str) -> bool:
        asked.append(question)
        return wanted

    monkeypatch.setattr("question.ask", ask)

    assert agree_to_write(run_md) is (wanted or not is_at_terminal)
    assert asked == ([f"{run_md} exists. Overwrite it? (y/N)"] if is_at_terminal else [])
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


@pytest.mark.parametrize("option", ["--diagram", "--qr-image", "--trace-json", "--save-script"])
def test_no_link_is_followed(
    tmp_path: Path, run_md: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """A link is refused with the command line, and once more if it appears only during the run."""
    link = tmp_path / "link.png"
    link.symlink_to(run_md)

    with pytest.raises(SystemExit) as end:
        parse_arguments([option, str(link)])
    with pytest.raises(OSError, match="symbolic links"), write(link, lambda: "new"):
        pass
    with pytest.raises(OSError, match="symbolic links"), lines_written(link):
        pass

    assert end.value.code == 2
    assert "can't be written" in capsys.readouterr().err
    assert run_md.read_text() == "mine"


def test_pipe_that_nobody_reads(tmp_path: Path) -> None:
    """It is an error, where writing to it would wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="No such device"), write(tmp_path / "pipe", lambda: "new"):
        pass


class TestLines:
    """A file of lines."""

    def test_each_line_is_there_at_once(self, run_md: Path) -> None:
        """A line can be read as soon as it is written, by the file's owner alone; what was there is gone."""
        run_md.chmod(0o644)

        with lines_written(run_md) as file:
            file.write("one")
            file.write("two, ü")
            assert run_md.read_text(encoding="utf-8") == "one\ntwo, ü\n"
            assert run_md.stat().st_mode & 0o777 == 0o600

    def test_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Half a line is taken back, no more are written, and at the end that is an error with the name."""
        write_all = os.write

        def write_half(file: int, data: bytes) -> int:
            if data.startswith(b"two"):
                return write_all(file, data[:2])
            if data.startswith(b"o\n"):
                raise OSError(errno.ENOSPC, "No space left on device")
            return write_all(file, data)

        monkeypatch.setattr(os, "write", write_half)

        file = LineFile(tmp_path / "run.jsonl")
        for line in ("one", "two", "three"):
            file.write(line)
        with pytest.raises(OSError, match=r"No space left .*run\.jsonl"):
            file.close()

        assert (tmp_path / "run.jsonl").read_text() == "one\n"

    def test_error_of_the_block_is_the_one_that_goes_on(self, capsys: pytest.CaptureFixture[str]) -> None:
        """That lines could not be written either is said; a device that has no room can't be cut."""
        with ExitStack() as stack:
            stack.enter_context(pytest.raises(KeyboardInterrupt))
            stack.enter_context(lines_written(Path("/dev/full"))).write("one")
            raise KeyboardInterrupt

        assert "/dev/full: No space left on device." in capsys.readouterr().err
