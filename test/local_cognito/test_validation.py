"""Validation: whatever AWS's model of the service forbids is refused, in Cognito's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from test.support.pool_driver import ALICE, PASSWORD, call_raw, refused

if TYPE_CHECKING:
    from types import EllipsisType

    from test.support.pool_driver import Api, HttpAnswer, PoolDriver


NULL = "Member must not be null"
USERNAME_PATTERN = r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"


def problem(where: str, constraint: str, value: int | str | None = None) -> str:
    """Return the sentence about one member; None for a value that is not shown."""
    shown = "Value" if value is None else f"Value '{value}'"
    return f"{shown} at '{where}' failed to satisfy constraint: {constraint}"


def invalid(*problems: str) -> tuple[str, str]:
    """Return the refusal with these problems."""
    noun = "error" if len(problems) == 1 else "errors"
    return ("InvalidParameterException", f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")


def sign_up(pool: PoolDriver, **changes: Any) -> HttpAnswer:
    """SignUp with fields as they are given; None leaves one out."""
    fields = {"ClientId": pool.client_id, "Username": ALICE, "Password": PASSWORD} | changes
    return call_raw(
        pool.server.url, "SignUp", {name: value for name, value in fields.items() if value is not ...}
    )


def error_of(answer: HttpAnswer) -> tuple[str, str]:
    """Return code and message of a refusal."""
    assert answer.status == 400
    return (answer.content["__type"], answer.content["message"])


@pytest.mark.parametrize("value", [..., None])
def test_required_members(pool: PoolDriver, value: EllipsisType | None) -> None:
    """A required member that is absent, or null, is named."""
    answer = sign_up(pool, Username=value)

    assert error_of(answer) == invalid(f"Value null at 'username' failed to satisfy constraint: {NULL}")


def test_several_problems_are_told_together(pool: PoolDriver) -> None:
    """One answer lists everything that is wrong, in the model's order."""
    answer = sign_up(pool, ClientId=..., Username=...)

    assert error_of(answer) == invalid(
        f"Value null at 'clientId' failed to satisfy constraint: {NULL}",
        f"Value null at 'username' failed to satisfy constraint: {NULL}",
    )


def test_sensitive_values_are_not_shown(pool: PoolDriver) -> None:
    """What the model marks as sensitive does not come back in the message."""
    answer = sign_up(pool, Password="with space", Username="with space")

    assert error_of(answer) == invalid(
        problem("username", USERNAME_PATTERN),
        problem("password", r"Member must satisfy regular expression pattern: [\S]+"),
    )


@pytest.mark.parametrize("name", ["ünïcode", "名前", "a-b_c.d", "🙂", "x" * 128])
def test_user_names_may_be_of_any_script(pool: PoolDriver, name: str) -> None:
    """Letters, marks, symbols, numbers and punctuation of all Unicode make a user name."""
    assert sign_up(pool, Username=name).status == 200


@pytest.mark.parametrize("name", ["a b", "a\tb", "a\x00b"])
def test_user_names_have_no_spaces(pool: PoolDriver, name: str) -> None:
    """Spaces and control characters are no part of a user name."""
    assert error_of(sign_up(pool, Username=name)) == invalid(problem("username", USERNAME_PATTERN))


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        (
            "",
            [
                problem("username", "Member must have length greater than or equal to 1"),
                problem("username", USERNAME_PATTERN),
            ],
        ),
        ("x" * 129, [problem("username", "Member must have length less than or equal to 128")]),
    ],
)
def test_lengths(pool: PoolDriver, name: str, problems: list[str]) -> None:
    """Texts that are too short or too long are refused."""
    assert error_of(sign_up(pool, Username=name)) == invalid(*problems)


def test_word_characters_are_ascii(pool: PoolDriver) -> None:
    r"""The model's \w, as Java reads it, knows ASCII letters only."""
    answer = sign_up(pool, ClientId="clïent")

    assert error_of(answer) == invalid(
        problem("clientId", r"Member must satisfy regular expression pattern: [\w+]+")
    )


def test_enums(unchecked_api: Api, pool: PoolDriver) -> None:
    """A value that is none of an enum's is answered with the enum."""
    with refused(
        *invalid(
            problem(
                "authFlow",
                "Member must satisfy enum value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, "
                "CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]",
                "BY_MAGIC",
            )
        )
    ):
        unchecked_api.initiate_auth(ClientId=pool.client_id, AuthFlow="BY_MAGIC")


@pytest.mark.parametrize(("limit", "word", "bound"), [(-1, "greater", 0), (61, "less", 60)])
def test_number_ranges(unchecked_api: Api, pool: PoolDriver, limit: int, word: str, bound: int) -> None:
    """Numbers outside their range are refused."""
    with refused(
        *invalid(problem("limit", f"Member must have value {word} than or equal to {bound}", limit))
    ):
        unchecked_api.list_users(UserPoolId=pool.id, Limit=limit)


@pytest.mark.parametrize("action", ["ListGroups", "ListUsersInGroup", "AdminListGroupsForUser"])
def test_limits_of_group_lists(pool: PoolDriver, action: str) -> None:
    """Lists of groups report their Limit under another name, and with a minimum of 1."""
    request = {"UserPoolId": pool.id, "GroupName": "g", "Username": ALICE, "Limit": 0}

    assert error_of(call_raw(pool.server.url, action, request)) == invalid(
        problem("maxResults", "Member must have value greater than or equal to 1", 0)
    )


def test_order_of_a_user_codes_problems(pool: PoolDriver) -> None:
    """Of a TOTP code that is no code the pattern is reported first, and the value is not shown."""
    request = {"AccessToken": "a", "UserCode": "Aaaa"}

    assert error_of(call_raw(pool.server.url, "VerifySoftwareToken", request)) == invalid(
        problem("userCode", "Member must satisfy regular expression pattern: [0-9]+"),
        problem("userCode", "Member must have length greater than or equal to 6"),
    )


def test_members_of_lists(pool: PoolDriver) -> None:
    """A problem inside a list is found at the number of its element."""
    attributes = [{"Name": "email", "Value": "a@b.c"}, {"Value": "nameless"}]
    answer = sign_up(pool, UserAttributes=attributes)

    assert error_of(answer) == invalid(
        f"Value null at 'userAttributes.2.member.name' failed to satisfy constraint: {NULL}"
    )


def test_values_of_maps(pool: PoolDriver) -> None:
    """A problem inside a map is found at its key."""
    metadata = {"key": "x" * 131_073}
    answer = sign_up(pool, ClientMetadata=metadata)

    assert "at 'clientMetadata.key.member' failed to satisfy constraint" in error_of(answer)[1]


def test_enums_in_lists(unchecked_api: Api) -> None:
    """An element that is none of its enum's is found at its number."""
    with pytest.raises(
        ClientError, match=r"Value 'NONE' at 'explicitAuthFlows\.1\.member' failed .* enum value set"
    ):
        unchecked_api.create_user_pool_client(UserPoolId="a_b", ClientName="app", ExplicitAuthFlows=["NONE"])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Username": 5}, "Number can not be converted to a String"),
        ({"Username": True}, "Boolean can not be converted to a String"),
        ({"Username": ["alice"]}, "Start of structure or map found where not expected."),
        ({"Username": {"a": "b"}}, "Start of structure or map found where not expected."),
        ({"UserAttributes": "email"}, "Expected list or null"),
        ({"UserAttributes": ["email"]}, "Expected map or null"),
        ({"ClientMetadata": []}, "Expected map or null"),
        ({"ClientMetadata": {"a": 1}}, "Number can not be converted to a String"),
    ],
)
def test_wrong_json_types(pool: PoolDriver, changes: dict[str, Any], text: str) -> None:
    """A JSON value of the wrong type is a SerializationException, as in all of AWS."""
    assert error_of(sign_up(pool, **changes)) == ("SerializationException", text)


@pytest.mark.parametrize("limit", ["5", 1.5, True])
def test_numbers_and_booleans_are_not_converted(pool: PoolDriver, limit: bool | float | str) -> None:
    """A text, a fraction or a boolean is no integer."""
    answer = call_raw(pool.server.url, "ListUsers", {"UserPoolId": pool.id, "Limit": limit})

    assert error_of(answer)[0] == "SerializationException"


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**64, 10**40])
def test_numbers_that_an_integer_can_not_hold(pool: PoolDriver, number: int) -> None:
    """A number of more than 32 bits is no integer of the model's."""
    answer = call_raw(
        pool.server.url, "CreateGroup", {"UserPoolId": pool.id, "GroupName": "g", "Precedence": number}
    )

    assert error_of(answer) == ("SerializationException", "Number can not be converted to a Integer")


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_request_is_an_object(pool: PoolDriver, body: Any) -> None:
    """A body that is JSON but no object is refused."""
    assert error_of(call_raw(pool.server.url, "SignUp", body)) == (
        "SerializationException",
        "Expected map or null",
    )


def test_unknown_members_are_ignored(pool: PoolDriver) -> None:
    """Members that the model does not know do no harm."""
    assert sign_up(pool, Nonsense={"a": [1]}).status == 200
