"""How a scenario is played: which output it shows, which questions it asks. A mode never changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Experiments(Enum):
    """Whether calls that Cognito refuses are tried."""

    NONE = "none"
    OFFERED = "offered"
    ALL = "all"


@dataclass(frozen=True)
class Mode:
    """How a scenario is played.

    Attributes:
        is_attended: whether questions that only come up when something goes wrong can be answered.
        is_reading: whether output waits for the person to press Enter when the screen is full.
        is_quiet: whether steps are not explained, and calls not shown.
        shows_tokens: whether the person may see the access token whole.
        experiments: whether calls that Cognito refuses are tried.
        reads_mail: whether anybody reads the mail with the confirmation code.
        qr_image: where the QR code's image is kept; without a path it is gone once it has been used.
    """

    is_attended: bool = True
    is_reading: bool = False
    is_quiet: bool = False
    shows_tokens: bool = False
    experiments: Experiments = Experiments.NONE
    reads_mail: bool = True
    qr_image: Path | None = None
