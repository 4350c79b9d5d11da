"""Encrypts the codes for custom senders as Cognito does: by the AWS Encryption SDK, under a key of KMS.

Imported by the code that invokes functions. The SDK is optional, and imported only if there is a KMS.
"""

from __future__ import annotations

import base64
from functools import cache

from local_cognito.lambdas.journal import InvocationError

_REGION_AT = 3  # in an ARN, arn:aws:kms:REGION:ACCOUNT:key/ID
_ANY = "any"  # nothing at the endpoint checks credentials


class CodeEncryption:
    """Encrypts codes under keys behind a URL that speaks KMS's API.

    Args:
        endpoint: the URL, such as that of moto's server or of LocalStack. Requests are signed with made-up
            credentials.

    Raises:
        ValueError: the AWS Encryption SDK is not installed, or the URL is malformed.
    """

    def __init__(self, endpoint: str) -> None:
        try:
            from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient  # noqa: PLC0415 - optional
            from aws_encryption_sdk.key_providers.kms import KMSMasterKey  # noqa: PLC0415 - likewise
            from boto3.session import Session  # noqa: PLC0415 - likewise
        except ImportError as error:
            raise ValueError(
                f"A KMS endpoint needs the AWS Encryption SDK: pip install 'local-cognito[kms]' ({error})"
            ) from error
        # Cognito's messages have no key commitment: handlers must allow that, here as there.
        policy = CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
        self._encrypt = EncryptionSDKClient(commitment_policy=policy).encrypt
        self._master_key = KMSMasterKey
        self._kms = cache(
            lambda region: Session(_ANY, _ANY, region_name=region).client("kms", endpoint_url=endpoint)
        )
        self._kms("us-east-1")  # complains of a malformed URL

    def encrypted(self, code: str, key: str, pool_id: str) -> str:
        """Return a code encrypted under a key, given by its ARN, for handlers of this pool.

        Raises:
            InvocationError: the key does not exist, or KMS can't be reached.
        """
        kms = self._kms(key.split(":")[_REGION_AT])
        try:
            message, _ = self._encrypt(
                source=code.encode(),
                key_provider=self._master_key(key_id=key, client=kms),
                encryption_context={"userpool-id": pool_id},
            )
        except Exception as error:  # the SDK's errors, and botocore's
            raise InvocationError(f"The code can't be encrypted under {key}: {error}.") from error
        return base64.b64encode(message).decode()
