"""Invoking functions as Lambda does: by Python handler or URL, and whatever a function does."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.lambdas import functions
from local_cognito.lambdas.functions import Functions
from local_cognito.lambdas.journal import FunctionCall, FunctionError, InvocationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARN = "arn:aws:lambda:us-east-1:000000000000:function:check"


def invoke(handler: Callable[[Any, Any], Any], **options: Any) -> Any:
    """Invoke a handler and return its answer."""
    return Functions({"check": handler}, **options).invoke(ARN, {"a": 1})


class TestHandlers:
    """Python handlers."""

    def test_event_and_context(self) -> None:
        """A handler gets the event and a context with the members that Lambda documents."""
        seen: list[Any] = []

        def handle(event: Any, context: Any) -> Any:
            seen.append(context)
            return {"got": event}

        answer = invoke(handle)
        [context] = seen

        assert answer == {"got": {"a": 1}}
        assert context.function_name == "check"
        assert context.invoked_function_arn == ARN
        assert context.log_group_name == "/aws/lambda/check"
        assert 0 < context.get_remaining_time_in_millis() <= 5000
        assert context.aws_request_id

    @pytest.mark.parametrize("key", [ARN, "check"])
    def test_found_by_name_or_arn(self, key: str) -> None:
        """A mapping names the function or its whole ARN; a qualifier does not matter for the name."""
        assert Functions({key: lambda event, _: event}).invoke(ARN, 1) == 1
        assert Functions({"check": lambda event, _: event}).invoke(f"{ARN}:live", 1) == 1

    @pytest.mark.parametrize(
        ("behave", "message"),
        [
            (lambda: dict[str, str]()["x"], "'x'"),
            (lambda: {"set": {1}}, "Unable to marshal response: Object of type set is not JSON serializable"),
            (lambda: "x" * (functions.MOST_BYTES + 1), "exceeded maximum allowed payload size"),
        ],
    )
    def test_failures(self, behave: Callable[[], Any], message: str) -> None:
        """An exception, an answer that is no JSON, and one that is too long, fail by their message."""
        with pytest.raises(FunctionError, match=message):
            invoke(lambda _, __: behave())

    def test_error_that_tells_nothing(self) -> None:
        """An exception without a text is told by its class; odd and long texts are made fit for an answer."""

        class MuteError(Exception):
            def __str__(self) -> str:
                raise RuntimeError

        errors = {MuteError(): "MuteError", ValueError("\ud800"): r"\?", ValueError("e" * 10**6): "e{65536}"}
        for error, text in errors.items():

            def fail(_: Any, __: Any, error: Exception = error) -> None:
                raise error

            with pytest.raises(FunctionError, match=f"^{text}$"):
                invoke(fail)

    def test_mistake_of_ours(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """A call ends, whatever happens: the request that waits for it must not wait for ever."""

        def broken(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError

        known = Functions()
        monkeypatch.setattr(known, "invoke", broken)
        ended = known.begin(FunctionCall("PreSignUp", ARN, {})).result()

        assert str(ended.error) == "ServiceException"
        assert "PreSignUp was not called" in caplog.text

    def test_exit(self) -> None:
        """A handler that ends its process ends its thread alone."""

        def leave(_: Any, __: Any) -> None:
            raise SystemExit(129)

        with pytest.raises(FunctionError, match="Runtime exited with error: exit status 129"):
            invoke(leave)

    @pytest.mark.parametrize("answer", [float("nan"), float("inf"), "\ud800"])
    def test_values_that_json_lacks(self, answer: Any) -> None:
        """NaN and text that is not Unicode are not JSON."""
        with pytest.raises(ValueError, match="line 1 column"):
            invoke(lambda _, __: answer)

    def test_deep_answer(self) -> None:
        """An answer that is nested beyond what can be read fails."""

        def nested(_: Any, __: Any) -> Any:
            value: list[Any] = []
            for _ in range(100_000):
                value = [value]
            return value

        with pytest.raises(FunctionError, match="nested too deep"):
            invoke(nested)

    def test_three_attempts(self) -> None:
        """A handler that does not answer in time is called three times."""
        calls: list[int] = []
        forever = threading.Event()

        def hang(_: Any, __: Any) -> None:
            calls.append(1)
            forever.wait(10)

        with pytest.raises(InvocationError, match=r"^Socket timeout while invoking Lambda function\.$"):
            invoke(hang, attempt_seconds=0.05)
        forever.set()
        assert len(calls) == 3

    def test_background(self) -> None:
        """One that nothing waits for is called once, and may take longer than the others."""
        calls: list[int] = []
        later = threading.Event()

        def take_time(_: Any, context: Any) -> int:
            calls.append(1)
            later.wait(0.2)
            return int(context.get_remaining_time_in_millis() / 1000)

        known = Functions({"check": take_time}, attempt_seconds=0.05)
        assert known.invoke(ARN, 1, in_background=True) == 899
        assert calls == [1]

    def test_too_many_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A function that calls itself through others without end is throttled."""
        monkeypatch.setattr(functions, "MOST_RUNNING", 3)
        known: list[Functions] = []

        def again(event: Any, _: Any) -> Any:
            return known[0].invoke(ARN, event)

        known.append(Functions({"check": again}))
        with pytest.raises(FunctionError, match="TooManyRequestsException"):
            known[0].invoke(ARN, 1)

    def test_unknown(self) -> None:
        """A function that nothing is mapped to is not found."""
        with pytest.raises(InvocationError, match="ResourceNotFoundException"):
            Functions().invoke(ARN, 1)


class TestImportedHandlers:
    """Handlers that the command line names."""

    def test_found(self) -> None:
        """`package.module:handler` names a function."""
        handler: Any = functions.imported_handler("json:dumps")

        assert handler is json.dumps

    @pytest.mark.parametrize("path", ["", "json", "json:", ":dumps", "json:absent", "no.such.module:handler"])
    def test_not_found(self, path: str) -> None:
        """What can't be imported is an error that says its path."""
        with pytest.raises(ValueError, match=path or "must name"):
            functions.imported_handler(path)


class Lambda(BaseHTTPRequestHandler):
    """Speaks Lambda's API, as the server's `answer` says: status, headers, body."""

    asked: list[tuple[str, str | None, Any]] = []  # noqa: RUF012 - emptied by the fixture
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")

    def do_POST(self) -> None:
        """Answer an invocation."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers.get("X-Amz-Invocation-Type"), json.loads(body)))
        status, headers, content = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        """Write no log."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Give the URL of a server that speaks Lambda's API."""
    Lambda.asked.clear()
    Lambda.answer = (200, {}, b"{}")
    with ThreadingHTTPServer(("127.0.0.1", 0), Lambda) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class TestEndpoint:
    """Functions behind a URL."""

    def test_request(self, endpoint: str) -> None:
        """The request is Lambda's Invoke, synchronous."""
        Lambda.answer = (200, {}, b'{"b": 2}')

        assert Functions(endpoint=endpoint).invoke(ARN, {"a": 1}) == {"b": 2}
        assert Lambda.asked == [
            ("/2015-03-31/functions/check/invocations", "RequestResponse", {"a": 1}),
        ]

    def test_nothing(self, endpoint: str) -> None:
        """A function that returns nothing gives null; some servers then send no body."""
        Lambda.answer = (200, {}, b"")

        assert Functions(endpoint=endpoint).invoke(ARN, 1) is None

    def test_error_of_the_function(self, endpoint: str) -> None:
        """A function's error comes with status 200 and a header."""
        Lambda.answer = (200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorMessage": "No", "trace": []}')

        with pytest.raises(FunctionError, match=r"^No$"):
            Functions(endpoint=endpoint).invoke(ARN, 1)

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"errorMessage": null}', b'{"errorMessage": " "}', b"[]"])
    def test_error_without_a_message(self, endpoint: str, body: bytes) -> None:
        """An error that says nothing is told by its kind."""
        Lambda.answer = (200, {"X-Amz-Function-Error": "Unhandled"}, body)

        with pytest.raises(FunctionError, match=r"^Unhandled$"):
            Functions(endpoint=endpoint).invoke(ARN, 1)

    def test_refusal(self, endpoint: str) -> None:
        """Lambda's own refusals are told by their code."""
        Lambda.answer = (404, {"x-amzn-ErrorType": "ResourceNotFoundException:http://x/"}, b"{}")

        with pytest.raises(InvocationError, match=r"^ResourceNotFoundException$"):
            Functions(endpoint=endpoint).invoke(ARN, 1)

    def test_nobody_there(self) -> None:
        """An address where nobody answers is an error of the service."""
        with pytest.raises(InvocationError, match=r"^ServiceException$"):
            Functions(endpoint="http://127.0.0.1:9").invoke(ARN, 1)

    def test_no_json(self, endpoint: str) -> None:
        """An answer that is no JSON is no answer of a function."""
        Lambda.answer = (200, {}, b"<html>")

        with pytest.raises(ValueError, match="line 1 column 1"):
            Functions(endpoint=endpoint).invoke(ARN, 1)
