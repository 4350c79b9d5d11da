"""Invokes Lambda functions: Python callables, or functions behind a URL that speaks Lambda's API.

Imported by the code that starts a server or runs a request; it does not depend on Cognito's events.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError  # another one until Python 3.11
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from local_cognito.lambdas.journal import FunctionAnswer, FunctionCall, FunctionError, InvocationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.request import OpenerDirector

    from local_cognito.lambdas.encryption import CodeEncryption

    Handler = Callable[[Any, "Context"], Any]

ATTEMPT_SECONDS = 5.0
ATTEMPTS = 3
LONGEST_SECONDS = 900.0  # that Lambda lets a function run
MOST_BYTES = 6 * 1024 * 1024  # of an event or an answer, as in Lambda
_MOST_REMEMBERED = 1000  # calls that have ended
MOST_RUNNING = 100  # invocations at a time; a function that calls itself through the pool would never end

logger = logging.getLogger(__name__)


def _new_request_id() -> str:
    from uuid import uuid4  # noqa: PLC0415 - no start needs it

    return str(uuid4())


@dataclass(frozen=True)
class Context:
    """The context object of a Python handler, with the members that Lambda documents."""

    function_name: str
    invoked_function_arn: str
    deadline: float = field(repr=False)
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    aws_request_id: str = field(default_factory=_new_request_id)
    log_stream_name: str = "local_cognito"
    identity: None = None
    client_context: None = None

    @property
    def log_group_name(self) -> str:
        """Name of the CloudWatch log group that the function would have."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining milliseconds of this attempt."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


def function_name(arn: str) -> str:
    """Return the name in a function's ARN, `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`."""
    parts = arn.split(":")
    name_at = 6
    return parts[name_at] if len(parts) > name_at else arn


def imported_handler(path: str) -> Handler:
    """Return the function that `package.module:handler` names.

    Raises:
        ValueError: the module or the function does not exist.
    """
    module, _, name = path.partition(":")
    if not module or not name:
        raise ValueError(f"{path}: it must name a function, as package.module:handler")
    try:
        handler: Handler = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error
    return handler


class Functions:
    """The functions that triggers can call.

    Args:
        handlers: Python callables, by the function's name or its whole ARN. Each gets the event, a copy of
            its own, and a `Context`, in a thread of its own.
        endpoint: a URL that speaks Lambda's API, for functions that are not among the handlers.
        encryption: encrypts the codes for custom senders; without it they get codes in clear.
        attempt_seconds: the time-out of an attempt.

    Attributes:
        handlers: the Python callables, to which others may be added.
        ended: the latest calls with their outcomes, oldest first.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler] | None = None,
        endpoint: str | None = None,
        encryption: CodeEncryption | None = None,
        *,
        attempt_seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self.handlers = dict(handlers or {})
        self._endpoint = endpoint.rstrip("/") if endpoint else None
        self._encryption = encryption
        self._attempt_seconds = attempt_seconds
        self.ended: deque[FunctionAnswer] = deque(maxlen=_MOST_REMEMBERED)
        self._running = threading.BoundedSemaphore(MOST_RUNNING)

    @cached_property
    def _opener(self) -> OpenerDirector:
        """Opens the endpoint, without proxies; made late, since it reads all certificates of the system."""
        from urllib.request import ProxyHandler, build_opener  # noqa: PLC0415 - it loads much, which a start need not

        return build_opener(ProxyHandler({}))

    def begin(self, call: FunctionCall) -> Future[FunctionAnswer]:
        """Start a call in a thread of its own and return the future of its outcome."""
        future: Future[FunctionAnswer] = Future()
        _start_thread(lambda: _settle(future, lambda: self._ended(call)), "lambda")
        return future

    def _ended(self, call: FunctionCall) -> FunctionAnswer:
        began = time.perf_counter()
        answer: Any = None
        failure: FunctionError | InvocationError | ValueError | None = None
        try:
            call = self._with_encrypted_code(call)
            answer = self.invoke(call.arn, call.event, in_background=call.in_background)
        except (FunctionError, InvocationError, ValueError) as error:
            failure = error
        except Exception:  # a mistake of ours: the request must go on
            logger.exception("%s was not called", call.trigger)
            failure = InvocationError("ServiceException")
        ended = FunctionAnswer(call, answer, failure, (time.perf_counter() - began) * 1000)
        self.ended.append(ended)
        return ended

    def _with_encrypted_code(self, call: FunctionCall) -> FunctionCall:
        """Return the call with its code encrypted if it has a KMS key and there is a KMS."""
        if call.kms_key is None:
            return call
        request = call.event["request"]
        if self._encryption is None:
            logger.warning(
                "%s: %s gets the code in clear. AWS encrypts it; so does --kms-endpoint URL.",
                call.event["userPoolId"],
                call.trigger,
            )
            return call
        code = self._encryption.encrypted(request["code"], call.kms_key, call.event["userPoolId"])
        return replace(call, event=call.event | {"request": request | {"code": code}})

    def invoke(self, arn: str, event: Any, *, in_background: bool = False) -> Any:
        """Invoke a function and return its answer; after a time-out try again, three attempts in all.

        In the background there is one attempt, as long as Lambda lets a function run.

        Raises:
            FunctionError: the function failed.
            InvocationError: it was not found, could not be invoked, or timed out.
        """
        content = json.dumps(event)
        attempts, seconds = (1, LONGEST_SECONDS) if in_background else (ATTEMPTS, self._attempt_seconds)
        for _ in range(attempts):
            with contextlib.suppress(TimeoutError, FutureTimeoutError):
                return self._attempt(arn, content, seconds, waits_for_others=in_background)
        raise InvocationError("Socket timeout while invoking Lambda function.")

    def _attempt(self, arn: str, content: str, seconds: float, *, waits_for_others: bool) -> Any:
        name = function_name(arn)
        handler = self.handlers.get(arn) or self.handlers.get(name)
        if handler is None and self._endpoint is None:
            logger.warning(
                'No function is known for %s. Map it: --trigger %s=package.module:handler, triggers={"%s": '
                "handler} in Python, or --lambda-endpoint URL.",
                arn,
                name,
                name,
            )
            raise InvocationError("ResourceNotFoundException")
        if not self._running.acquire(blocking=waits_for_others):
            raise InvocationError("TooManyRequestsException")
        future: Future[bytes] = Future()
        if handler is None:
            work = lambda: self._post(name, content, seconds)  # noqa: E731 - one of two, and a line each
        else:
            context = Context(name, arn, time.monotonic() + seconds)
            work = lambda: _run(handler, content, context)  # noqa: E731 - as above
        _start_thread(lambda: self._finish(future, work), f"lambda {name}")
        return _parsed(future.result(seconds))

    def _finish(self, future: Future[bytes], work: Callable[[], bytes]) -> None:
        try:
            _settle(future, work)
        finally:
            self._running.release()

    def _post(self, name: str, content: str, seconds: float) -> bytes:
        from urllib.error import HTTPError  # noqa: PLC0415 - as above
        from urllib.request import Request  # noqa: PLC0415 - as above

        request = Request(  # noqa: S310 - the user gives the address, http or https
            f"{self._endpoint}/2015-03-31/functions/{quote(name, safe='')}/invocations",
            content.encode(),
            {"Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"},
        )
        try:
            with self._opener.open(request, timeout=seconds) as answer:
                body: bytes = answer.read(MOST_BYTES + 1)
                failed = answer.headers.get("X-Amz-Function-Error")
        except HTTPError as error:
            error.close()
            code = (error.headers.get("x-amzn-ErrorType") or "").partition(":")[0]
            raise InvocationError(code or f"HTTP {error.code}") from error
        except OSError as error:
            if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
                raise TimeoutError from error
            logger.warning("%s can't be reached: %s", self._endpoint, error)
            raise InvocationError("ServiceException") from error
        if failed:
            raise FunctionError(_error_message(body) or failed)
        return body


def _start_thread(work: Callable[[], None], name: str) -> None:
    """Run `work` in a daemon thread."""
    threading.Thread(target=work, name=name, daemon=True).start()


def _settle(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
        future.set_exception(error)


def _run(handler: Handler, content: str, context: Context) -> bytes:
    """Call a Python handler as Lambda's runtime does, with JSON in and out; errors become FunctionError."""
    try:
        answer = handler(json.loads(content), context)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        raise FunctionError(
            f"RequestId: {context.aws_request_id} Error: Runtime exited with error: exit status {status}"
        ) from error
    except BaseException as error:
        raise FunctionError(_text_of(error)) from error
    try:
        return json.dumps(answer).encode()
    except RecursionError as error:
        raise FunctionError("Unable to marshal response: it is nested too deep") from error
    except Exception as error:  # whatever the members of the answer do
        raise FunctionError(f"Unable to marshal response: {_text_of(error)}") from error


def _text_of(error: BaseException) -> str:
    """Return the text of a handler's exception, or the name of its class if `str` fails."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - as handlers may
        return type(error).__name__


def _parsed(body: bytes) -> Any:
    """Parse the answer of a function; an empty body stands for null.

    Raises:
        FunctionError: it exceeds the size limit of Lambda.
        ValueError: it is not JSON, nested too deep, or contains an unpaired surrogate.
    """
    if len(body) > MOST_BYTES:
        raise FunctionError(
            f"Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes)."
        )
    return orjson.loads(body or b"null")


def _error_message(body: bytes) -> str:
    """Return the errorMessage of a failed function, or an empty string."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
    message = found.get("errorMessage") if isinstance(found, dict) else found
    return message if isinstance(message, str) and message.strip() else ""
