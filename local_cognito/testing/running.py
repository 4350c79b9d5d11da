"""The server of a test run: its port is bound at once, and it starts with the first request or fixture.

A client that a module makes when it is imported finds the server there; a run that asks for nothing loads
nothing.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
import threading
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from local_cognito import LocalCognito, MovableClock

NEEDS_BOTO3 = 'This fixture makes its pools by boto3, an extra: pip install "local-cognito[boto3]".'
_HOST = "127.0.0.1"
_BACKLOG = 128
_PATIENCE = 60  # seconds


class RunningServer:
    """The server of this process, and what belongs to it.

    Attributes:
        url: where it is, whether it has started or not.
        region: of pools that are asked for without one.
        leading_region: the one that the environment names between tests.
        made_by_plugin: the calls of the plug-in itself, in ranges: the ID before them and the last.
    """

    def __init__(self, region: str) -> None:
        self.region = self.leading_region = region
        self.made_by_plugin: list[tuple[int, int]] = []
        self._listener = socket.create_server((_HOST, 0), backlog=_BACKLOG)
        self._port = self._listener.getsockname()[1]
        self.url = f"http://{_HOST}:{self._port}"
        self._starting = threading.Lock()
        self._started: LocalCognito | None = None
        self._clients: dict[tuple[int, str], Any] = {}
        self._ended, self._end = socket.socketpair()
        self._waiter = threading.Thread(
            target=self._start_when_asked, name="local_cognito start", daemon=True
        )
        self._waiter.start()

    def _start_when_asked(self) -> None:
        readable, _, _ = select.select([self._listener, self._ended], [], [])
        if self._listener in readable and self._ended not in readable:
            self.start()

    def start(self) -> LocalCognito:
        """Return the server, which is started if it does not run yet."""
        with self._starting:
            if self._started is None:
                from local_cognito import LocalCognito  # noqa: PLC0415 - needed only where it is used

                server = LocalCognito(clock=self.clock, region=self.region)
                self._started = server.start(self._listener)
            return self._started

    @property
    def has_started(self) -> bool:
        """Whether anybody has asked for it."""
        return self._started is not None

    @cached_property
    def clock(self) -> MovableClock:
        """The clock of the server."""
        from local_cognito import MovableClock  # noqa: PLC0415 - as the server

        return MovableClock()

    def restore_time(self) -> None:
        """Let the clock show the computer's time again."""
        if self._started is not None:
            self.clock.restore(0.0)

    def client(self, region: str | None = None) -> Any:
        """Return a boto3 client of this process for a region, without retries.

        A test that needs one where boto3 is not installed fails, and says how it is installed.
        """
        if not find_spec("boto3"):
            pytest.fail(NEEDS_BOTO3, pytrace=False)
        key = (os.getpid(), region or self.region)  # connections can't be shared with a forked process
        if key not in self._clients:
            from botocore.config import Config  # noqa: PLC0415 - as the server

            self._clients[key] = self.session().client(
                "cognito-idp",
                region_name=key[1],
                endpoint_url=self.url,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",  # noqa: S106 - made up
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self._clients[key]

    def session(self) -> Any:
        """Return a new boto3 session, which shares with others only what botocore reads of its own files.

        Reading these is most of what the first client of a session costs.
        """
        import boto3  # noqa: PLC0415 - as the server
        from botocore.session import Session  # noqa: PLC0415

        session = Session()
        session.register_component("data_loader", self._loader)
        made = boto3.Session(botocore_session=session)
        # boto3 adds its own folder, once more with each session.
        self._loader.search_paths[:] = dict.fromkeys(self._loader.search_paths)
        return made

    @cached_property
    def _loader(self) -> Any:
        from botocore.session import Session  # noqa: PLC0415 - as the server

        return Session().get_component("data_loader")

    def fetch(self, path: str) -> tuple[int, bytes]:
        """Return status and body of the answer to a GET request: by HTTP, as this may be a forked process."""
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=_PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, path: str) -> Any:
        """Return the JSON that the server answers to a GET request."""
        return json.loads(self.fetch(path)[1])

    def last_call(self) -> int:
        """Return the ID of the latest call of the API, 0 before the first."""
        return 0 if self._started is None else self._started.last_call()

    def calls_of_test(self, before: int) -> list[dict[str, Any]]:
        """Return the calls since the one of this ID, without those of the plug-in itself."""
        calls: list[dict[str, Any]] = self.ask(f"/calls?after={before}")
        return [
            call
            for call in calls
            if not any(first < call["id"] <= last for first, last in self.made_by_plugin)
        ]

    def stop(self) -> None:
        """End the server, or the waiting for a first request."""
        self._end.close()
        self._waiter.join()
        self._ended.close()
        if self._started is not None:
            self._started.stop()
        self._listener.close()
