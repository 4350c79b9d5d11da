"""The client's half of SRP: against published vectors, the two helpers that it can replace, and a server."""

from __future__ import annotations

import base64
import datetime as dt
import inspect
import json
import logging
import secrets
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito import aws_srp as pycognito_srp
from warrant import aws_srp as warrant_srp

import cognito_srp
from cognito_idp_actions import SignInError, UnsafeSrpValueError, secret_hash
from cognito_srp import AWSSRP
from local_cognito.rules import srp as server

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
DATA = json.loads((Path(__file__).parent / "support" / "srp_vectors.json").read_text(encoding="utf-8"))
VECTORS: dict[str, dict[str, str]] = {vector["name"]: vector for vector in DATA["vectors"]}
EXCHANGES = [vector for vector in VECTORS.values() if "signature" in vector]
USERS = [vector for vector in EXCHANGES if "pool_id" in vector]
DEVICES = [vector for vector in EXCHANGES if "device_key" in vector]
POOL_ID, CLIENT_ID, CLIENT_SECRET = "eu-west-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE", "client-secret"
USER, PASSWORD = "alice", "Correct-Horse-1!"
DEVICE = {"device_key": "eu-west-1_0f9e", "device_group_key": "-AbCdEfGh", "device_password": "of the device"}
CHALLENGE = {"USER_ID_FOR_SRP": USER, "SALT": "8a02", "SRP_B": "499602d2", "SECRET_BLOCK": "b3BhcXVl"}
FUNCTIONS = (
    "hash_sha256",
    "hex_hash",
    "hex_to_long",
    "long_to_hex",
    "pad_hex",
    "compute_hkdf",
    "calculate_u",
)


def name_of(vector: dict[str, str]) -> str:
    """Return what a vector is called."""
    return vector["name"]


def exchange(vector: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AWSSRP:
    """Return an exchange that chooses the vector's a, at the vector's time."""
    now = dt.datetime.strptime(vector["TIMESTAMP"], "%a %b %d %H:%M:%S UTC %Y").replace(
        tzinfo=dt.timezone.utc
    )
    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda _zone: now), timezone=dt.timezone)
    monkeypatch.setattr(cognito_srp, "dt", clock)
    monkeypatch.setattr(AWSSRP, "generate_random_small_a", lambda _self: int(vector["a"], 16))
    device = {name: vector.get(name) for name in DEVICE}
    return AWSSRP(USER, vector.get("password", ""), vector.get("pool_id", POOL_ID), CLIENT_ID, **device)


class TestVectors:
    """Every value that was published, digit by digit."""

    @pytest.mark.parametrize("vector", USERS, ids=name_of)
    def test_a_user_is_proved_as_published(
        self, vector: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A, key, timestamp and signature of a user are those of the vector."""
        srp = exchange(vector, monkeypatch)

        proof = srp.process_challenge(vector)
        key = srp.get_password_authentication_key(
            vector["USER_ID_FOR_SRP"], vector["password"], int(vector["SRP_B"], 16), vector["SALT"]
        )

        assert srp.get_auth_params() == {"USERNAME": USER, "SRP_A": vector["A"]}
        assert key.hex() == vector["hkdf_key"]
        assert proof["TIMESTAMP"] == vector["TIMESTAMP"]
        assert proof["PASSWORD_CLAIM_SIGNATURE"] == vector["signature"]
        assert proof["PASSWORD_CLAIM_SECRET_BLOCK"] == vector["SECRET_BLOCK"]

    @pytest.mark.parametrize("vector", DEVICES, ids=name_of)
    def test_a_device_is_proved_as_published(
        self, vector: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A, key and signature of a device are those of the vector."""
        srp = exchange(vector, monkeypatch)

        proof = srp.process_device_challenge(vector)
        key = srp.get_device_authentication_key(
            vector["device_group_key"],
            vector["device_key"],
            vector["device_password"],
            int(vector["SRP_B"], 16),
            vector["SALT"],
        )

        assert f"{srp.large_a_value:x}" == vector["A"]
        assert key.hex() == vector["hkdf_key"]
        assert proof["PASSWORD_CLAIM_SIGNATURE"] == vector["signature"]
        assert (proof["USERNAME"], proof["DEVICE_KEY"]) == (USER, vector["device_key"])

    @pytest.mark.parametrize("vector", EXCHANGES, ids=name_of)
    def test_u_and_the_key_are_the_published_ones(self, vector: dict[str, str]) -> None:
        """The value u is the hash of both public values, and K the HKDF of S with it."""
        u = cognito_srp.calculate_u(int(vector["A"], 16), int(vector["SRP_B"], 16))
        key = cognito_srp.compute_hkdf(
            bytes.fromhex(cognito_srp.pad_hex(int(vector["S"], 16))), bytes.fromhex(cognito_srp.pad_hex(u))
        )

        assert u == int(vector["u"], 16)
        assert key.hex() == vector["hkdf_key"]

    def test_the_group_is_the_published_one(self) -> None:
        """N, g and k are the vectors' own, as constants and on the object, by both helpers' names."""
        group = {name: int(DATA["group"][name], 16) for name in ("N", "g", "k")}
        srp = AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID)

        assert (int(cognito_srp.N_HEX, 16), int(cognito_srp.G_HEX, 16)) == (group["N"], group["g"])
        assert (srp.big_n, srp.val_g, srp.val_k) == (group["N"], group["g"], group["k"])
        assert (srp.g, srp.k) == (srp.val_g, srp.val_k)

    def test_the_secret_hash_is_the_published_one(self) -> None:
        """The secret hash of the vector comes out."""
        vector = VECTORS["user-tiny-B"]

        computed = AWSSRP.get_secret_hash(
            vector["USER_ID_FOR_SRP"], vector["client_id"], vector["client_secret"]
        )

        assert computed == vector["secret_hash_for_test"]


class TestInterface:
    """What callers of the other helpers find here."""

    @pytest.mark.parametrize("other", [pycognito_srp, warrant_srp], ids=["pycognito", "warrant"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    @settings(deadline=None, derandomize=True, database=None)
    @given(data=st.data())
    def test_functions_give_what_the_others_give(
        self, other: ModuleType, function: str, data: st.DataObject
    ) -> None:
        """Each function returns for any value what it returns in pycognito and in warrant."""
        numbers = st.integers(min_value=0, max_value=2**3100)
        digits = st.text("0123456789abcdefABCDEF", min_size=1)
        arguments: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
            "hash_sha256": st.tuples(st.binary()),
            "hex_hash": st.tuples(st.binary().map(bytes.hex)),
            "hex_to_long": st.tuples(digits),
            "long_to_hex": st.tuples(numbers),
            "pad_hex": st.tuples(numbers | digits),
            "compute_hkdf": st.tuples(st.binary(min_size=1), st.binary(min_size=1)),
            "calculate_u": st.tuples(numbers, numbers),
        }
        values = data.draw(arguments[function])

        assert getattr(cognito_srp, function)(*values) == getattr(other, function)(*values)

    @pytest.mark.parametrize("other", [pycognito_srp, warrant_srp], ids=["pycognito", "warrant"])
    def test_awssrp_takes_the_parameters_that_the_others_take(self, other: ModuleType) -> None:
        """The same names, in the same order, with the same defaults."""
        theirs = list(inspect.signature(other.AWSSRP).parameters.values())
        ours = list(inspect.signature(AWSSRP).parameters.values())

        assert [(p.name, p.default) for p in ours[: len(theirs)]] == [(p.name, p.default) for p in theirs]

    @pytest.mark.parametrize("secret", [None, CLIENT_SECRET], ids=["no secret", "secret"])
    @pytest.mark.parametrize("device", [{}, DEVICE], ids=["no device", "device"])
    @pytest.mark.parametrize("names", [{"USERNAME": "id"}, {}], ids=["named", "not named"])
    def test_answers_are_those_of_pycognito(
        self,
        monkeypatch: pytest.MonkeyPatch,
        secret: str | None,
        device: dict[str, str],
        names: dict[str, str],
    ) -> None:
        """For users and devices, requests and proofs are pycognito's, field by field."""
        now = dt.datetime(2026, 2, 1, 3, 4, 5, tzinfo=dt.timezone.utc)
        clock = SimpleNamespace(utcnow=lambda: now, now=lambda _zone: now)
        for module, name in ((cognito_srp, "dt"), (pycognito_srp, "datetime")):
            monkeypatch.setattr(module, name, SimpleNamespace(datetime=clock, timezone=dt.timezone))
            monkeypatch.setattr(module.AWSSRP, "generate_random_small_a", lambda _self: 2**255 + 1)
        ours, theirs = (
            module.AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID, None, object(), secret, **device)
            for module in (cognito_srp, pycognito_srp)
        )
        sent = ours.get_auth_params()

        assert sent == theirs.get_auth_params()
        assert ours.process_challenge({**CHALLENGE, **names}, sent) == theirs.process_challenge(
            {**CHALLENGE, **names}, sent
        )
        if device:
            asked = {**CHALLENGE, "USERNAME": "id"}
            assert ours.process_device_challenge(asked) == theirs.process_device_challenge(asked)

    def test_the_name_is_taken_from_the_challenge_first(self) -> None:
        """USERNAME of the challenge comes before the one that was sent, USER_ID_FOR_SRP after both."""
        srp = AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID, client_secret=CLIENT_SECRET)

        named = srp.process_challenge({**CHALLENGE, "USERNAME": "id"}, {"USERNAME": "typed"})
        sent = srp.process_challenge(CHALLENGE, {"USERNAME": "typed"})
        neither = srp.process_challenge({**CHALLENGE, "USER_ID_FOR_SRP": "srp"})

        for proof, name in ((named, "id"), (sent, "typed"), (neither, "srp")):
            assert proof["USERNAME"] == name
            assert proof["SECRET_HASH"] == secret_hash(name, CLIENT_ID, CLIENT_SECRET)

    @pytest.mark.parametrize("given", [["device_key"], ["device_key", "device_password"]])
    def test_half_a_device_is_refused(self, given: list[str]) -> None:
        """A device is three values, or none."""
        with pytest.raises(ValueError, match="none of the three"):
            AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID, **{name: DEVICE[name] for name in given})

    def test_without_a_device_there_is_no_proof_of_one(self) -> None:
        """An object that was made without a device says so."""
        with pytest.raises(ValueError, match="no device"):
            AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID).process_device_challenge(CHALLENGE)


class TestServer:
    """Both directions with the server's half, which shares no code with the client's."""

    @pytest.mark.parametrize("guess", [PASSWORD, "Wrong-Horse-1!"], ids=["right", "wrong"])
    @pytest.mark.parametrize("helper", [cognito_srp, pycognito_srp, warrant_srp], ids=lambda m: m.__name__)
    def test_the_server_derives_the_same_key_for_the_right_password_only(
        self, helper: ModuleType, guess: str
    ) -> None:
        """K is the server's when the password is right, with each helper, for random a, b and salt."""
        salt, b = server.new_salt(secrets.token_bytes), secrets.randbits(256)
        verifier = server.make_verifier(salt, "AbCdEf123" + USER, PASSWORD)
        public_b = server.public_value(b, verifier)
        srp = helper.AWSSRP(USER, guess, POOL_ID, CLIENT_ID, client=object())

        key = srp.get_password_authentication_key(USER, guess, public_b, f"{salt:x}")

        expected = server.session_key(srp.large_a_value, b, public_b, verifier)
        assert (bytes(key) == expected) is (guess == PASSWORD)

    @pytest.mark.parametrize("text", ["8A02", "08a02", "008a02", "0000008a02"])
    def test_a_salt_counts_as_the_number_that_it_is(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Capitals, leading zeros and an odd number of digits change nothing."""
        srp = exchange(VECTORS["user-two-sided"], monkeypatch)

        assert srp.process_challenge({**CHALLENGE, "SALT": text}) == srp.process_challenge(CHALLENGE)


class TestSafety:
    """Values that would prove nothing, randomness, and what is said about it."""

    @pytest.mark.parametrize(
        ("changed", "complaint"),
        [
            ({"SRP_B": "0"}, "multiple of N"),
            ({"SRP_B": cognito_srp.N_HEX}, "multiple of N"),
            ({"SRP_B": f"{2 * int(cognito_srp.N_HEX, 16):x}"}, "multiple of N"),
            ({"SRP_B": "-1"}, "SRP_B is not hexadecimal"),
            ({"SRP_B": "0x1"}, "SRP_B is not hexadecimal"),
            ({"SRP_B": "1_0"}, "SRP_B is not hexadecimal"),
            ({"SRP_B": "\N{FULLWIDTH DIGIT ONE}"}, "SRP_B is not hexadecimal"),
            ({"SALT": "salt"}, "SALT is not hexadecimal"),
            ({"SECRET_BLOCK": "!"}, "SECRET_BLOCK is not Base64"),
            ({"SECRET_BLOCK": "\N{LATIN SMALL LETTER SHARP S}"}, "SECRET_BLOCK is not Base64"),
            ({"SRP_B": ""}, "without SRP_B;"),
            ({"SALT": None}, "without SALT;"),
            ({"SECRET_BLOCK": 5}, "without SECRET_BLOCK;"),
            ({"USER_ID_FOR_SRP": None}, "without USER_ID_FOR_SRP;"),
        ],
    )
    def test_unsafe_values_are_refused(self, changed: dict[str, Any], complaint: str) -> None:
        """What RFC 5054 forbids, and what is no value, is an error of the wrapper's family, not a proof."""
        srp = AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID)

        with pytest.raises(UnsafeSrpValueError, match=complaint) as refusal:
            srp.process_challenge({**CHALLENGE, **changed})

        assert isinstance(refusal.value, SignInError)
        assert PASSWORD not in str(refusal.value)

    def test_u_of_zero_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """RFC 5054 forbids u = 0, which no real hash gives."""
        srp = AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID)
        monkeypatch.setattr(cognito_srp, "calculate_u", lambda _a, _b: 0)

        with pytest.raises(UnsafeSrpValueError, match="u is 0"):
            srp.process_challenge(CHALLENGE)

    def test_a_is_a_new_number_of_256_bits_each_time(self) -> None:
        """The secret exponents of a hundred exchanges differ, and some have their top bit set."""
        exponents = [AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID).small_a_value for _ in range(100)]

        assert len(set(exponents)) == 100
        assert max(exponent.bit_length() for exponent in exponents) == 256

    def test_get_random_has_as_many_bytes_as_asked_for(self) -> None:
        """A number of n bytes is below 256^n, and does not stay far below."""
        numbers = [cognito_srp.get_random(16) for _ in range(200)]

        assert max(numbers).bit_length() == 128

    @pytest.mark.parametrize("day", [1, 31])
    def test_no_locale_changes_the_timestamp(self, day: int) -> None:
        """Weekday and month are English and the day has no zero, whatever the locale calls them."""

        class Elsewhere(dt.datetime):
            def strftime(self, layout: str) -> str:
                return super().strftime(layout.replace("%a", "Fr.").replace("%b", "mai"))

        written = AWSSRP.get_cognito_formatted_timestamp(
            Elsewhere(2026, 5, day, 3, 4, 5, tzinfo=dt.timezone.utc)
        )

        assert written == {1: "Fri May 1 03:04:05 UTC 2026", 31: "Sun May 31 03:04:05 UTC 2026"}[day]

    def test_without_gmpy2_the_proof_is_the_same(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Python's own pow gives the vector's signature, and that is said once, at debug level."""
        monkeypatch.setitem(sys.modules, "gmpy2", None)
        cognito_srp._power.cache_clear()  # noqa: SLF001 - nothing public tells it
        caplog.set_level(logging.DEBUG)
        vector = VECTORS["user-two-sided"]
        try:
            proof = exchange(vector, monkeypatch).process_challenge(vector)
        finally:
            cognito_srp._power.cache_clear()  # noqa: SLF001 - nothing public tells it

        assert proof["PASSWORD_CLAIM_SIGNATURE"] == vector["signature"]
        assert [(record.levelname, record.name) for record in caplog.records] == [("DEBUG", "cognito_srp")]
        assert "gmpy2 is not installed" in caplog.text

    def test_with_gmpy2_nothing_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        """A proof leaves no trace at any level."""
        caplog.set_level(logging.DEBUG)

        AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID).process_challenge(CHALLENGE)

        assert caplog.records == []

    def test_the_module_is_loaded_without_boto3_requests_and_gmpy2(self) -> None:
        """An import pays for nothing that may not be needed."""
        program = "import sys, cognito_srp; print(sorted({'boto3', 'requests', 'gmpy2'} & set(sys.modules)))"

        printed = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

        assert printed == "[]\n"

    def test_the_repr_shows_no_password(self) -> None:
        """An exchange in a traceback or a log gives nothing away."""
        shown = repr(AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID, client_secret=CLIENT_SECRET, **DEVICE))

        assert [
            secret for secret in (PASSWORD, CLIENT_SECRET, DEVICE["device_password"]) if secret in shown
        ] == []

    def test_signatures_are_base64_of_32_bytes(self) -> None:
        """A proof is HMAC-SHA256 in standard Base64."""
        proof = AWSSRP(USER, PASSWORD, POOL_ID, CLIENT_ID).process_challenge(CHALLENGE)

        assert len(base64.b64decode(proof["PASSWORD_CLAIM_SIGNATURE"], validate=True)) == 32
