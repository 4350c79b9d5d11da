"""A client's half of USER_SRP_AUTH, and other tools of attackers."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Any

from pycognito.aws_srp import AWSSRP

from test.support.pool_driver import ALICE, PASSWORD

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver


class PasswordSrp:
    """A client's half of USER_SRP_AUTH, computed by pycognito."""

    def __init__(self, pool: PoolDriver, name: str = ALICE, password: str = PASSWORD) -> None:
        """Choose a; nothing is sent yet."""
        self.pool, self.name = pool, name
        self.srp = AWSSRP(name, password, pool.id, pool.client_id, client=pool.api)

    def begin(self, public_a: str | None = None) -> dict[str, str]:
        """InitiateAuth; return the parameters of PASSWORD_VERIFIER."""
        values = {"SRP_A": public_a or f"{self.srp.large_a_value:x}"}
        answer = self.pool.api.initiate_auth(
            ClientId=self.pool.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters=self.pool.in_map(self.name, values),
        )
        assert answer["ChallengeName"] == "PASSWORD_VERIFIER"
        parameters: dict[str, str] = answer["ChallengeParameters"]
        return parameters

    def claim(self, parameters: dict[str, str], timestamp: str | None = None) -> dict[str, Any]:
        """Return the proof."""
        timestamp = timestamp or self.pool.clock.timestamp()
        user_id, public_b = parameters["USER_ID_FOR_SRP"], int(parameters["SRP_B"], 16)
        key = self.srp.get_password_authentication_key(
            user_id, self.srp.password, public_b, parameters["SALT"]
        )
        block = base64.b64decode(parameters["SECRET_BLOCK"])
        return signed_claim(key, self.pool.id.split("_")[1] + user_id, block, timestamp)

    def answer(
        self, claim: dict[str, Any], name: str | None = None, pool: PoolDriver | None = None
    ) -> dict[str, Any]:
        """RespondToAuthChallenge."""
        return (pool or self.pool).answer("PASSWORD_VERIFIER", name or self.name, None, **claim)


def signed_claim(key: bytes, identity: str, block: bytes, timestamp: str) -> dict[str, Any]:
    """Return the responses that prove `key`."""
    message = identity.encode() + block + timestamp.encode()
    return {
        "TIMESTAMP": timestamp,
        "PASSWORD_CLAIM_SECRET_BLOCK": base64.b64encode(block).decode(),
        "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
    }


def other_code(code: str) -> str:
    """Return a code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))
