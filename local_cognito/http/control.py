"""Routes for the programs that test with a pool: what Cognito itself has not."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from local_cognito.model.wire import Response
from local_cognito.runtime.environment import endpoint_variables, id_variables
from local_cognito.runtime.snapshots import NoSnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.http.site import Site

    Environ = dict[str, Any]

_PARAMETERS = {
    "since": re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII),
    "after": re.compile(r"[0-9]{1,18}", re.ASCII),
    "pool": re.compile(r"(?s).+"),
    "user": re.compile(r"(?s).+"),
}


def handlers(site: Site, path: str) -> dict[str, Callable[[Environ], Response]]:
    """Return who answers the requests to `path`, by their method; nobody where it is none of these routes."""
    if path == "/calls":
        return {"GET": partial(_calls, site)}
    if path == "/snapshot":
        return {"POST": partial(_save, site)}
    if path == "/restore":
        return {"POST": partial(_restore, site)}
    if path == "/environment":
        return {"GET": partial(_environment, site)}
    return {}


def _save(site: Site, _: Environ) -> Response:
    try:
        site.snapshots.save()
    except OSError as error:
        return _refusal(f"The snapshot can't be written: {error}", HTTPStatus.INTERNAL_SERVER_ERROR)
    return Response(HTTPStatus.NO_CONTENT, b"")


def _restore(site: Site, _: Environ) -> Response:
    try:
        site.snapshots.restore()
    except NoSnapshotError as error:
        return _refusal(str(error), HTTPStatus.CONFLICT)
    return Response(HTTPStatus.NO_CONTENT, b"")


def _environment(site: Site, environ: Environ) -> Response:
    """Return the variables that lead an SDK to the oldest pool, at the address that was asked."""
    store = site.cognito.store
    with store.transaction(only_reads=True):
        pools, _ = store.pools.page(after=-1, limit=1)
        clients, _ = store.clients.page(after=-1, limit=1, pool_id=pools[0].id) if pools else ([], None)
    url = f"http://{environ['HTTP_HOST']}"
    if not pools:
        return _json(HTTPStatus.OK, endpoint_variables(url, site.cognito.region))
    client = (clients[0].id, clients[0].secret) if clients else ()
    variables = endpoint_variables(url, pools[0].id.split("_")[0])
    return _json(HTTPStatus.OK, variables | id_variables(pools[0].id, *client))


def _calls(site: Site, environ: Environ) -> Response:
    try:
        wanted = _parameters(environ["QUERY_STRING"])
    except ValueError as error:
        return _refusal(str(error))
    found = [
        asdict(call)
        for call in site.calls.calls(after=int(wanted.get("after", "0")))
        if call.time >= float(wanted.get("since", "0"))
        and wanted.get("pool") in (None, call.pool_id)
        and wanted.get("user") in (None, call.user)
    ]
    return _json(HTTPStatus.OK, found)


def _parameters(query: str) -> dict[str, str]:
    """Return what the query of a URL asks for, such as `since=1750000000&user=alice`.

    Raises:
        ValueError: it names something else, or the same twice, or the value is none.
    """
    given: dict[str, str] = {}
    try:
        parts = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        raise ValueError("The parameters of the calls must be UTF-8, and few.") from None
    for name, value in parts:
        if name not in _PARAMETERS or name in given:
            raise ValueError("Calls take the parameters since, after, pool and user, each once at most.")
        if not _PARAMETERS[name].fullmatch(value):
            kind = {"since": "a time in epoch seconds", "after": "the id of a call"}.get(name, "a name")
            raise ValueError(f"{name} must be {kind}.")
        given[name] = value
    return given


def _json(status: HTTPStatus, content: Any) -> Response:
    return Response(status, orjson.dumps(content), {"Content-Type": "application/json"})


def _refusal(message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Response:
    return _json(status, {"message": message})
