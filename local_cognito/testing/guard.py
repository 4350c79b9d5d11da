"""Refuses requests of botocore's clients to Amazon Cognito itself, in a test run that has a pool of its own.

By the environment clients are led to the pool; this is for those that were made with an address or settings
of their own. A request that something else answers, such as moto or botocore's Stubber, is none.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_COGNITO = re.compile(r"cognito-idp(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|[a-z0-9.-]*api\.aws)")
_NOT_THE_USERS = frozenset({"boto3", "botocore", "aioboto3", "aiobotocore", "local_cognito", "contextlib"})


@contextmanager
def watching() -> Iterator[None]:
    """Watch every client of Cognito that a botocore session of the block makes."""
    if not find_spec("botocore"):
        yield
        return
    import botocore  # noqa: PLC0415 - needed only where the plug-in is used; it loads little

    botocore.register_initializer(_watch)
    yield
    botocore.unregister_initializer(_watch)


def _watch(session: Any) -> None:
    session.register("creating-client-class.cognito-idp", _add_guard)


def _add_guard(base_classes: list[type], **_: Any) -> None:
    made_at = _users_line()

    class Guarded:
        """A client that sends nothing to AWS."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            session = self._endpoint.http_session  # type: ignore[attr-defined]
            send = session.send

            def guarded_send(request: Any) -> Any:
                host = urlsplit(request.url).hostname or ""
                if _COGNITO.fullmatch(host):
                    pytest.fail(_refusal(request, host, made_at), pytrace=False)
                return send(request)

            session.send = guarded_send

    base_classes.insert(0, Guarded)


def _refusal(request: Any, host: str, made_at: str) -> str:
    target = request.headers.get("X-Amz-Target", b"")
    action = (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]
    return (
        f"{action or 'A request'} would have gone to AWS itself, to {host}. The client was made at {made_at} "
        "with an address or settings of its own. Made without them it would ask the local pool; "
        "cognito_guard = off in pytest's configuration lets such requests go."
    )


def _users_line() -> str:
    """Return the file and line, outside of SDKs, from which this was called."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - what the inspect module uses, which is slow to load
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _NOT_THE_USERS:
            file = frame.f_code.co_filename
            shown = os.path.relpath(file) if Path(file).is_relative_to(Path.cwd()) else file
            return f"{shown}:{frame.f_lineno}"
        frame = frame.f_back
    return "an unknown line"
