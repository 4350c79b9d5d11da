"""`--check`: the pre-flight alone, as a table or as JSON, which there is whatever happens."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from program import preflight
from program.check_result import NOTHING_FOUND, print_result
from program.endings import DONE, STOPPED, stopped_by, stopped_by_system, system_failure
from program.observers import observing
from program.people import mode_for, person_for
from program.targets import target_for
from scenario.advice import STOPPING, explained
from scenario.attended_wrapper import AttendedWrapper
from scenario.labels import Labels
from scenario.refusals import code_of
from terminal import Terminal

if TYPE_CHECKING:
    import argparse

    from botocore.exceptions import BotoCoreError

    from cognito_idp_actions import SignInError
    from program.outline import Outline
    from program.preflight import Report
    from question import EndOfInput

    Failure = ClientError | BotoCoreError | SignInError | EndOfInput | OSError

NOT_CHECKED = 3  # the exit status when it can't be said whether the scenario can run


def check(outline: Outline, arguments: argparse.Namespace) -> int:
    """Check the settings of the pool; return 0 when the whole scenario can run, 1 when not, 3 when unknown.

    A file that is wanted and can't be written makes a 3 of a 0.
    """
    user_pool_id, client_id = arguments.user_pool_id, arguments.client_id
    report: Report | None = None
    failure: Failure | None = None
    try:
        with (
            observing(arguments, Labels()) as observers,
            target_for(outline, arguments, [observers.attach]) as target,
        ):
            user_pool_id, client_id = target.user_pool_id, target.client_id
            person = person_for(outline, arguments, target, Terminal(stderr=arguments.json))
            cognito = AttendedWrapper(
                target.client(),
                user_pool_id,
                client_id,
                target.client_secret,
                person=person,
                is_attended=mode_for(arguments).is_attended,
            )
            report = preflight.inspect(cognito, outline.checks, target.client_secret)
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


def verdict_of(report: Report) -> str:
    """Return in a sentence what a report means."""
    if report.ready:
        return "Ready: the whole scenario can run on this pool."
    if not report.can_start:
        return "Not ready: the scenario can't run on this pool before that is changed."
    if report.leaves_out:
        return "Not ready: the scenario would leave steps out."
    return "Perhaps ready: not all settings could be read."


def _show(report: Report | None, failure: Failure | None) -> None:
    if report:
        preflight.show(Terminal(), report)
        Terminal().copyable(verdict_of(report))
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
