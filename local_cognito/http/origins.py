"""Access by name and origin: the host names that this server answers to, and the web pages that may use it.

A browser sends a page's requests to whatever machine a name leads to, and names can be made to lead here
(DNS rebinding), so only known names are taken in a Host header. A page may use the API from another
origin (scheme, host and port) only where that origin is known, by the rules of CORS; what is for people
and tests alone, the mailbox first of all, it may not use at all.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Environ = dict[str, Any]

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what to listen at so that every address answers
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_LAST_PORT = 65535
_NAME = r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?"
_HOST = rf"(?P<host>{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])"
_PORT = r"(:(?P<port>[1-9][0-9]{0,4}))?"
_ONLY_HOST = re.compile(_HOST)
_WITH_PORT = re.compile(_HOST + _PORT)
_ORIGIN = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://" + _HOST + _PORT)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")
_MOST_HEADERS = 50
_REMEMBERED_SECONDS = 600  # that a browser may go by the answer to a preflight request
_READABLE = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"


@dataclass(frozen=True)
class Origin:
    """The origin of a page, as browsers write it: lower case, no default port."""

    scheme: str
    host: str
    port: str | None

    @property
    def is_loopback(self) -> bool:
        """Whether this machine serves the page, on whichever port."""
        return self.scheme in _DEFAULT_PORTS and self.host in LOOPBACK_NAMES


@dataclass(frozen=True)
class AccessPolicy:
    """Decides which requests are answered, by their Host and Origin headers.

    Attributes:
        hosts: what a Host header may name, beside `LOOPBACK_NAMES`; as `host_name` returns them.
        origins: the pages that may use the API, beside those of loopback names.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[Origin] = frozenset()

    def may_ask(self, environ: Environ) -> bool:
        """Tell whether the request names this server, in its Host header and in its URI if that has one."""
        uri = environ.get("REQUEST_URI", "/")
        _, is_absolute, rest = uri.partition("://")
        if is_absolute and uri[0] != "/" and not self._has_name(re.split(r"[/?#]", rest)[0]):
            return False
        return self._has_name(environ.get("HTTP_HOST", ""))

    def _has_name(self, given: str) -> bool:
        found = _split(_WITH_PORT, given)
        return found is not None and (found.host in LOOPBACK_NAMES or found.host in self.hosts)

    def may_use_api(self, environ: Environ) -> bool:
        """Tell whether the request is of no page, of one of our own, or of one that may use the API."""
        given = environ.get("HTTP_ORIGIN")
        if given is None:
            return True
        origin = _split(_ORIGIN, given)
        if origin is None:
            return False
        return origin.is_loopback or origin in self.origins or origin == _own(environ)

    def may_look_in(self, environ: Environ) -> bool:
        """Tell whether the request is of no page, or of one that this server itself has served."""
        given = environ.get("HTTP_ORIGIN")
        if given is not None and _split(_ORIGIN, given) != _own(environ):
            return False
        return environ.get("HTTP_SEC_FETCH_SITE", "none") in ("none", "same-origin")


def _own(environ: Environ) -> Origin | None:
    return _split(_ORIGIN, f"http://{environ.get('HTTP_HOST', '')}")


def is_navigation(environ: Environ) -> bool:
    """Tell whether a person follows a link in a browser: the page with the link sees no answer."""
    sent = (environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST"))
    return (
        sent == ("navigate", "document")
        and environ["REQUEST_METHOD"] == "GET"
        and "HTTP_ORIGIN" not in environ
    )


def is_preflight(environ: Environ) -> bool:
    """Tell whether a browser asks what a page may do, before the page may do it."""
    asks = "HTTP_ORIGIN" in environ and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return asks and environ["REQUEST_METHOD"] == "OPTIONS"


def permission(environ: Environ) -> dict[str, str]:
    """Return the headers that let the page read an answer; the caller knows that it may."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _READABLE,
        "Vary": "Origin",
    }


def preflight_permission(environ: Environ, methods: Iterable[str]) -> dict[str, str]:
    """Return the headers that allow the page's request; the caller has checked its origin."""
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "").split(",")[:_MOST_HEADERS]
    names = [name.strip() for name in asked if _HEADER_NAME.fullmatch(name.strip())]
    headers = {
        **permission(environ),
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Max-Age": str(_REMEMBERED_SECONDS),
    }
    if names:
        headers["Access-Control-Allow-Headers"] = ", ".join(names)
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers


def origin(text: str) -> Origin:
    """Return the origin that a page's address begins with.

    Raises:
        ValueError: it is none: it has a path, a wildcard, no scheme.
    """
    found = _split(_ORIGIN, text)
    if found is None:
        raise ValueError(
            f"{text!r} is not an origin: it must look like https://app.example or http://app.example:8080"
        )
    return found


def host_name(text: str) -> str:
    """Return a host name or IP address as `AccessPolicy.hosts` has it: lower case, IPv6 in brackets.

    Raises:
        ValueError: it is none, or an address that means every machine's.
    """
    bracketed = f"[{text}]" if ":" in text and not text.startswith("[") else text
    found = _split(_ONLY_HOST, bracketed)
    if found is None:
        raise ValueError(
            f"{text!r} is not a host name: it must be a name or an IP address, without scheme and port"
        )
    if found.host.strip("[]") in EVERY_ADDRESS:
        raise ValueError(f"{text!r} is the name of no machine: say what others call this one")
    return found.host


def is_loopback(host: str) -> bool:
    """Tell whether a server that listens at this host is reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_policy(host: str, allowed_hosts: Iterable[str], allow_origins: Iterable[str]) -> AccessPolicy:
    """Return the access policy of a server at `host`, beside loopback names.

    Args:
        host: the name or address that it listens at; requests may name it too.
        allowed_hosts: further names.
        allow_origins: origins of the pages that may use the API.

    Raises:
        ValueError: one of them is none; or other machines can reach the host, and no name is allowed.
    """
    if isinstance(allowed_hosts, str) or isinstance(allow_origins, str):
        raise ValueError("Allowed hosts and origins must be lists of names, not one text.")  # noqa: TRY004
    hosts = {host_name(name) for name in allowed_hosts}
    if not is_loopback(host) and not hosts:
        raise ValueError(
            f"Other machines can reach {host}: say what they call this one (--allowed-host, allowed_hosts)."
        )
    if host not in EVERY_ADDRESS:
        hosts.add(host_name(host))
    return AccessPolicy(frozenset(hosts), frozenset(origin(text) for text in allow_origins))


@lru_cache(maxsize=64)
def _split(pattern: re.Pattern[str], text: str) -> Origin | None:
    """Return the parts of an origin, or of a host and port, or None if it is none."""
    match = pattern.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    scheme, host, port = parts.get("scheme", "http").lower(), parts["host"].lower(), parts.get("port")
    if host.startswith("["):
        try:
            host = f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            return None
    if port is not None and int(port) > _LAST_PORT:
        return None
    return Origin(scheme, host, None if port == _DEFAULT_PORTS.get(scheme) else port)
