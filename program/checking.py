"""`--check`: the pre-flight alone, as a table or as JSON, which there is whatever happens."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from program import preflight
from program.check_result import NOTHING_FOUND, print_result
from program.endings import DONE, STOPPED, stopped_by, stopped_by_system, system_failure
from program.places import place_for
from program.tracing import traced
from scenario.advice import STOPPING, explained
from scenario.refusals import code_of
from scenario.retrying import retrying
from terminal import Terminal

if TYPE_CHECKING:
    import argparse

    from botocore.exceptions import BotoCoreError

    from cognito_idp_actions import SignInError
    from program.preflight import Report
    from question import EndOfInput

    Failure = ClientError | BotoCoreError | SignInError | EndOfInput | OSError

NOT_CHECKED = 3  # the exit status when it can't be said whether the story can run


def check(arguments: argparse.Namespace) -> int:
    """Check the settings of the pool; return 0 when the whole story can run, 1 when not, 3 when unknown.

    A file that is wanted and can't be written makes a 3 of a 0.
    """
    user_pool_id, client_id = arguments.user_pool_id, arguments.client_id
    report: Report | None = None
    failure: Failure | None = None
    try:
        with traced(arguments) as followers, place_for(arguments) as place:
            followers.attach(place.cognito.cognito_idp_client)
            user_pool_id, client_id = place.cognito.user_pool_id, place.cognito.client_id
            person = replace(place.person, terminal=Terminal(stderr=True)) if arguments.json else place.person
            report = preflight.inspect(retrying(place.cognito, person), place.cognito.client_secret)
    except (*STOPPING, OSError) as error:
        failure = error
    if arguments.json:
        found = report.as_json() if report else NOTHING_FOUND
        print_result(user_pool_id, client_id, found, _error(report, failure))
    else:
        _show(report, failure)
    status = status_of(report) if report else NOT_CHECKED
    return status or (NOT_CHECKED if failure else DONE)


def status_of(report: Report) -> int:
    """Return the exit status that a report means."""
    if report.ready:
        return DONE
    return NOT_CHECKED if report.can_start and not report.leaves_out else STOPPED


def _show(report: Report | None, failure: Failure | None) -> None:
    if report:
        preflight.show(Terminal(), report)
    if isinstance(failure, OSError):
        stopped_by_system(failure)
    elif failure:
        stopped_by(failure)


def _error(report: Report | None, failure: Failure | None) -> dict[str, str] | None:
    """Return what went wrong as JSON, if anything did: a failure, or settings that could not be read."""
    if isinstance(failure, OSError):
        code = errno.errorcode.get(failure.errno or 0, type(failure).__name__)
        return {"code": code, "message": system_failure(failure), "advice": ""}
    if failure:
        what, what_to_do = explained(failure)
        code = code_of(failure) if isinstance(failure, ClientError) else type(failure).__name__
        return {"code": code, "message": what, "advice": what_to_do}
    if report is None or not report.unread:
        return None
    advice = " ".join(dict.fromkeys(finding.change for finding in report.unread))
    return {"code": "AccessDenied", "message": "Not all settings could be read.", "advice": advice}
