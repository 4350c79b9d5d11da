"""What TokenVerifier accepts and refuses, without a pool: keys and tokens are made here."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore
import jwt
import pytest

import token_verifier
from test.support.signed_tokens import (
    CLIENT_ID,
    ISSUER,
    KEY_ID,
    NOW,
    POOL_ID,
    UPDATED_ISSUER,
    SetClock,
    access_token,
    id_token,
    key_set,
    public_key,
    signed,
    signing_key,
    unsigned,
)
from token_verifier import (
    CognitoAuthError,
    ExpiredTokenError,
    ForeignTokenError,
    InsufficientScopeError,
    KeysUnavailableError,
    MalformedTokenError,
    TamperedTokenError,
    TokenAlgorithmError,
    TokenError,
    TokenUseError,
    TokenVerifier,
    dns_suffix,
    issuers_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
REPLICA_ISSUER = f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL_ID}"


def verifier(**options: Any) -> TokenVerifier:
    """Return a verifier that knows the keys and the time."""
    settings = {"client_ids": CLIENT_ID, "jwks": key_set(), "clock": SetClock(), **options}
    return TokenVerifier(POOL_ID, **settings)


class TestIssuers:
    """Who may have issued a token."""

    @pytest.mark.parametrize("issuer", [ISSUER, UPDATED_ISSUER])
    def test_both_forms_are_accepted(self, issuer: str) -> None:
        """The original issuer of a pool, and the one that AWS recommends now."""
        assert verifier().verify(access_token(iss=issuer))["username"] == "alice"

    @pytest.mark.parametrize(
        "issuer",
        [
            f"{ISSUER}/",
            ISSUER.upper(),
            f"{ISSUER[:-1]}4",
            ISSUER.replace("https", "http"),
            REPLICA_ISSUER,
            [ISSUER],
            {"iss": ISSUER},
            5,
            None,
            "",
        ],
    )
    def test_anything_else_is_foreign(self, issuer: Any) -> None:
        """`iss` is compared as a whole, and must be a text."""
        with pytest.raises(ForeignTokenError):
            verifier().verify(access_token(iss=issuer))

    def test_a_replica_is_accepted_when_it_is_named(self) -> None:
        """A token of the pool's copy in another region has that region's issuer."""
        named = verifier(replica_regions=["eu-central-1"])

        assert named.verify(access_token(iss=REPLICA_ISSUER))["username"] == "alice"
        assert named.verify(access_token())["username"] == "alice"

    def test_an_issuer_that_is_given_is_the_only_one(self) -> None:
        """It takes the place of the pool's own two."""
        own = verifier(issuer="https://id.example.com")

        assert own.verify(access_token(iss="https://id.example.com"))["username"] == "alice"
        with pytest.raises(ForeignTokenError):
            own.verify(access_token())

    def test_each_partition_has_the_suffix_of_botocore(self) -> None:
        """The table of DNS suffixes is what botocore's data says, for each region there is."""
        data = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())
        regions = {
            region: partition["outputs"]["dnsSuffix"]
            for partition in data["partitions"]
            for region in partition["regions"]
            if not region.endswith("-global")
        }

        assert {region: dns_suffix(region) for region in regions} == regions
        assert (
            issuers_of("cn-north-1_Ab1")[0]
            == "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab1"
        )

    @pytest.mark.parametrize(
        "pool_id", ["", "eu-west-1", "_A", "eu-west-1_", "eu-west-1_A/../B", "evil.example/x_A"]
    )
    def test_what_is_not_a_pool_id_shows_at_once(self, pool_id: str) -> None:
        """An address is never made of something else."""
        with pytest.raises(ValueError, match="user pool ID"):
            TokenVerifier(pool_id, client_ids=None)

    def test_keys_are_below_the_issuer(self) -> None:
        """Each issuer's keys are fetched from its own place, unless one is given for all."""
        fetched: list[str] = []

        def fetch(url: str) -> str:
            fetched.append(url)
            return json.dumps(key_set())

        options = {"jwks": None, "fetch": fetch}
        verifier(**options).verify(access_token())
        verifier(**options).verify(access_token(iss=UPDATED_ISSUER))
        one_place = verifier(**options, jwks_url="https://keys.example.com/all")
        one_place.verify(access_token())
        one_place.verify(access_token(iss=UPDATED_ISSUER))

        assert fetched == [
            f"{ISSUER}/.well-known/jwks.json",
            f"{UPDATED_ISSUER}/.well-known/jwks.json",
            "https://keys.example.com/all",
        ]


class TestPurpose:
    """Whom a token is for, and what."""

    @pytest.mark.parametrize("client_ids", [CLIENT_ID, ["another", CLIENT_ID], {CLIENT_ID}, None])
    def test_one_client_several_or_any(self, client_ids: Any) -> None:
        """Access tokens name it in client_id, ID tokens in aud."""
        several = verifier(client_ids=client_ids)

        assert several.verify(access_token())["username"] == "alice"
        assert several.verify(id_token(), "id")["cognito:username"] == "alice"

    @pytest.mark.parametrize("client_ids", ["another", ["another"], [], CLIENT_ID[:-1]])
    def test_another_client(self, client_ids: Any) -> None:
        """No token is accepted for a client that was not named; part of a name is not the name."""
        with pytest.raises(ForeignTokenError):
            verifier(client_ids=client_ids).verify(access_token())

    def test_which_clients_has_to_be_said(self) -> None:
        """Accepting every client of the pool is never an oversight."""
        with pytest.raises(TypeError, match="client_ids"):
            TokenVerifier(POOL_ID)  # type: ignore[call-arg]

    def test_the_other_use(self) -> None:
        """An ID token does not stand in for an access token, nor the other way round."""
        with pytest.raises(TokenUseError, match="access token"):
            verifier().verify(id_token())
        with pytest.raises(TokenUseError, match="id token"):
            verifier().verify(access_token(), "id")

    def test_a_use_that_does_not_exist(self) -> None:
        """It is the caller's mistake, and not the token's."""
        with pytest.raises(ValueError, match="use"):
            verifier().verify(access_token(), "refresh")  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("scope", "wanted", "is_enough"),
        [
            ("a b", ("a",), True),
            ("a b", ("b", "a"), True),
            ("a b", "b", True),
            ("ab", ("a",), False),
            ("a", ("a", "b"), False),
            (None, ("a",), False),
            (["a"], ("a",), False),
        ],
    )
    def test_every_scope_is_needed(self, scope: Any, wanted: Any, *, is_enough: bool) -> None:
        """Each scope that is asked for must be in the token's list, as a whole word."""
        outcome = outcome_of(lambda: verifier().verify(access_token(scope=scope), scopes=wanted))

        assert outcome == (None if is_enough else InsufficientScopeError)

    @pytest.mark.parametrize(
        ("groups", "wanted", "is_enough"),
        [
            (["readers"], ("readers", "writers"), True),
            (["readers"], "readers", True),
            (["readers"], ("writers",), False),
            ("readers", ("readers",), False),
            (None, ("readers",), False),
            ([["readers"]], ("readers",), False),
        ],
    )
    def test_one_group_is_enough(self, groups: Any, wanted: Any, *, is_enough: bool) -> None:
        """The user must be in one of the groups that are asked for."""
        token = access_token(**{"cognito:groups": groups})

        assert outcome_of(lambda: verifier().verify(token, groups=wanted)) == (
            None if is_enough else InsufficientScopeError
        )


class TestTime:
    """Until when a token is good."""

    @pytest.mark.parametrize(
        ("exp", "leeway", "is_good"),
        [
            (NOW + 1, 0, True),
            (NOW, 0, False),
            (NOW - 5, 10, True),
            (NOW - 10, 10, False),
            (NOW + 0.5, 0, True),
        ],
    )
    def test_expiry(self, exp: float, leeway: float, *, is_good: bool) -> None:
        """At its `exp` a token has expired, and at most the leeway later it is refused."""
        outcome = outcome_of(lambda: verifier(leeway=leeway).verify(access_token(exp=exp)))

        assert outcome == (None if is_good else ExpiredTokenError)

    @pytest.mark.parametrize("exp", [None, "soon", True, [NOW], float("inf"), float("nan"), 10**400])
    def test_an_expiry_that_is_not_a_time(self, exp: Any) -> None:
        """It is malformed, and no OverflowError."""
        with pytest.raises(MalformedTokenError, match="exp"):
            verifier().verify(access_token(exp=exp))

    def test_a_token_that_is_not_valid_yet(self) -> None:
        """`nbf` counts when there is one; `iat` may be to come, as clocks differ."""
        with pytest.raises(ExpiredTokenError, match="not valid yet"):
            verifier().verify(access_token(nbf=NOW + 5))

        assert verifier(leeway=5).verify(access_token(nbf=NOW + 5, iat=NOW + 5))


HEADER = json.dumps({"alg": "RS256", "kid": KEY_ID}).encode()
ODD_TOKENS: dict[str, Callable[[], Any]] = {
    "empty": str,
    "text": lambda: "text",
    "two parts": lambda: "a.b",
    "dots": lambda: "..",
    "snowman": lambda: "\N{SNOWMAN}.x.y",
    "lone surrogate": lambda: "\ud800",
    "lone surrogate in a part": lambda: f"{access_token()}\udfff",
    "zero byte": lambda: f"\0{access_token()}",
    "header is a list": lambda: unsigned(b"[]", b"{}"),
    "payload is a list": lambda: signed([]),
    "payload is a number": lambda: signed(5),
    "payload is not JSON": lambda: signed(b"{"),
    "payload is not UTF-8": lambda: signed(b"\xff\xfe"),
    "header nested": lambda: unsigned(b"[" * 100_000, b"{}"),
    "payload nested": lambda: unsigned(HEADER, b'{"iss":' + b"[" * 100_000),
    "payload nested and signed": lambda: signed(b'{"iss":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "number without end": lambda: signed(b'{"exp":' + b"9" * 10_000 + b"}"),
    "key ID is a list": lambda: unsigned(json.dumps({"alg": "RS256", "kid": [KEY_ID]}).encode(), b"{}"),
    "algorithm is a list": lambda: unsigned(json.dumps({"alg": ["RS256"], "kid": KEY_ID}).encode(), b"{}"),
    "algorithm is none": lambda: unsigned(json.dumps({"alg": "none", "kid": KEY_ID}).encode(), b"{}", b""),
    "unknown critical header": lambda: signed({"iss": ISSUER}, crit=["b64"], b64=False),
    "sub is a number": lambda: access_token(client_id=5, sub=5),
    "aud is a list": lambda: id_token(aud=[CLIENT_ID], token_use="access"),
    "None": lambda: None,
    "bytes of nothing": lambda: b"",
}


class TestAnyText:
    """Whatever is sent as a token: claims, or a TokenError."""

    @pytest.mark.parametrize("name", ODD_TOKENS)
    def test_it_is_a_token_error(self, name: str) -> None:
        """None of it is another exception, which a server would answer with 500, nor in the message."""
        token = ODD_TOKENS[name]()

        with pytest.raises(TokenError) as refusal:
            verifier().verify(token)

        assert len(str(refusal.value)) < 100

    @pytest.mark.parametrize("part", [1, 2], ids=["payload", "signature"])
    def test_a_tampered_token(self, part: int) -> None:
        """Neither claims nor signature can be changed."""
        parts = access_token().split(".")
        parts[part] = access_token(username="bob").split(".")[part]

        with pytest.raises(TamperedTokenError):
            verifier().verify(".".join(parts))

    def test_another_key_of_the_same_name(self) -> None:
        """Naming the pool's key is not having it."""
        token = signed({"iss": ISSUER}, "another", kid=KEY_ID)

        with pytest.raises(TamperedTokenError):
            verifier().verify(token)

    @pytest.mark.parametrize("algorithm", ["HS256", "RS512", "PS256"])
    def test_another_algorithm(self, algorithm: str) -> None:
        """Neither the public key as a secret, nor a right signature of another kind."""
        secret = base64.b64encode(b"x" * 64).decode()
        key = secret if algorithm == "HS256" else signing_key()
        token = jwt.encode({"iss": ISSUER}, key, algorithm=algorithm, headers={"kid": KEY_ID})

        with pytest.raises(TokenAlgorithmError):
            verifier().verify(token)


class TestKeySets:
    """Which keys of a set count, and whose fault the others are."""

    @pytest.mark.parametrize(
        "text",
        [key_set(), json.dumps(key_set()), json.dumps(key_set()).encode()],
        ids=["object", "text", "bytes"],  # by the keys themselves, they would differ from worker to worker
    )
    def test_keys_may_be_given(self, text: Any) -> None:
        """As a mapping or as JSON text, such as that of an environment variable."""
        assert verifier(jwks=text).verify(access_token())["username"] == "alice"

    @pytest.mark.parametrize(
        "odd",
        [
            {"alg": "none"},
            {"alg": "RS512"},
            {"use": "enc"},
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kid": 5},
            {"kid": None},
        ],
    )
    def test_a_key_for_something_else_is_left_out(self, odd: dict[str, Any]) -> None:
        """The others are good; a token that names it is foreign."""
        mixed = verifier(jwks={"keys": [{**public_key("odd"), **odd}, public_key(), 5]})

        assert mixed.verify(access_token())["username"] == "alice"
        with pytest.raises(ForeignTokenError):
            mixed.verify(access_token("odd"))

    @pytest.mark.parametrize("odd", [{"n": "!"}, {"n": 5}, {"n": None}, {"e": ""}, {"e": "AA"}])
    def test_a_broken_key_is_not_the_tokens_fault(self, odd: dict[str, Any]) -> None:
        """Nothing can be said about a token of that key; the others are good."""
        mixed = verifier(jwks={"keys": [{**public_key("odd"), **odd}, public_key()]})

        assert mixed.verify(access_token())["username"] == "alice"
        with pytest.raises(KeysUnavailableError):
            mixed.verify(access_token("odd"))

    @pytest.mark.parametrize(
        "jwks", [{}, {"keys": []}, {"keys": {}}, [], "", "{", {"keys": [5]}, "[" * 100_000]
    )
    def test_keys_that_are_given_are_checked_at_once(self, jwks: Any) -> None:
        """What has no key in it shows when the verifier is made."""
        with pytest.raises(ValueError, match=r"."):
            verifier(jwks=jwks)

    def test_keys_are_given_or_fetched(self) -> None:
        """Both at once is a mistake, as is an address that is not an HTTP URL."""
        with pytest.raises(ValueError, match="not both"):
            verifier(jwks_url="https://example.com")
        with pytest.raises(ValueError, match="HTTP"):
            TokenVerifier(POOL_ID, client_ids=None, jwks_url="file:///etc/passwd")


def outcome_of(verify: Callable[[], object]) -> type[Exception] | None:
    """Return the error of a verification, or None when the token passed."""
    try:
        verify()
    except CognitoAuthError as error:
        return type(error)
    return None


def test_errors_have_one_base() -> None:
    """A caller catches all of them as CognitoAuthError."""
    errors = {getattr(token_verifier, name) for name in token_verifier.__all__ if name.endswith("Error")}

    assert len(errors) == 10
    assert all(issubclass(error, CognitoAuthError) for error in errors)


def test_it_needs_neither_boto3_nor_srp_and_loads_nothing_heavy() -> None:
    """The module can be copied with token_keys alone; PyJWT is loaded with the first token."""
    heavy = {
        "boto3",
        "botocore",
        "cognito_srp",
        "cognito_idp_actions",
        "jwt",
        "urllib.request",
        "cryptography",
    }
    program = f"import sys, token_verifier; print(sorted({heavy} & set(sys.modules)))"

    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert printed == "[]\n"
