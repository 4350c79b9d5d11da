"""The page for the browser's passkeys: the requests that it answers and refuses."""

from __future__ import annotations

import http.client
import json
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from scenario.passkey_page import NoCredentialError, PasskeyPage
from test.support.stage import output_of, quiet_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS = {"challenge": "AAAA", "rpId": "localhost", "timeout": 60_000}
CREDENTIAL = {"id": "AQID", "response": {"signature": "BAUG"}}


class Visit:
    """A page that is shown, and what a browser, or somebody else, sends there."""

    def __init__(self) -> None:
        self.terminal = quiet_terminal()
        self.outcome: Any = None
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        try:
            self.outcome = PasskeyPage(self.terminal).sign(json.dumps(OPTIONS | {"note": "</script>"}))
        except NoCredentialError as error:
            self.outcome = error

    @contextmanager
    def open(self) -> Iterator[None]:
        """Show the page, and let it bring its answer at the end of the block."""
        self._thread.start()
        while "http://localhost:" not in output_of(self.terminal):
            self._thread.join(0.01)
        found = re.search(r"http://\S+", output_of(self.terminal))
        assert found
        self.url = urlsplit(found[0])
        yield
        self._thread.join(10)
        assert not self._thread.is_alive()

    def send(self, answer: Any = None, path: str | None = None, **headers: str) -> tuple[int, str]:
        """Send a request as the page does, some headers changed; return status and content."""
        body = answer if isinstance(answer, str) else json.dumps(answer)
        own = {"Origin": f"http://{self.url.netloc}", "Content_Type": "application/json"}
        own |= {"Host": self.url.netloc} | headers
        connection = http.client.HTTPConnection("127.0.0.1", self.url.port or 0, timeout=10)
        connection.request(
            "GET" if answer is None else "POST",
            path or self.url.path,
            None if answer is None else body,
            {name.replace("_", "-"): value for name, value in own.items()},
        )
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text


@pytest.fixture
def visit() -> Visit:
    """Return a page that can be shown."""
    return Visit()


def test_first_answer_is_taken(visit: Visit) -> None:
    """The page has the options, and its answer is the credential."""
    with visit.open():
        status, page = visit.send()
        assert (status, visit.send(CREDENTIAL)[0]) == (200, 204)

    (options,) = re.findall(r'id="options">(.*?)</script>', page)
    assert json.loads(options) == OPTIONS | {"note": "</script>"}
    assert json.loads(visit.outcome) == CREDENTIAL
    with pytest.raises(OSError, match="refused"):
        visit.send()


def test_strangers_are_refused(visit: Visit) -> None:
    """Another name of this machine, another page, another path, another kind of content: nothing is taken."""
    with visit.open():
        assert visit.send(Host=f"127.0.0.1:{visit.url.port}")[0] == 403
        assert visit.send(CREDENTIAL, Host="evil.example")[0] == 403
        assert visit.send(CREDENTIAL, Origin="http://evil.example")[0] == 403
        assert visit.send(CREDENTIAL, Origin="null")[0] == 403
        assert visit.send(CREDENTIAL, Content_Type="text/plain")[0] == 403
        assert visit.send(path="/")[0] == 404
        assert visit.send(CREDENTIAL, path=f"{visit.url.path}x")[0] == 404
        assert visit.send("{")[0] == 400
        assert visit.send([])[0] == 400
        assert visit.send("{}", Content_Length="99999999")[0] == 400
        assert visit.send(CREDENTIAL)[0] == 204

    assert json.loads(visit.outcome) == CREDENTIAL


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "NotAllowedError"}, "The browser gave no passkey: NotAllowedError."),
        ({}, "The browser gave something that is not a passkey."),
        ({"id": 7, "response": {}}, "The browser gave something that is not a passkey."),
    ],
)
def test_what_is_no_passkey(visit: Visit, answer: Any, words: str) -> None:
    """The error names the browser's answer."""
    with visit.open():
        visit.send(answer)

    assert str(visit.outcome) == words
