"""Pages of lists: opaque tokens for the next page, stable while the list changes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, TypeVar

from local_cognito.model import errors
from local_cognito.storage.tables import MOST_ROWS

if TYPE_CHECKING:
    from local_cognito.storage.tables import Match, Table

MOST = 60
Record = TypeVar("Record")


def page(
    table: Table[Record],
    limit: int | None,
    token: str | None,
    *matches: Match,
    next_page: str = "NextToken",
    bad_token: errors.Refusal = errors.BAD_PAGINATION_TOKEN,
    **equal: Any,
) -> tuple[list[Record], dict[str, str]]:
    """Return one page of a table, and the answer's token member if another page follows.

    Args:
        table: the records to list, in order of creation.
        limit: the size of the page; `MOST` without one, and with 0.
        token: the one that came with the page before; None for the first page.
        matches: further conditions on a record.
        next_page: the answer's member for the token of the next page.
        bad_token: the refusal of a token that was never issued.
        equal: fields and their values.

    Raises:
        CognitoError: InvalidParameterException for a token that was never given out.
    """
    after = _row_number(token, bad_token)
    records, last = table.page(*matches, after=after, limit=limit or MOST, **equal)
    return records, {} if last is None else {next_page: base64.urlsafe_b64encode(str(last).encode()).decode()}


def _row_number(token: str | None, refusal: errors.Refusal) -> int:
    if token is None:
        return 0
    try:
        number = int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise refusal() from None
    if number > MOST_ROWS:
        raise refusal()
    return number
