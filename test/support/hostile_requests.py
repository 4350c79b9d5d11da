"""Requests for every action, built from the service model: right ones, and hostile ones.

Text between @ signs stands for something that the known world made, such as `@access@` for an access token.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from local_cognito.model.service_model import Collection, Scalar, Structure
from test.support.pool_driver import PASSWORD
from test.support.pools import OWN_EMAIL

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from local_cognito.model.service_model import Operation, Shape

POOL, CLIENT, TWIN, SECRET_CLIENT = "us-east-1_Known", "knownclient", "twinclient", "secretclient"
MACHINE_CLIENT = "machineclient"
ARN = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{POOL}"
DEVICE = "us-east-1_11111111-2222-4333-8444-555555555555"
EMAIL, PHONE, CODE = "alice@example.com", "+15555550100", "123456"

SQL = [
    "'; DROP TABLE users; --",
    "alice' OR '1'='1",
    '" OR 1=1 --',
    "x'||(SELECT/**/pem/**/FROM/**/signingkeys)||'",
    "$.email') OR 1=1 --",
    "%",
    "?1",
]
NAMES = ["alice", "alice", "bob", "carol", "dave", "@sub@", "ALICE", EMAIL, "nobody", "erin", SQL[3]]
PASSWORDS = [PASSWORD, PASSWORD, "Another-Horse-2!", "short", "Wrong-Horse-1!", "Ünïcode-Пароль-1", *SQL]
TOKENS = [
    *["@access@"] * 6,
    "@access of dave@",
    "@access of another pool@",
    "@access, ID@",
    "@expired@",
    "a.b.c",
    "eyJhbGciOiJub25lIn0.e30.",
]
REFRESH_TOKENS = ["@access, refresh@", "@access of dave, refresh@", "@expired, refresh@", *TOKENS[-7:]]
DEVICES = ["@device@", "@device@", "@new device@", DEVICE]
STEPS = """MFA_SETUP, secret handed out|MFA_SETUP, secret verified|MFA_SETUP|NEW_PASSWORD_REQUIRED
|SOFTWARE_TOKEN_MFA|EMAIL_OTP|SMS_MFA|SELECT_MFA_TYPE|DEVICE_SRP_AUTH|DEVICE_PASSWORD_VERIFIER"""
SESSIONS = [f"@{step.strip()}@" for step in STEPS.split("|")] + ["x" * 40]
TOO_LARGE_ROW = "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ=="

# What makes sense for a member of this name, wherever it stands.
KNOWN: dict[str, list[Any]] = {
    "UserPoolId": [*[POOL] * 7, "us-east-1_Other", "us-east-1_Unknown"],
    "ClientId": [*[CLIENT] * 7, TWIN, SECRET_CLIENT, "unknownclient"],
    "Username": NAMES,
    "Password": PASSWORDS,
    "PreviousPassword": PASSWORDS,
    "ProposedPassword": PASSWORDS,
    "TemporaryPassword": PASSWORDS,
    "AccessToken": TOKENS,
    "Session": SESSIONS,
    "RefreshToken": REFRESH_TOKENS,
    "Token": REFRESH_TOKENS,
    "DeviceKey": DEVICES,
    "ConfirmationCode": ["@code@", "@code@", "000000"],
    "Code": ["@code@", "000000"],
    "UserCode": ["@totp@", "000000"],
    "GroupName": ["known", "known", "unknown", "O'Group;--"],
    "AttributeName": ["email", "phone_number", "name", "sub", *SQL],
    "UserAttributeNames": ["email", "name", "sub", "custom:team", "unknown"],
    "AttributesToGet": ["email", "name", "sub", "unknown"],
    "Filter": [
        "",
        'email = "alice@example.com"',
        'username ^= "a"',
        'cognito:user_status = "confirmed"',
        'status = "Enabled"',
        'sub = "x',
        *(f'name = "{text}"' for text in SQL),
        *SQL,
    ],
    "NextToken": ["MQ==", "MA==", "LTE=", TOO_LARGE_ROW, "e30=", "x", *SQL],
    "PaginationToken": ["MQ==", "MA==", TOO_LARGE_ROW, "é", *SQL],
    "SecretHash": ["AAAA", "not base64"],
    "Identifier": [*["books"] * 3, "unknown"],
    "SessionId": ["@session of dave@", "@session of dave@", "tkn" + "0" * 25],
    "ClientSecretId": ["second", "second", "unknown"],
    "Secret": ["s" * 24, "wrongsecretwrongsecretwrong"],
    "ClientSecret": ["s" * 24, "wrongsecretwrongsecretwrong"],
    "PoolName": ["one more", "Pool+1"],
    "ClientName": ["app", "app @ work"],
    "PasswordVerifier": ["Af8=", "AA==", "", "not base64", "A" * 600],
    "Salt": ["AQI=", "", "é"],
    "AuthFlow": [
        "USER_PASSWORD_AUTH",
        "USER_SRP_AUTH",
        "REFRESH_TOKEN_AUTH",
        "ADMIN_USER_PASSWORD_AUTH",
        "CUSTOM_AUTH",
    ],
    "RoleArn": ["arn:aws:iam::123456789012:role/reader"],
}
ATTRIBUTE: dict[str, list[str]] = {
    "Name": [
        "email",
        "phone_number",
        "name",
        "custom:team",
        "email_verified",
        "updated_at",
        "sub",
        "unknown",
    ],
    "Value": ["new@example.com", "new@example.com", PHONE, "true", "", "x" * 2048, *SQL],
}
PARAMETERS: dict[str, list[str]] = {
    "USERNAME": NAMES,
    "PASSWORD": PASSWORDS,
    "SRP_A": [f"{2**2000 + 7:x}", f"{2**2000 + 7:x}", "0", "zz", "f" * 2000, ""],
    "REFRESH_TOKEN": REFRESH_TOKENS,
    "DEVICE_KEY": [*DEVICES, ""],
    "SECRET_HASH": ["AAAA", "é"],
    "PASSWORD_CLAIM_SIGNATURE": ["AAAA", "é", "A"],
    "PASSWORD_CLAIM_SECRET_BLOCK": ["@secret block@", "AAAA", "é"],
    "TIMESTAMP": [
        "Sun Jun 15 15:07:00 UTC 2025",
        "Sun Jun 99 15:07:00 UTC 2025",
        "Sun Jun 15 00:00:00 UTC 0000",
        "x",
    ],
    "NEW_PASSWORD": PASSWORDS,
    "userAttributes.email": [EMAIL, "x"],
    "userAttributes.": ["x"],
    "SOFTWARE_TOKEN_MFA_CODE": ["@totp@", "\u0660" * 6, "000000"],
    "SMS_MFA_CODE": ["@code@", "\u0660" * 6],
    "EMAIL_OTP_CODE": ["@code@", "é"],
    "ANSWER": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP", *SQL],
    "unknown": ["x"],
}
MISSING = object()


# Members that belong together, so that a request of this action gets far.
COHERENT: dict[str, list[dict[str, Any]]] = {
    "AddCustomAttributes": [
        {"UserPoolId": POOL, "CustomAttributes": [{"Name": "level", "AttributeDataType": "Number"}]}
    ],
    "TagResource": [{"ResourceArn": ARN, "Tags": {"stage": "test"}}],
    "UntagResource": [{"ResourceArn": ARN, "TagKeys": ["stage", "unknown"]}],
    "ListTagsForResource": [{"ResourceArn": ARN}],
    "SignUp": [
        {"Username": "frank", "UserAttributes": [], "Password": PASSWORD},
        {"Username": "frank", "Password": PASSWORD},
    ],
    "ResendConfirmationCode": [{"Username": "bob"}],
    "ConfirmSignUp": [{"Username": "bob", "ConfirmationCode": "@code@"}],
    "AdminConfirmSignUp": [{"Username": "bob"}],
    "ConfirmForgotPassword": [{"Username": "alice", "ConfirmationCode": "@code@", "Password": PASSWORD}],
    "AdminResetUserPassword": [{"Username": "alice"}],
    "AdminCreateUser": [
        {"Username": "frank", "UserAttributes": [], "MessageAction": "SUPPRESS"},
        {"Username": "carol", "MessageAction": "RESEND"},
    ],
    "AssociateSoftwareToken": [{"Session": None}, {"AccessToken": None, "Session": "@MFA_SETUP@"}],
    "VerifySoftwareToken": [
        {"Session": None, "AccessToken": "@access@", "UserCode": "@totp@"},
        {"AccessToken": None, "Session": "@MFA_SETUP, secret handed out@", "UserCode": "@totp@"},
    ],
    "ConfirmDevice": [
        {
            "AccessToken": "@access@",
            "DeviceKey": "@new device@",
            "DeviceSecretVerifierConfig": {"PasswordVerifier": "Af8=", "Salt": "AQI="},
        },
        {"AccessToken": "@access@", "DeviceKey": "@new device@"},
    ],
    "ChangePassword": [
        {"AccessToken": "@access@", "PreviousPassword": PASSWORD, "ProposedPassword": PASSWORD}
    ],
    "InitiateAuth": [
        {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}}
        for name in ("alice", "carol", "dave")
    ],
    "AdminInitiateAuth": [
        {
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "alice", "PASSWORD": PASSWORD},
        }
    ],
    "GetTokensFromRefreshToken": [
        {
            "RefreshToken": "@access, refresh@",
            "DeviceKey": "@device@",
            "ClientId": CLIENT,
            "ClientSecret": None,
        }
    ],
    "RespondToAuthChallenge": [
        {
            "ClientId": CLIENT,
            "ChallengeName": challenge,
            "Session": f"@{session}@",
            "ChallengeResponses": {"USERNAME": name} | responses,
        }
        for challenge, session, name, responses in (
            ("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD_REQUIRED", "carol", {"NEW_PASSWORD": PASSWORD}),
            ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA", "dave", {"SOFTWARE_TOKEN_MFA_CODE": "@totp@"}),
            ("EMAIL_OTP", "EMAIL_OTP", "dave", {"EMAIL_OTP_CODE": "@code@"}),
            ("SMS_MFA", "SMS_MFA", "dave", {"SMS_MFA_CODE": "@code@"}),
            ("SELECT_MFA_TYPE", "SELECT_MFA_TYPE", "dave", {"ANSWER": "SOFTWARE_TOKEN_MFA"}),
            ("DEVICE_SRP_AUTH", "DEVICE_SRP_AUTH", "alice", {"DEVICE_KEY": "@device@", "SRP_A": "5"}),
        )
    ],
}
COHERENT["AddUserPoolClientSecret"] = [{"ClientId": MACHINE_CLIENT}]
COHERENT["DeleteUserPoolClientSecret"] = [{"ClientId": SECRET_CLIENT}]
COHERENT["GetClientToken"] = [{"ClientId": MACHINE_CLIENT, "Scopes": []}]
COHERENT["RevokeUserSession"] = [{"AccessToken": "@access of dave@", "SessionId": "@session of dave@"}]
COHERENT["AdminRevokeUserSession"] = [
    {"UserPoolId": POOL, "Username": "dave", "SessionId": "@session of dave@"}
]
COHERENT["StartWebAuthnRegistration"] = [{"AccessToken": "@access@"}]
COHERENT["DeleteWebAuthnCredential"] = [{"AccessToken": "@access@", "CredentialId": "@passkey@"}]
COHERENT["CompleteWebAuthnRegistration"] = [
    {
        "AccessToken": "@access@",
        "Credential": {
            "id": "@new passkey@",
            "rawId": "@new passkey@",
            "type": "public-key",
            "response": {
                "clientDataJSON": "@clientDataJSON@",
                "attestationObject": "@attestationObject@",
            },
        },
    }
]
COHERENT["UpdateUserPool"] = [
    OWN_EMAIL
    | {"MfaConfiguration": "OPTIONAL", "UserPoolTier": "PLUS", "AutoVerifiedAttributes": ["email"]}
    | {"Policies": {}, "LambdaConfig": {}, "AdminCreateUserConfig": {}}
]
COHERENT["AdminRespondToAuthChallenge"] = [
    {"UserPoolId": POOL} | request for request in COHERENT["RespondToAuthChallenge"]
]


def _nested(depth: int) -> Any:
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


JUNK = st.one_of(
    st.just(MISSING),
    st.sampled_from(
        [
            *(None, True, False, "", [], {}, [None], {"": None}, _nested(8), _nested(60)),
            *(0, -1, 1.5, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, float("nan"), float("inf")),
            *(
                "\ud800",
                "\udfff\ud800",
                "a\x00b",
                "\x7f\x1b[31m\r\nX-Header: y",
                "\u2028\u202e",
                "x" * 20_000,
            ),
            *("<script>", "{0}{name}%s", "../..", "@access@", *SQL),
        ]
    ),
    st.text(max_size=20),
    st.integers(),
    st.lists(st.text(max_size=3), max_size=3),
)


@st.composite
def right_requests(draw: DrawFn, operation: Operation) -> dict[str, Any]:
    """Return requests that keep to the model, nearly always; many of them succeed."""
    request: dict[str, Any] = draw(_values(operation.request, ""))
    coherent = draw(st.sampled_from([{}, *COHERENT.get(operation.name, [])]))
    changes: dict[str, Any] = deepcopy(coherent)
    return request | changes


@st.composite
def hostile_requests(draw: DrawFn, operation: Operation) -> Any:
    """Return requests like those, with junk in a place or three, or members missing there."""
    request = draw(right_requests(operation))
    for _ in range(draw(st.integers(1, 3))):
        place = request
        key = draw(st.sampled_from([*place, "Unknown"]))
        while isinstance(place.get(key), dict) and draw(st.booleans()):
            place = place[key]
            key = draw(st.sampled_from([*place, "Unknown"]))
        place[key] = draw(_spoilt(place.get(key)))
        if place[key] is MISSING:
            del place[key]
    return request


def _spoilt(value: Any) -> SearchStrategy[Any]:
    junk = JUNK.map(lambda drawn: drawn if drawn is MISSING else deepcopy(drawn))
    if isinstance(value, list):
        return st.one_of(junk, junk.map(lambda item: [*value, item if item is not MISSING else None]))
    return junk


@cache
def _values(shape: Shape, name: str) -> SearchStrategy[Any]:
    """Return what the model allows at a place of this `name`."""
    low, high = shape.minimum or 0, 2**31 - 1 if shape.maximum is None else shape.maximum
    if isinstance(shape, Structure):
        return _structures(shape)
    if isinstance(shape, Collection) and shape.type == "list":
        return st.lists(_values(shape.item, name), min_size=low, max_size=min(high, low + 3))
    if isinstance(shape, Collection):
        return _maps(shape, name)
    if shape.type in ("integer", "long"):
        return st.integers(low, high)
    if isinstance(shape, Scalar) and shape.type == "string":
        return _strings(shape, name)
    return st.booleans()


def _maps(shape: Collection, name: str) -> SearchStrategy[dict[str, Any]]:
    if name in ("AuthParameters", "ChallengeResponses"):
        values = {key: st.sampled_from(known) for key, known in PARAMETERS.items()}
        always = {key: values.pop(key) for key in ("USERNAME", "PASSWORD")}
        return st.fixed_dictionaries(always, optional=values)
    keys = st.text("abc:/_ é", min_size=1, max_size=5)
    return st.dictionaries(keys, _values(shape.item, ""), max_size=3)


def _strings(shape: Scalar, name: str) -> SearchStrategy[str]:
    if name in KNOWN or shape.enum:
        return st.sampled_from(KNOWN.get(name) or list(shape.enum))
    shortest, longest = shape.minimum or 0, 30 if shape.maximum is None else min(shape.maximum, 30)
    letters = st.text("abcAZ09", min_size=shortest, max_size=max(shortest, longest))
    return letters if shape.pattern else st.one_of(letters, st.sampled_from(SQL))


def _structures(shape: Structure) -> SearchStrategy[dict[str, Any]]:
    members = {
        name: st.sampled_from(ATTRIBUTE[name]) if shape.name == "AttributeType" else _values(member, name)
        for name, member in shape.members.items()
    }
    required = {name: members.pop(name) for name in shape.required}
    return st.fixed_dictionaries(required, optional=members)
