"""`--check`: the pre-flight alone, as a table or as JSON, which there is whatever happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from program import preflight
from program.endings import DONE, STOPPED, stopped_by
from program.places import place_for
from program.tracing import traced
from story.advice import STOPPING, explained
from story.refusals import code_of
from story.retrying import retrying
from terminal import Terminal

if TYPE_CHECKING:
    import argparse

    from program.preflight import Report

NOT_CHECKED = 3  # the exit status when it can't be said whether the story can run


def check(arguments: argparse.Namespace) -> int:
    """Check the settings of the pool; return 0 when the whole story can run, 1 when not, 3 when unknown."""
    ids = {"user_pool_id": arguments.user_pool_id, "client_id": arguments.client_id}
    try:
        with traced(arguments) as followers, place_for(arguments) as place:
            followers.attach(place.cognito.cognito_idp_client)
            ids = {"user_pool_id": place.cognito.user_pool_id, "client_id": place.cognito.client_id}
            report = preflight.inspect(retrying(place.cognito, place.person), place.cognito.client_secret)
    except STOPPING as error:
        if not arguments.json:
            return stopped_by(error, NOT_CHECKED)
        nothing = {"ready": False, "can_start": False, "checks": []}
        print_json(ids, nothing, _as_json(error))
        return NOT_CHECKED
    if arguments.json:
        print_json(ids, report.as_json(), _unread_as_json(report))
    else:
        preflight.show(Terminal(), report)
    return status_of(report)


def status_of(report: Report) -> int:
    """Return the exit status that a report means."""
    if report.ready:
        return DONE
    return NOT_CHECKED if report.can_start and not report.leaves_out else STOPPED


def print_json(ids: dict[str, str], report: dict[str, Any], error: dict[str, str] | None) -> None:
    """Print one JSON object: the IDs, the region, what was found, and why nothing was, if so."""
    region = ids["user_pool_id"].split("_", 1)[0]
    whole = {**ids, "region": region, **report, "error": error}
    print(json.dumps(whole, indent=2))  # noqa: T201 - for scripts, so without any decoration


def _as_json(error: Any) -> dict[str, str]:
    what, what_to_do = explained(error)
    code = code_of(error) if isinstance(error, ClientError) else type(error).__name__
    return {"code": code, "message": what, "advice": what_to_do}


def _unread_as_json(report: Report) -> dict[str, str] | None:
    if not report.unread:
        return None
    advice = " ".join(dict.fromkeys(finding.change for finding in report.unread))
    return {"code": "AccessDenied", "message": "Not all settings could be read.", "advice": advice}
