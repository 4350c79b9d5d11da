"""What the routes of the server work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cognito.http.call_log import CallLog
    from local_cognito.http.origins import Visitors
    from local_cognito.rules.cognito import Cognito


@dataclass(frozen=True)
class Site:
    """One server.

    Attributes:
        cognito: the service whose API it speaks.
        visitors: whose requests are answered.
        calls: the latest calls of the API.
    """

    cognito: Cognito
    visitors: Visitors
    calls: CallLog
