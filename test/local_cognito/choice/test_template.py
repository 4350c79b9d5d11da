"""The CloudFormation template of a pool without passwords: what it says, the local pool takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from test.local_cognito.choice.test_straight_in import go_on
from test.support.pool_driver import PoolDriver

if TYPE_CHECKING:
    from local_cognito import LocalCognito
    from test.support.pool_driver import Api, Clock

ROOT = Path(__file__).parents[3]
TEMPLATE = yaml.safe_load(
    (ROOT / "resources" / "user_pool_without_password.yaml").read_text(encoding="utf-8")
)
# Properties that the API names otherwise, or takes elsewhere.
ELSEWHERE = (
    "UserPoolName",
    "UserPoolId",
    "WebAuthnRelyingPartyID",
    "WebAuthnUserVerification",
    "GenerateSecret",
)


def settings(resource: str) -> dict[str, Any]:
    """Return a resource's properties that are members of the API's request."""
    properties = TEMPLATE["Resources"][resource]["Properties"]
    return {name: value for name, value in properties.items() if name not in ELSEWHERE}


def test_a_user_signs_up_without_a_password_and_is_in(server: LocalCognito, api: Api, clock: Clock) -> None:
    """The pool and the app client of the template's settings do what its description says."""
    defaults = {name: parameter["Default"] for name, parameter in TEMPLATE["Parameters"].items()}
    pool_id = api.create_user_pool(PoolName="template", **settings("UserPool"))["UserPool"]["Id"]
    passkeys = {
        "RelyingPartyId": defaults["RelyingPartyId"],
        "UserVerification": defaults["UserVerification"],
    }
    api.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration="OFF", WebAuthnConfiguration=passkeys)
    app = settings("UserPoolClient") | {"ClientName": "template"}
    client = api.create_user_pool_client(UserPoolId=pool_id, **app)["UserPoolClient"]
    pool = PoolDriver(server, api, clock, pool_id, client["ClientId"])
    name = "alice@example.com"

    first = api.sign_up(ClientId=pool.client_id, Username=name, UserAttributes=[])["Session"]
    token = go_on(pool, pool.confirm(name, Session=first)["Session"], name)["AuthenticationResult"][
        "AccessToken"
    ]

    options = api.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    assert options["authenticatorSelection"]["userVerification"] == "required"
