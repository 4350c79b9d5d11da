"""Pages of lists: opaque tokens that lead to the next page, however the list changes meanwhile."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, TypeVar

from local_cognito.model import errors
from local_cognito.storage.tables import MOST_ROWS

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Request
    from local_cognito.storage.tables import Match, Table

MOST = 60
Record = TypeVar("Record")


def page(
    table: Table[Record],
    request: Request,
    *matches: Match,
    names: tuple[str, str] = ("Limit", "NextToken"),
    **equal: Any,
) -> tuple[list[Record], dict[str, str]]:
    """Return one page of a table, and the answer's token member if another page follows.

    Args:
        table: what is listed, in order of creation.
        request: what was asked for.
        matches: what else must hold of a record.
        names: what the request calls the size of a page and the token.
        equal: fields and what they must be.

    Raises:
        CognitoError: InvalidParameterException for a token that was never given out.
    """
    size_name, token_name = names
    limit = request.get(size_name) or MOST
    records, last = table.page(*matches, after=_row_number(request.get(token_name)), limit=limit, **equal)
    return records, {} if last is None else {
        token_name: base64.urlsafe_b64encode(str(last).encode()).decode()
    }


def _row_number(token: str | None) -> int:
    if token is None:
        return 0
    try:
        number = int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise errors.BAD_PAGINATION_TOKEN() from None
    if number > MOST_ROWS:
        raise errors.BAD_PAGINATION_TOKEN()
    return number
