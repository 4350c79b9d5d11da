"""A local web page that lets the browser use an authenticator: this computer, a phone, a security key.

A browser uses a passkey on pages of its relying party alone. This page is at `localhost`, and served to
loopback connections, under an address that nobody can guess, for one answer.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from cognito_idp_actions import SignInError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from terminal import Terminal

_LOOPBACK: Final = "127.0.0.1"
_NAME: Final = "localhost"  # WebAuthn knows no addresses, only names
_TOKEN_BYTES: Final = 32
_LONGEST_ANSWER: Final = 1 << 16  # bytes
_CONNECTION_SECONDS: Final = 5  # for a request to be there, whole
_LEAST_SECONDS, _MOST_SECONDS = 5, 900  # for a person to answer in, whatever the options say
_MILLISECONDS: Final = 1000
_MINUTE: Final = 60
_DOING: Final = {"create": "make a passkey", "get": "use your passkey"}
_POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Passkey for {domain}</title>
<link rel="icon" href="data:,">
<style nonce="{nonce}">
body {{ font: 1.1em/1.5 system-ui, sans-serif; margin: 4em auto; max-width: 34em; padding: 0 1em }}
button {{ font: inherit; padding: .5em 1.5em }}
</style>
<h1>Passkey for {domain}</h1>
<p>The scenario in your terminal asks you to {doing}.</p>
<p><button id="go">{button}</button></p>
<p id="said" role="status"></p>
<script type="application/json" id="options">{options}</script>
<script nonce="{nonce}">
const options = JSON.parse(document.getElementById("options").textContent);
const button = document.getElementById("go");
const said = document.getElementById("said");
const ceremonies = {{
  create: () => navigator.credentials.create(
    {{ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }}),
  get: () => navigator.credentials.get(
    {{ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }}),
}};
button.addEventListener("click", async () => {{
  button.disabled = true;
  let answer;
  try {{
    answer = (await ceremonies.{kind}()).toJSON();
  }} catch (error) {{
    answer = {{ error: error.name }};
  }}
  await fetch(location.href, {{
    method: "POST", headers: {{ "Content-Type": "application/json" }}, body: JSON.stringify(answer),
  }});
  said.textContent = answer.error
    ? `That did not work (${{answer.error}}). Go back to the terminal.`
    : "Done. Go back to the terminal; this page can be closed.";
}});
</script>
</html>
"""


class NoCredentialError(SignInError):
    """The browser returned no credential; the text says why."""


class PasskeyPage:
    """Asks the browser to create passkeys and to sign with them.

    Args:
        terminal: where the page's address is shown.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Create a passkey; return its RegistrationResponseJSON (WebAuthn Level 3, section 5.1).

        Args:
            options: CredentialCreationOptions of StartWebAuthnRegistration.

        Raises:
            NoCredentialError: the browser made none.
        """
        return self._ask("create", options, str(options["rp"]["id"]))

    def sign(self, options: str) -> str:
        """Sign a challenge; return the AuthenticationResponseJSON as text.

        Args:
            options: CREDENTIAL_REQUEST_OPTIONS of WEB_AUTHN.

        Raises:
            NoCredentialError: the browser gave none.
        """
        asked = json.loads(options)
        return json.dumps(self._ask("get", asked, str(asked["rpId"])))

    def _ask(self, kind: str, options: Mapping[str, Any], domain: str) -> dict[str, Any]:
        seconds = options.get("timeout", _MOST_SECONDS * _MILLISECONDS) / _MILLISECONDS
        seconds = min(max(seconds, _LEAST_SECONDS), _MOST_SECONDS)
        with _served(_Exchange(kind, options, domain)) as exchange:
            self._terminal.say(f"Open this page in a browser of this machine, within {_in_words(seconds)}:")
            self._terminal.copyable(exchange.url)
            try:
                with self._terminal.busy("Waiting for the browser"):
                    answer = exchange.answers.get(timeout=seconds)
            except Empty:
                raise NoCredentialError(f"The browser gave nothing within {_in_words(seconds)}.") from None
        if "error" in answer:
            raise NoCredentialError(f"The browser gave no passkey: {str(answer['error'])[:40]}.")
        if not (isinstance(answer.get("id"), str) and isinstance(answer.get("response"), dict)):
            raise NoCredentialError("The browser gave something that is not a passkey.")
        return answer


def _in_words(seconds: float) -> str:
    """Format a duration in seconds or minutes."""
    return f"{seconds:.0f} seconds" if seconds <= _MINUTE else f"{seconds / _MINUTE:.0f} minutes"


class _Exchange:
    """One served page and its single answer.

    Args:
        kind: `create` or `get`, of `navigator.credentials`.
        options: for the browser.
        domain: that the passkey is for.

    Attributes:
        port: that the page is served at.
        answers: gets the answer.
    """

    def __init__(self, kind: str, options: Mapping[str, Any], domain: str) -> None:
        self.answers: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.port = 0
        self._kind, self._options, self._domain = kind, options, domain
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._lock = threading.Lock()
        self._is_answered = False

    @property
    def url(self) -> str:
        """The URL of the page."""
        return f"http://{_NAME}:{self.port}/{self._token}"

    def is_at(self, path: str) -> bool:
        """Tell whether this is the page's path."""
        return hmac.compare_digest(path.encode(errors="replace"), f"/{self._token}".encode())

    def page(self, nonce: str) -> bytes:
        """Render the page; the options are escaped so that they cannot end their script element."""
        doing = _DOING[self._kind]
        options = json.dumps(self._options).replace("<", "\\u003c")
        domain = self._domain.replace("&", "&amp;").replace("<", "&lt;")
        return _PAGE.format(
            nonce=nonce,
            domain=domain,
            doing=doing,
            button=doing.capitalize(),
            options=options,
            kind=self._kind,
        ).encode(errors="replace")

    def take(self, answer: dict[str, Any]) -> bool:
        """Accept the first answer; return False for any later one."""
        with self._lock:
            is_first, self._is_answered = not self._is_answered, True
        if is_first:
            self.answers.put(answer)
        return is_first


@contextmanager
def _served(exchange: _Exchange) -> Iterator[_Exchange]:
    """Serve the page while the block lasts."""
    handler = type("Handler", (_Handler,), {"exchange": exchange})
    with ThreadingHTTPServer((_LOOPBACK, 0), handler) as server:
        server.daemon_threads = True
        exchange.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield exchange
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    """Handles requests of the page itself; other hosts and origins are refused."""

    exchange: _Exchange
    timeout = _CONNECTION_SECONDS
    server_version, sys_version = "passkey-page", ""

    def do_GET(self) -> None:
        """Serve the page."""
        if self._is_for_us():
            nonce = secrets.token_urlsafe(_TOKEN_BYTES)
            self._answer(HTTPStatus.OK, self.exchange.page(nonce), nonce)

    def do_POST(self) -> None:
        """Accept the credential that the page posts."""
        if not self._is_for_us():
            return
        length = self.headers.get("Content-Length", "")
        is_own = self.headers.get("Origin") == f"http://{_NAME}:{self.exchange.port}"
        if not is_own or self.headers.get("Content-Type") != "application/json":
            self._answer(HTTPStatus.FORBIDDEN)
        elif not (length.isascii() and length.isdigit() and int(length) <= _LONGEST_ANSWER):
            self._answer(HTTPStatus.BAD_REQUEST)
        else:
            self._take(self.rfile.read(int(length)))

    def _take(self, body: bytes) -> None:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            self._answer(HTTPStatus.BAD_REQUEST)
        else:
            self._answer(HTTPStatus.NO_CONTENT if self.exchange.take(answer) else HTTPStatus.GONE)

    def _is_for_us(self) -> bool:
        """Check host and path, against DNS rebinding and guessing; send the refusal when they are wrong."""
        if self.headers.get("Host") != f"{_NAME}:{self.exchange.port}":
            self._answer(HTTPStatus.FORBIDDEN)
        elif not self.exchange.is_at(self.path):
            self._answer(HTTPStatus.NOT_FOUND)
        else:
            return True
        return False

    def _answer(self, status: HTTPStatus, page: bytes = b"", nonce: str = "") -> None:
        self.send_response(status)
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(page)),
            "Content-Security-Policy": _POLICY.format(nonce=nonce),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Log nothing: the terminal belongs to the scenario."""
