"""IDs of user pools and app clients, and the secrets of app clients."""

from __future__ import annotations

import base64
import hmac
import re

POOL_ID = re.compile(r"[a-z0-9-]{1,40}_[0-9a-zA-Z]{1,14}", re.ASCII)
CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)  # as the service model has it
SECRET_LENGTH = 51
CLIENT_SECRET = re.compile(r"[\w+]{24,64}", re.ASCII)  # as the service model has it


def secret_hash(secret: str, user_name: str, client_id: str) -> str:
    """Return SecretHash: base64(HMAC-SHA256(client secret, user name + client ID))."""
    return base64.b64encode(hmac.digest(secret.encode(), (user_name + client_id).encode(), "sha256")).decode()
