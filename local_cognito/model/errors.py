"""The errors of the API: a table of error codes and message templates.

The HTTP status is 400 unless an entry gives another. Clients match on the texts, so they are Cognito's own,
word for word, where they are known. Whoever raises an error fills in the braces.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class CognitoError(Exception):
    """An error that the API answers with: the error code, the message, and the HTTP status.

    Attributes:
        keeps_changes: whether what the refused request has written stays.
        cleanup: writes what a refusal leaves behind, once everything else was undone; None for nothing.
    """

    keeps_changes = False
    cleanup: Callable[[], None] | None = None

    def __init__(self, code: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Refusal:
    """An entry of the table; call it with the values for the braces of its text to get the error."""

    code: str
    text: str
    status: HTTPStatus = HTTPStatus.BAD_REQUEST

    def __call__(self, **values: object) -> CognitoError:
        """Return the error to raise, with the text filled in."""
        return CognitoError(self.code, self.text.format(**values), self.status)


def _invalid(text: str) -> Refusal:
    return Refusal("InvalidParameterException", text)


def _not_authorized(text: str) -> Refusal:
    return Refusal("NotAuthorizedException", text)


def _not_found(text: str) -> Refusal:
    return Refusal("ResourceNotFoundException", text)


# Any request
INTERNAL = Refusal("InternalErrorException", "Something went wrong", HTTPStatus.INTERNAL_SERVER_ERROR)
# AWS's common error for a transient failure; every SDK retries it.
UNAVAILABLE = Refusal(
    "ServiceUnavailable", "Another program has locked the database.", HTTPStatus.SERVICE_UNAVAILABLE
)
UNKNOWN_OPERATION = Refusal("UnknownOperationException", "{operation} is not an action of this user pool.")
NOT_IMPLEMENTED = Refusal("UnknownOperationException", "local_cognito does not implement {operation}.")
SERIALIZATION = Refusal("SerializationException", "{problem}")
MISSING_AUTHENTICATION = Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
VALIDATION = _invalid("{problems}")
MISSING_PARAMETER = _invalid("Missing required parameter {name}")
CUSTOM_AUTH_NOT_CONFIGURED = _invalid("Custom auth lambda trigger is not configured for the user pool.")
FLOW_NOT_IMPLEMENTED = Refusal("UnsupportedOperationException", "local_cognito does not implement {name}.")

# Triggers
FUNCTION_FAILED = Refusal("UserLambdaValidationException", "{trigger} failed with error {error}.")
FUNCTION_NOT_INVOKED = Refusal(
    "UnexpectedLambdaException", "{trigger} invocation failed due to error {reason}"
)
FUNCTION_ANSWER = Refusal("InvalidLambdaResponseException", "Unrecognizable lambda output")
NOTHING_TO_AUTO_VERIFY = Refusal(
    "InvalidLambdaResponseException", "PreSignUp can't verify {attribute}: the user has none."
)
MIGRATION_FAILED = Refusal("UserNotFoundException", "Exception migrating user in app client {client_id}")
NO_CUSTOM_AUTH = _invalid("Custom auth lambda trigger is not configured for the user pool.")

# User pools and app clients
UNKNOWN_POOL = _not_found("User pool {pool_id} does not exist.")
UNKNOWN_CLIENT = _not_found("User pool client {client_id} does not exist.")
UNKNOWN_CLIENT_OF_POOL = _not_found("User pool client {client_id} does not exist in user pool {pool_id}.")
UNKNOWN_MANAGED_CLIENT = _not_found("User pool client does not exist.")
SMS_NOT_CONFIGURED = _invalid(
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
)
NO_MFA_METHOD = _invalid(
    "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
)
MFA_OFF_WITH_FACTOR = _invalid(
    "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
)
MFA_CANNOT_TURN_ON = _invalid("Cannot turn MFA functionality ON, once the user pool has been created.")
CANNOT_MIX_FLOWS = _invalid("Cannot mix legacy ExplicitAuthFlows with the ALLOW_ ones.")
ALIASES_AND_USERNAMES = _invalid(
    "Only one of the aliasAttributes or usernameAttributes can be set in a User pool."
)
FEATURE_UNAVAILABLE = Refusal(
    "FeatureUnavailableInTierException",
    "The following features need to be disabled for the {tier} pricing tier configured: {features}",
)
TIER_CHANGE_NOT_ALLOWED = Refusal("TierChangeNotAllowedException", FEATURE_UNAVAILABLE.text)
FIRST_FACTOR_UNSUPPORTED = _invalid("{factor} is not supported as an allowed first auth factor.")
PASSWORD_NOT_ALLOWED_FIRST = _invalid(
    "Password should be configured as one of the allowed first auth factors."
)
FIRST_FACTORS_WITH_MFA = _invalid(
    "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
)
SINGLE_FACTOR_WITH_MFA = _invalid(
    "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and "
    "WebAuthn is an allowed first auth factor"
)
SMS_OTP_NOT_CONFIGURED = _invalid(
    "SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration"
)
NO_MFA_BUT_WEB_AUTHN = _invalid(
    "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
)
EMAIL_MFA_WITHOUT_SENDER = _invalid(
    "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an "
    "EmailSendingAccount of COGNITO_DEFAULT"
)
SOURCE_ARN_MISSING = _invalid("Source ARN is required to use DEVELOPER email sending owner")
PHONE_VERIFICATION_WITHOUT_SMS = _invalid(
    "SMS configuration is required when phone_number is selected for auto verification"
)
UNUSED_ACCOUNT_DAYS = _invalid(
    "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
)
TWO_PRE_TOKEN_GENERATIONS = _invalid(
    "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's"
)
SENDER_WITHOUT_KEY = _invalid("KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.")

CLIENT_ATTRIBUTES_UNKNOWN = _invalid("Invalid {access} attributes specified while {doing} a client")
NOT_A_POOL_ARN = _invalid("Invalid resource ARN: {arn}")
TOO_MANY_TAGS = _invalid("A user pool can have {most} tags at most.")
TOKEN_VALIDITY_RANGE = _invalid("Invalid range for token validity.")
FLOW_WITH_ROTATION = _invalid(
    "ALLOW_REFRESH_TOKEN_AUTH is not a permitted ExplicitAuthFlow when refresh token rotation is enabled."
)
OAUTH_INCOMPLETE = _invalid(
    "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
)
CLIENT_CREDENTIALS_BESIDE_OTHERS = Refusal(
    "InvalidOAuthFlowException",
    "client_credentials flow can not be selected along with code flow or implicit flow.",
)
CLIENT_CREDENTIALS_WITHOUT_SECRET = Refusal(
    "InvalidOAuthFlowException",
    "client_credentials flow can not be selected if client does not have a client secret.",
)
CALLBACK_MISSING = Refusal(
    "InvalidOAuthFlowException",
    "CallbackUrls can not be empty when code flow or implicit flow is selected",
)
URL_NOT_ABSOLUTE = _invalid("{url} is not an absolute URI.")
URL_INSECURE = _invalid("{url} cannot use the HTTP protocol.")
URL_FRAGMENT = _invalid("{url} cannot use fragment")
DEFAULT_REDIRECT_UNKNOWN = _invalid("The default redirect URI {url} is not in the callback URIs list.")
UNKNOWN_SCOPE = Refusal("ScopeDoesNotExistException", "Invalid scope requested: {scope}")
UNKNOWN_PROVIDER = _invalid("The provider {provider} does not exist for User Pool {pool_id}.")

# Schema attributes of a user pool
ATTRIBUTE_TYPE_MISSING = _invalid(
    "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
)
CUSTOM_ATTRIBUTE_REQUIRED = _invalid("Required custom attributes are not supported currently.")
STANDARD_ATTRIBUTE_FIXED = _invalid(
    "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {name}"
)
ATTRIBUTE_LIMIT = _invalid("Invalid {member} for schema attribute {name}")
ATTRIBUTE_TOO_LONG = _invalid("user.{name}: String attributes cannot have a length of more than {most}")
ATTRIBUTE_LIMITS_CROSSED = _invalid("user.{name}: Max {what} cannot be less than min {what}.")
ATTRIBUTE_EXISTS = _invalid("{given}: Existing attribute already has name {name}.")
TOO_MANY_ATTRIBUTES = _invalid("A user pool can have {most} custom attributes at most.")

# Secrets of app clients
CLIENT_TOKEN_AUTH_NOT_ALONE = _invalid(
    "ALLOW_CLIENT_TOKEN_AUTH must be the only ExplicitAuthFlow, of a client that has a secret."
)
CLIENT_NOT_CONFIDENTIAL = _invalid("The app client does not have a client secret.")
TOO_MANY_SECRETS = Refusal("LimitExceededException", "An app client can have {most} secrets at most.")
SECRET_UNKNOWN = _not_found("Client secret does not exist.")
LAST_SECRET = _invalid("The last secret of an app client cannot be deleted.")
SCOPE_NOT_ALLOWED = _invalid("Scope {scope} is not allowed for this client.")

# Resource servers
RESOURCE_SERVER_EXISTS = _invalid("{identifier} already exists in user pool {pool_id}.")
RESOURCE_SERVER_UNKNOWN = _not_found("Resource server {identifier} does not exist.")

# Secret hash
SECRET_HASH_MISSING = _not_authorized(
    "Client {client_id} is configured with secret but SECRET_HASH was not received"
)
SECRET_HASH_WRONG = _not_authorized("Unable to verify secret hash for client {client_id}")
SECRET_HASH_UNEXPECTED = _invalid(
    "App client {client_id} is not configured for secret but secret hash was received"
)

# Users
USER_EXISTS = Refusal("UsernameExistsException", "User already exists")
USER_EXISTS_FOR_ADMIN = Refusal("UsernameExistsException", "User account already exists")
ACCOUNT_EXISTS = Refusal("UsernameExistsException", "An account with the given {attribute} already exists.")
ALIAS_EXISTS = Refusal("AliasExistsException", "An account with the given {attribute} already exists.")
ALIAS_IS_USERNAME = Refusal("AliasExistsException", "User account already exists for the alias.")
USER_NOT_FOUND = Refusal("UserNotFoundException", "User does not exist.")
USER_CLIENT_NOT_FOUND = Refusal("UserNotFoundException", "Username/client id combination not found.")
USER_DISABLED = _not_authorized("User is disabled.")
USER_NOT_CONFIRMED = Refusal("UserNotConfirmedException", "User is not confirmed.")
BAD_FILTER = _invalid("Error while parsing filter.")
NOT_SEARCHABLE = _invalid("Invalid search attribute: {name}")
BAD_PAGINATION_TOKEN = _invalid("Invalid pagination token.")
BAD_GROUP_TOKEN = _invalid(
    "Provided pagination token is invalid. Check the token and try your request again."
)
BAD_MEMBER_TOKEN = _invalid("Paging marker is invalid.")

# Groups
GROUP_EXISTS = Refusal("GroupExistsException", "A group with the name already exists.")
GROUP_UNKNOWN = _not_found("Group not found.")

# Sign-up
SIGN_UP_NOT_PERMITTED = _not_authorized("SignUp is not permitted for this user pool")
USERNAME_IS_EMAIL = _invalid(
    "Username cannot be of email format, since user pool is configured for email alias."
)
USERNAME_NOT_EMAIL = _invalid("Username should be an email.")
USERNAME_NOT_PHONE = _invalid("Username should be a phone number.")
USERNAME_NOT_EITHER = _invalid("Username should be either an email or a phone number.")
BAD_EMAIL = _invalid("Invalid email address format.")
BAD_PHONE = _invalid("Invalid phone number format.")
# A new user's attributes, a change of attributes, and their removal
NEW_ATTRIBUTES = _invalid("Attributes did not conform to the schema: {problems}")
CHANGED_ATTRIBUTES = _invalid("{problems}")
REMOVED_ATTRIBUTES = _invalid("Invalid user attributes: {problems}")
ATTRIBUTES_MISSING = _invalid("Invalid attributes given, {names} is missing")
ATTRIBUTE_NOT_WRITABLE = _not_authorized("A client attempted to write unauthorized attribute")
USERNAME_IS_PHONE = _invalid(
    "Username cannot be of phone number format, since user pool is configured for phone number alias."
)
ALREADY_CONFIRMED = _invalid("User is already confirmed.")
CANNOT_CONFIRM = _not_authorized("User cannot be confirmed. Current status is {status}")
CANNOT_INVITE_AGAIN = Refusal(
    "UnsupportedUserStateException",
    "Resend not possible. User status is not FORCE_CHANGE_PASSWORD but {status}",
)
NO_AUTO_VERIFICATION = _invalid("Cannot resend codes. Auto verification not turned on.")
PASSWORD_POLICY = Refusal("InvalidPasswordException", "Password did not conform with policy: {reason}")
TEMPORARY_PASSWORD_POLICY = Refusal(
    "InvalidPasswordException", "Password did not conform with password policy: {reason}"
)
NEW_PASSWORD_POLICY = Refusal("InvalidPasswordException", "Password does not conform to policy: {reason}")
PASSWORD_REUSED = Refusal(
    "PasswordHistoryPolicyViolationException", "Password has been used before; choose another one."
)

# Confirmation codes
CODE_MISMATCH = Refusal("CodeMismatchException", "Invalid verification code provided, please try again.")
CODE_EXPIRED = Refusal("ExpiredCodeException", "Invalid code provided, please request a code again.")
ATTEMPT_LIMIT = Refusal("LimitExceededException", "Attempt limit exceeded, please try after some time.")

# Passwords
NO_RECOVERY = _invalid(
    "Cannot reset password for the user as there is no registered/verified email or phone_number"
)
RECOVERY_BY_ADMINISTRATOR = _not_authorized("Contact administrator to reset password.")
RESET_NOT_POSSIBLE = _not_authorized("User password cannot be reset in the current state.")
RESET_REQUIRED = Refusal("PasswordResetRequiredException", "Password reset required for the user")
TEMPORARY_PASSWORD_EXPIRED = _not_authorized(
    "Temporary password has expired and must be reset by an administrator."
)

# User attributes
ALREADY_PROVIDED = _not_authorized("Cannot modify an already provided {name}")
IMMUTABLE = _invalid("Cannot modify the non-mutable attribute {name}")
CANNOT_VERIFY = _invalid("Invalid attribute name. Only phone_number and email can be verified.")
NOTHING_TO_VERIFY = _invalid("User does not have the attribute {name}.")

# Sign-in
FLOW_NOT_ENABLED = _invalid("{flow} flow not enabled for this client")
ADMIN_FLOW_NOT_ENABLED = _invalid("Auth flow not enabled for this client")
OLDER_FLOW_NOT_ENABLED = _invalid("{flow} is not enabled for the client.")  # SRP and custom authentication
METHOD_NOT_SUPPORTED = _invalid("Initiate Auth method not supported.")
INCORRECT = _not_authorized("Incorrect username or password.")
LOCKED_OUT = _not_authorized("Password attempts exceeded")
SESSION_INVALID = _not_authorized("Invalid session for the user.")
SESSION_EXPIRED = _not_authorized("Invalid session for the user, session is expired.")
SESSION_SPENT = _not_authorized("Invalid session for the user, session can only be used once.")
TIMESTAMP_FORMAT = _invalid("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
SIGNATURE_FORMAT = _invalid("Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
BAD_PUBLIC_VALUE = _invalid(
    "1 validation error detected: Value '{value}' at 'sRPA' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$"
)
PUBLIC_VALUE_TOO_LONG = _invalid("SRP_A is not a valid public value.")
NO_CHALLENGE_RESPONSES = _invalid("Missing required parameter challenge responses.")

# TOTP
SESSION_AND_TOKEN = _invalid("Only one of Session and AccessToken can be given.")
TOTP_NOT_ENABLED_IN_POOL = Refusal(
    "SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool."
)
TOTP_NOT_ENROLLED = Refusal(
    "SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user."
)
TOTP_ENABLE_MISMATCH = Refusal(
    "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA"
)
TOTP_MISMATCH = Refusal("CodeMismatchException", "Invalid code received for user")
TOTP_USED = Refusal("ExpiredCodeException", "Your software token has already been used once.")

CODE_OR_STATE_MISMATCH = Refusal("CodeMismatchException", "Invalid code or auth state for the user.")
FACTOR_NOT_READY = _invalid("User does not have delivery config set to turn on {factor}")
SEVERAL_PREFERRED = _invalid("Only one MFA type can be preferred.")
FACTOR_NOT_OFFERED = _invalid("Invalid MFA type {answer}.")

# Choice of the first factor
CHALLENGE_NOT_AVAILABLE = _invalid("The selected challenge is not available.")
PASSWORD_REQUIRED = _invalid("Password Challenge is Required to SignIn")
NO_FIRST_FACTOR = _invalid("The user has no first factor to sign in with.")
NO_ADDRESS_FOR_CODES = _invalid("A user without a password needs an address for one-time passwords.")

# Passkeys; AWS's texts are known of PASSKEY_MALFORMED, PASSKEY_NEEDS_ANOTHER and NO_PASSKEY_FOR_MFA alone.
PASSKEYS_NOT_ENABLED = Refusal("WebAuthnNotEnabledException", "Passkeys are not enabled for the user pool.")
PASSKEYS_NOT_CONFIGURED = Refusal(
    "WebAuthnConfigurationMissingException", "The user pool has no relying party ID and no domain."
)
RELYING_PARTY_NOT_A_DOMAIN = _invalid("RelyingPartyId must be a domain, such as example.com.")
PASSKEY_MALFORMED = _invalid("Credential data is not valid")
PASSKEY_CHALLENGE = Refusal(
    "WebAuthnChallengeNotFoundException", "No registration has this challenge, or it has expired."
)
PASSKEY_CLIENT = Refusal(
    "WebAuthnClientMismatchException", "The registration was started through another app client."
)
PASSKEY_ORIGIN = Refusal(
    "WebAuthnOriginNotAllowedException", "The origin does not belong to the relying party ID."
)
PASSKEY_RELYING_PARTY = Refusal(
    "WebAuthnRelyingPartyMismatchException", "The passkey is for another relying party ID."
)
PASSKEY_NOT_SUPPORTED = Refusal("WebAuthnCredentialNotSupportedException", "The passkey is not supported.")
PASSKEY_EXISTS = _invalid("The passkey is registered already.")
PASSKEY_UNKNOWN = _not_found("Passkey not found.")
PASSKEY_REFUSED = _not_authorized("Invalid passkey for the user.")
PASSKEY_NOT_MFA = _invalid("Passkeys are not a second factor of the user pool.")
PASSKEY_NEEDS_ANOTHER = _invalid("WebAuthn MFA requires enabling an additional MFA setting.")
NO_PASSKEY_FOR_MFA = _invalid("User does not have applicable WebAuthn credentials to enable WebAuthn MFA.")
TOO_MANY_PASSKEYS = Refusal("LimitExceededException", "A user can have 20 passkeys at most.")

# Devices
DEVICE_UNKNOWN = _not_found("Device does not exist.")
# AdminGetDevice and AdminListDevices do not have UserNotFoundException among their errors.
OWNER_UNKNOWN = _not_found("User does not exist.")
DEVICE_KEY_INVALID = _invalid("Invalid device key given.")
DEVICE_VERIFIER_INVALID = _invalid("Invalid device secret verifier configuration given.")
DEVICE_EXISTS = Refusal("DeviceKeyExistsException", "Device already exists.")
DEVICES_NOT_TRACKED = Refusal(
    "InvalidUserPoolConfigurationException", "Device tracking is not turned on for the user pool."
)

# Access tokens
TOKEN_INVALID = _not_authorized("Invalid Access Token")
TOKEN_SIGNATURE = _not_authorized("Could not verify signature for Access Token")
TOKEN_EXPIRED = _not_authorized("Access Token has expired")
TOKEN_REVOKED = _not_authorized("Access Token has been revoked")
TOKEN_OF_ANOTHER_USER = _not_authorized("Invalid access token.")
USER_SESSION_UNKNOWN = _not_found("Session does not exist.")
CURRENT_SESSION = _invalid("The current session cannot be revoked.")
TOKEN_SCOPES = _not_authorized("Access Token does not have required scopes")

# Refresh tokens
REFRESH_INVALID = _not_authorized("Invalid Refresh Token")
REFRESH_EXPIRED = _not_authorized("Refresh Token has expired")
REFRESH_REVOKED = _not_authorized("Refresh Token has been revoked")
REFRESH_REUSED = Refusal("RefreshTokenReuseException", "Refresh token reuse detected")
REFRESH_OF_ANOTHER_CLIENT = _not_authorized("Refresh Token has different Client")
REFRESH_OF_DELETED_USER = _not_authorized("The user has been deleted for the associated refresh token")
FAMILY_REVOKED = _not_authorized("")  # AWS gives no text
ROTATION_UNSUPPORTED = Refusal(
    "UnsupportedOperationException", "This API does not support refresh token rotation"
)
CLIENT_UNAUTHORIZED = Refusal("UnauthorizedException", "Invalid client or secret")
CLIENT_SECRET_MISSING = _not_authorized(
    "Client {client_id} is configured for secret but secret was not received"
)
TOKEN_TYPE = Refusal("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
REVOCATION_OFF = Refusal("UnsupportedOperationException", "This feature is not enabled for this client")
TOKEN_OF_ANOTHER_CLIENT = Refusal("UnauthorizedException", "The token was not issued to this client.")

# Deletion of a user pool
DELETION_PROTECTED = _invalid(
    "The user pool cannot be deleted because deletion protection is activated. "
    "Deletion protection must be inactivated first."
)
