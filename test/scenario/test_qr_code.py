"""QR codes: they scan from what was printed and saved, and a viewer gets nothing of the terminal."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pexpect
import pytest
import zxingcpp
from PIL import Image
from rich.console import Console

from scenario.qr_code import draw_qr_code, open_image, save_qr_image
from terminal import Terminal
from test.support.pseudo_terminal import in_terminal
from test.support.screen import DARK, LIGHT, cells, pixels, scan
from test.support.terminals import ENVIRONMENT, URI, Screen, make_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import Popen

    from test.support.terminals import Colours


pytestmark = pytest.mark.usefixtures("plain_environment")


class TestQrCode:
    """QR codes, read back from what was written to the terminal."""

    @pytest.mark.parametrize("background", [DARK, LIGHT])
    @pytest.mark.parametrize("colours", ["standard", "256", "truecolor"])
    @pytest.mark.parametrize("encoding", ["utf-8", "cp437", "ascii"])
    def test_coloured_code_scans_on_any_background(
        self, encoding: str, colours: Colours, background: int
    ) -> None:
        """With colours it is dark on light on every background, in half blocks and in spaces."""
        terminal, screen = make_terminal(encoding, colours, width=120)

        assert draw_qr_code(terminal, URI) is True

        assert scan(pixels(screen.shown, background), background) == URI

    @pytest.mark.parametrize("colours", ["standard", "256", "truecolor"])
    @pytest.mark.parametrize(("encoding", "module"), [("utf-8", 1), ("ascii", 2)])
    def test_quiet_zone_is_complete_and_white(self, encoding: str, module: int, colours: Colours) -> None:
        """Four modules on each side are white by themselves, no cell is left to the terminal's colours."""
        terminal, screen = make_terminal(encoding, colours, width=120)

        draw_qr_code(terminal, URI)

        picture = pixels(screen.shown, DARK)
        edge = 4 * module
        inside = picture[edge:-edge, edge:-edge]
        assert np.array_equal(pixels(screen.shown, DARK), pixels(screen.shown, LIGHT))
        assert (np.pad(inside, edge, constant_values=255)[: len(picture)] == picture).all()
        assert (inside[0, : 7 * module] == 0).all()
        assert set(np.unique(picture)) == {0, 255}

    def test_blocks_without_colour_scan_on_dark_and_inverted_on_light(self) -> None:
        """Without colours light modules are drawn: right on a dark background, a negative on a light one."""
        terminal, screen = make_terminal()

        assert draw_qr_code(terminal, URI) is True

        hint, _, code = screen.shown.partition("\n")
        assert scan(pixels(code.rstrip(), DARK), DARK) == URI
        assert scan(pixels(code.rstrip(), LIGHT), LIGHT) == ""
        assert scan(pixels(code.rstrip(), LIGHT), LIGHT, inverted=True) == URI
        assert "dark background" in hint

    def test_no_color_is_respected(self) -> None:
        """With NO_COLOR the code comes without any escape sequence."""
        screen = Screen()
        console = Console(
            file=screen, width=80, height=50, force_terminal=True, color_system="256", no_color=True
        )

        assert draw_qr_code(Terminal(console), URI) is True

        code = screen.shown.splitlines()[1:]
        assert "\x1b[3" not in screen.shown
        assert "\x1b[4" not in screen.shown
        assert scan(pixels("\n".join(code), DARK), DARK) == URI

    @pytest.mark.parametrize(
        ("encoding", "colours", "width", "drawn"),
        [
            ("utf-8", "256", 45, True),
            ("utf-8", "256", 44, False),
            ("utf-8", None, 44, False),
            ("ascii", "256", 90, True),
            ("ascii", "256", 89, False),
            ("ascii", None, 200, False),
        ],
    )
    def test_what_would_not_scan_is_not_drawn(
        self, encoding: str, colours: Colours | None, width: int, drawn: bool
    ) -> None:
        """Too narrow, or with neither colours nor blocks, a sentence says so instead of a broken code."""
        terminal, screen = make_terminal(encoding, colours, width=width)

        assert draw_qr_code(terminal, URI) is drawn

        assert ("use the text instead" in " ".join(screen.shown.split())) is not drawn

    def test_an_otpauth_uri_fits_80_by_24(self) -> None:
        """The code of a usual URI leaves a line free on 80 by 24, and nothing is said about its height."""
        terminal, screen = make_terminal(colours="256", height=24)

        draw_qr_code(terminal, URI)

        assert len(screen.shown.splitlines()) == 23
        assert max(len(list(cells(line))) for line in screen.shown.splitlines()) == 45

    def test_a_window_too_low_is_noticed(self) -> None:
        """When the code is higher than the window, a sentence above it says how high it is."""
        terminal, screen = make_terminal(colours="256", height=20)

        draw_qr_code(terminal, URI)

        assert "The QR code takes 21 lines and one for the prompt" in screen.shown

    @pytest.mark.parametrize("height", [20, 24])
    def test_a_window_too_low_for_a_reader(self, height: int) -> None:
        """Who reads screen by screen is given time to make the window higher; else no code is drawn."""
        terminal, screen = make_terminal(colours="256", height=20)
        terminal.pause_when_full(lambda: setattr(terminal.console, "height", height))

        is_drawn = draw_qr_code(terminal, URI)

        assert is_drawn is (height == 24)
        assert len(screen.shown.splitlines()) == (23 if is_drawn else 2)


class TestQrImage:
    """The image file."""

    def test_image_scans(self, tmp_path: Path) -> None:
        """The image reads back as the same URI and has a white border of four modules."""
        save_qr_image(URI, tmp_path / "code.png")

        with Image.open(tmp_path / "code.png") as image:
            grey = np.array(image.convert("L"))
        code = zxingcpp.read_barcode(grey, try_invert=False)
        assert code
        assert code.text == URI
        assert grey.shape[0] >= 300
        assert (grey[:40] == 255).all()
        assert (grey[:, :40] == 255).all()

    def test_image_is_the_owners_alone_from_the_start(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file is created with mode 0600, also with an umask of 0, so nobody has a moment to open it."""
        modes = []
        real_open = os.open

        def noted_open(path: str, flags: int, mode: int) -> int:
            modes.append(mode)
            return real_open(path, flags, mode)

        monkeypatch.setattr(os, "open", noted_open)
        before = os.umask(0)
        try:
            save_qr_image(URI, tmp_path / "code.png")
        finally:
            os.umask(before)

        assert modes == [0o600]
        assert stat.S_IMODE((tmp_path / "code.png").stat().st_mode) == 0o600

    @pytest.mark.parametrize("kind", ["file", "link"])
    def test_nothing_is_overwritten(self, tmp_path: Path, kind: str) -> None:
        """A file or a link that is there already is left alone."""
        target = tmp_path / "target"
        target.write_text("mine")
        path = target
        if kind == "link":
            path = tmp_path / "link"
            path.symlink_to(target)

        with pytest.raises(FileExistsError):
            save_qr_image(URI, path)
        assert target.read_text() == "mine"


class TestOpenImage:
    """The desktop's viewer, stood in for by a script."""

    @pytest.fixture
    def desktop(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        """Make a desktop on which xdg-open is the given shell script."""
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")

        def install(script: str) -> None:
            (tmp_path / "xdg-open").write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / "xdg-open").chmod(0o700)

        return install

    @pytest.mark.parametrize(("status", "opened"), [(0, True), (3, False)])
    def test_tells_whether_it_could(
        self, desktop: Callable[..., None], tmp_path: Path, status: int, opened: bool
    ) -> None:
        """The opener gets the path as its one argument, and its exit status is the answer."""
        desktop(f'printf "%s|" "$#" "$1" > "{tmp_path}/called"\nexit {status}')

        assert open_image(tmp_path / "a code.png") is opened
        assert (tmp_path / "called").read_text() == f"1|{tmp_path}/a code.png|"

    def test_viewer_that_stays_counts_as_opened(
        self, desktop: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An opener that lasts as long as its window doesn't hold the program up."""
        desktop("exit 1")
        limits = []

        def wait(_process: Popen[bytes], timeout: int) -> None:
            limits.append(timeout)
            raise subprocess.TimeoutExpired("xdg-open", timeout)

        real_wait = subprocess.Popen.wait
        started = []
        real_init: Any = subprocess.Popen.__init__

        def remember(process: Popen[bytes], *arguments: Any, **options: Any) -> None:
            started.append(process)
            real_init(process, *arguments, **options)

        monkeypatch.setattr(subprocess.Popen, "__init__", remember)
        monkeypatch.setattr(subprocess.Popen, "wait", wait)

        assert open_image("code.png") is True
        assert limits == [2]
        real_wait(started[0])

    @pytest.mark.parametrize("missing", ["screen", "opener"])
    def test_without_a_desktop_nothing_is_started(
        self, desktop: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
    ) -> None:
        """No display, or nothing to open images with: False at once, and no process."""
        desktop("exit 0")
        if missing == "screen":
            monkeypatch.delenv("DISPLAY")
            monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        else:
            monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        monkeypatch.setattr(subprocess, "Popen", None)

        assert open_image("code.png") is False

    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_viewer_cannot_use_this_terminal(self, desktop: Callable[..., None], tmp_path: Path) -> None:
        """A text browser that some systems start instead could neither read nor write at the prompt."""
        desktop(
            "[ -t 0 ] && exit 3\necho INTRUDER\necho INTRUDER >&2\n"
            "{ echo INTRUDER > /dev/tty; } 2> /dev/null\nexit 0"
        )
        child = in_terminal(
            *(
                sys.executable,
                "-c",
                "from scenario.qr_code import open_image; print('opened', open_image('code.png'))",
            ),
            environment=ENVIRONMENT | {"DISPLAY": ":0", "PATH": f"{tmp_path}:{os.defpath}"},
        )

        child.expect(pexpect.EOF)

        assert child.before == "opened True\r\n"

    def test_viewer_gets_no_secret(
        self, desktop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A viewer knows the display and the language, and neither passwords nor keys."""
        for name in ("COGNITO_PASSWORD", "COGNITO_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY", "MY_TOKEN"):
            monkeypatch.setenv(name, "nobody-may-see-this")
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        desktop(f'env > "{tmp_path}/environment"')

        assert open_image("code.png") is True

        environment = (tmp_path / "environment").read_text()
        assert {"DISPLAY=:0", "LC_ALL=C.UTF-8"} <= set(environment.splitlines())
        assert "nobody-may-see-this" not in environment
