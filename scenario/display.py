"""Display of the calls of a scenario: each as boto3 code with its values, then the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scenario.call_code import answer_lines, call_lines, compact, is_cut, one_line
from scenario.call_text import CallText
from scenario.refusals import code_of, message_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError
    from botocore.model import OperationModel

    from scenario.labels import Labels
    from terminal import Terminal

_API_PAGE: Final = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_{}.html"
_SETTINGS: Final = ("UserPoolId", "ClientId")  # shown the first time only, as they stay the same
_PROMPT_COLUMNS: Final = 4  # of Python's ">>> "


class CallDisplay:
    """Shows calls and answers at a terminal.

    Args:
        terminal: where they are shown.
        labels: of the run.
        is_quiet: whether only refusals are shown.
    """

    def __init__(self, terminal: Terminal, labels: Labels, *, is_quiet: bool = False) -> None:
        self._terminal = terminal
        self._text = CallText(labels)
        self._is_quiet = is_quiet
        self._seen: set[str] = set()

    def call(self, model: OperationModel, operation: str, fields: Mapping[str, Any]) -> None:
        """Show a call that is about to be made, below a link to the API's page where its action is new.

        Args:
            model: botocore's model of the action.
            operation: boto3's name of it.
            fields: of the request.
        """
        shown = self._text.fields(model.input_shape, fields)
        if self._is_quiet:
            return
        for name in _SETTINGS:
            if name in shown and name in self._seen:
                del shown[name]
        page = "" if model.name in self._seen else _API_PAGE.format(model.name)
        self._seen |= {model.name, *_SETTINGS} & {model.name, *fields}
        lines = call_lines(operation, shown, self._terminal.width - _PROMPT_COLUMNS)
        if not self._terminal.is_plain:
            self._terminal.code(lines, page)
            return
        self._terminal.say()
        if page:
            self._terminal.copyable(f"{model.name} is described at {page}")
        self._terminal.copyable(f"Call: {one_line(lines)}")

    def answer(self, model: OperationModel, answer: Mapping[str, Any]) -> None:
        """Show the answer."""
        if self._is_quiet:
            return
        lines = answer_lines(self._text.fields(model.output_shape, answer), self._terminal.width)
        if is_cut(lines):
            counted = self._text.fields(model.output_shape, answer, are_lists_counted=True)
            lines = answer_lines(compact(counted), self._terminal.width)
        if self._terminal.is_plain:
            self._terminal.copyable(f"Answer: {one_line(lines)}")
        else:
            self._terminal.output(lines)

    def refusal(self, refusal: ClientError, fields: Mapping[str, Any]) -> None:
        """Show a refusal: its code first, by which programs tell them apart."""
        message = self._text.without_secrets(message_of(refusal), fields)
        self._terminal.warn(f"{code_of(refusal)}: {message}" if message else code_of(refusal))
