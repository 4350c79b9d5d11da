"""A client's half of USER_SRP_AUTH, with pycognito's formulas and the clock of the test."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Any

from pycognito.aws_srp import AWSSRP

from test.support.pool_driver import ALICE, PASSWORD

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver


class UserSrp:
    """One sign-in by SRP as pycognito computes it; each step can be taken with other values."""

    def __init__(self, pool: PoolDriver, name: str = ALICE, password: str = PASSWORD) -> None:
        self.pool, self.name, self.password = pool, name, password
        self.srp = AWSSRP(
            username=name, password=password, pool_id=pool.id, client_id=pool.client_id, client=pool.api
        )
        self.public_a = f"{self.srp.large_a_value:x}"

    def begin(self, *, admin: bool = False, **values: Any) -> dict[str, str]:
        """Send A; return the parameters of the PASSWORD_VERIFIER challenge."""
        fields = {
            "ClientId": self.pool.client_id,
            "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": self.pool.in_map(self.name, {"SRP_A": self.public_a} | values),
        }
        if admin:
            answer = self.pool.api.admin_initiate_auth(UserPoolId=self.pool.id, **fields)
        else:
            answer = self.pool.api.initiate_auth(**fields)
        assert answer["ChallengeName"] == "PASSWORD_VERIFIER"
        assert "Session" not in answer
        parameters: dict[str, str] = answer["ChallengeParameters"]
        return parameters

    def claim(
        self, parameters: dict[str, str], timestamp: str | None = None, signed: str | None = None
    ) -> dict[str, Any]:
        """Return the responses to PASSWORD_VERIFIER; `signed` is the text that the proof covers."""
        timestamp = timestamp or self.pool.clock.timestamp()
        user_id = parameters["USER_ID_FOR_SRP"]
        key = self.srp.get_password_authentication_key(
            user_id, self.password, int(parameters["SRP_B"], 16), parameters["SALT"]
        )
        block = base64.b64decode(parameters["SECRET_BLOCK"])
        message = (self.pool.id.split("_")[1] + user_id).encode() + block + (signed or timestamp).encode()
        return {
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        }

    def prove(self, parameters: dict[str, str], *, admin: bool = False, **values: Any) -> dict[str, Any]:
        """Answer PASSWORD_VERIFIER in the user's internal name."""
        claim = self.claim(parameters) | values
        return self.pool.answer("PASSWORD_VERIFIER", parameters["USERNAME"], None, admin=admin, **claim)


def srp_sign_in(
    pool: PoolDriver, name: str = ALICE, password: str = PASSWORD, *, admin: bool = False, **values: Any
) -> dict[str, Any]:
    """Sign in with the proof of a password; `values`, such as DEVICE_KEY, go into both requests."""
    srp = UserSrp(pool, name, password)
    return srp.prove(srp.begin(admin=admin, **values), admin=admin, **values)
