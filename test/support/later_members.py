"""Members of the API that the lowest boto3 does not know: clients of tests send them all the same."""

from __future__ import annotations

import json
from typing import Any

LATER = {"FactorConfiguration", "RevokeAssociatedSessions", "WebAuthnMfaSettings"}


def send_later_members(client: Any) -> None:
    """Let a client of any supported boto3 send these members, as a newer one does."""
    client.meta.events.register("provide-client-params.cognito-idp", _take_out)
    client.meta.events.register("before-call.cognito-idp", _put_in)


def _take_out(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any]:
    known, context["later_members"] = _split(params, model.input_shape)
    return known


def _put_in(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if context["later_members"]:
        body = _merged(json.loads(params["body"]), context["later_members"])
        params["body"] = json.dumps(body).encode()


def _split(value: dict[str, Any], shape: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the members that the shape has, and those of `LATER` that it does not have."""
    known: dict[str, Any] = {}
    later: dict[str, Any] = {}
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None and name in LATER:
            later[name] = item
        elif member is not None and member.type_name == "structure" and isinstance(item, dict):
            known[name], inner = _split(item, member)
            later |= {name: inner} if inner else {}
        else:
            known[name] = item
    return known, later


def _merged(body: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    return body | {
        name: _merged(body[name], item) if name in body and isinstance(item, dict) else item
        for name, item in later.items()
    }
