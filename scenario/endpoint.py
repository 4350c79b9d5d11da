"""Where a client's calls go: to AWS, or to another endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_DOMAINS_OF_AWS: Final = (
    *("amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "api.amazonwebservices.com.cn"),
    *("c2s.ic.gov", "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov"),
)


def is_aws(url: str) -> bool:
    """Tell whether a URL leads to AWS itself."""
    host = urlsplit(url).hostname or ""
    return any(host.endswith(f".{domain}") for domain in _DOMAINS_OF_AWS)


def jwks_url(client: CognitoIdentityProviderClient, user_pool_id: str) -> str | None:
    """Return where a pool's public keys are, or None when that is their usual place in AWS."""
    url = client.meta.endpoint_url
    return None if is_aws(url) else f"{url.rstrip('/')}/{user_pool_id}/.well-known/jwks.json"
