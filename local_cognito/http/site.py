"""The site: the service, settings and state that the server's routes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.calls.log import CallLog
    from local_cognito.http.origins import AccessPolicy
    from local_cognito.model.wire import Response
    from local_cognito.rules.cognito import Cognito
    from local_cognito.runtime.clock import MovableClock
    from local_cognito.runtime.snapshots import Snapshots
    from local_cognito.triggers.running import Run


@dataclass(frozen=True)
class Site:
    """One server.

    Attributes:
        cognito: the service whose API it speaks.
        access: whose requests are answered.
        calls: the latest calls of the API.
        page: returns who answers the requests to a path of the page, by their method; see `page.views`.
        snapshots: the state, kept and brought back.
        clock: the pool's clock where `/clock` may move it.
        handle: answers one request to the API, see `actions.api.handle`.
        unavailable: answers one that can't be handled now, see `actions.api.unavailable`.
    """

    cognito: Cognito
    access: AccessPolicy
    calls: CallLog
    page: Callable[[str], dict[str, Callable[[dict[str, Any]], Response]]]
    snapshots: Snapshots
    clock: MovableClock | None
    handle: Callable[[Cognito, str, str | None, bytes, Run], Response]
    unavailable: Callable[[Cognito], Response]
