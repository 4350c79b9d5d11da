"""Helpers for observers of boto3 calls: event handlers that never make a call fail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


def log_errors_of(handler: Callable[..., None]) -> Callable[..., None]:
    """Return a handler of events that logs what goes wrong in it, in place of making the call fail."""

    def guarded(**event: Any) -> None:
        try:
            handler(**event)
        except Exception as error:  # noqa: BLE001 - the call matters more than its trace
            logger.warning("A call could not be followed: %s", type(error).__name__)

    return guarded


def is_refused_by_boto3(model: OperationModel, params: Mapping[str, Any]) -> bool:
    """Tell whether botocore will refuse these parameters, which it emits no event of.

    A client made with `parameter_validation=False` would send them, and nothing public tells that it is one.
    """
    return model.input_shape is not None and ParamValidator().validate(params, model.input_shape).has_errors()
