# The requests of the API: made from service_model.json by scripts/make_request_types.py.
# Each has the name of its action. There is no module behind these types; import it under TYPE_CHECKING.
from typing import Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict

AdvancedSecurityEnabledModeType: TypeAlias = Literal["AUDIT", "ENFORCED"]
AdvancedSecurityModeType: TypeAlias = Literal["OFF", "AUDIT", "ENFORCED"]
AliasAttributeType: TypeAlias = Literal["phone_number", "email", "preferred_username"]
AttributeDataType: TypeAlias = Literal["String", "Number", "DateTime", "Boolean"]
AuthFactorType: TypeAlias = Literal["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN"]
AuthFlowType: TypeAlias = Literal["USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH"]
ChallengeNameType: TypeAlias = Literal["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE", "SELECT_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP", "PASSWORD", "WEB_AUTHN", "PASSWORD_SRP"]
ClientTypeType: TypeAlias = Literal["REGULAR", "DCR"]
CustomEmailSenderLambdaVersionType: TypeAlias = Literal["V1_0"]
CustomSMSSenderLambdaVersionType: TypeAlias = Literal["V1_0"]
DefaultEmailOptionType: TypeAlias = Literal["CONFIRM_WITH_LINK", "CONFIRM_WITH_CODE"]
DeletionProtectionType: TypeAlias = Literal["ACTIVE", "INACTIVE"]
DeliveryMediumType: TypeAlias = Literal["SMS", "EMAIL"]
DeviceRememberedStatusType: TypeAlias = Literal["remembered", "not_remembered"]
EmailSendingAccountType: TypeAlias = Literal["COGNITO_DEFAULT", "DEVELOPER"]
EncryptionKeyType: TypeAlias = Literal["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KEY"]
ExplicitAuthFlowsType: TypeAlias = Literal["ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_CLIENT_TOKEN_AUTH"]
FeatureType: TypeAlias = Literal["ENABLED", "DISABLED"]
InboundFederationLambdaVersionType: TypeAlias = Literal["V1_0"]
IssuerType: TypeAlias = Literal["ORIGINAL", "UPDATED"]
MessageActionType: TypeAlias = Literal["RESEND", "SUPPRESS"]
OAuthFlowType: TypeAlias = Literal["code", "implicit", "client_credentials"]
PreTokenGenerationLambdaVersionType: TypeAlias = Literal["V1_0", "V2_0", "V3_0"]
PreventUserExistenceErrorTypes: TypeAlias = Literal["LEGACY", "ENABLED"]
RecoveryOptionNameType: TypeAlias = Literal["verified_email", "verified_phone_number", "admin_only"]
RevokeAssociatedSessionsType: TypeAlias = Literal["NONE", "LINKED"]
StatusType: TypeAlias = Literal["Enabled", "Disabled"]
TimeUnitsType: TypeAlias = Literal["seconds", "minutes", "hours", "days"]
UserPoolMfaType: TypeAlias = Literal["OFF", "ON", "OPTIONAL"]
UserPoolTierType: TypeAlias = Literal["LITE", "ESSENTIALS", "PLUS"]
UserVerificationType: TypeAlias = Literal["required", "preferred"]
UsernameAttributeType: TypeAlias = Literal["phone_number", "email"]
VerifiedAttributeType: TypeAlias = Literal["phone_number", "email"]
WebAuthnFactorConfigurationType: TypeAlias = Literal["SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION"]

class OfUser(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class OfGroup(TypedDict, total=False):
    GroupName: Required[str]
    UserPoolId: Required[str]

class OfSelfService(TypedDict, total=False):
    ClientId: Required[str]
    SecretHash: str
    Username: Required[str]

class AddCustomAttributes(TypedDict, total=False):
    UserPoolId: Required[str]
    CustomAttributes: Required[list[SchemaAttributeType]]

class AddUserPoolClientSecret(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]
    ClientSecret: str

class AdminAddUserToGroup(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    GroupName: Required[str]

class AdminConfirmSignUp(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    ClientMetadata: dict[str, str]

class AdminCreateUser(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    UserAttributes: list[AttributeType]
    ValidationData: list[AttributeType]
    TemporaryPassword: str
    ForceAliasCreation: bool
    MessageAction: MessageActionType
    DesiredDeliveryMediums: list[DeliveryMediumType]
    ClientMetadata: dict[str, str]

class AdminDeleteSoftwareToken(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AdminDeleteUser(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AdminDeleteUserAttributes(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    UserAttributeNames: Required[list[str]]

class AdminDisableUser(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AdminEnableUser(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AdminForgetDevice(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    DeviceKey: Required[str]

class AdminGetDevice(TypedDict, total=False):
    DeviceKey: Required[str]
    UserPoolId: Required[str]
    Username: Required[str]

class AdminGetUser(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AdminGetUserAuthFactors(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AdminInitiateAuth(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]
    AuthFlow: Required[AuthFlowType]
    AuthParameters: dict[str, str]
    ClientMetadata: dict[str, str]
    AnalyticsMetadata: AnalyticsMetadataType
    ContextData: ContextDataType
    Session: str

class AdminListDevices(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    Limit: int
    PaginationToken: str

class AdminListGroupsForUser(TypedDict, total=False):
    Username: Required[str]
    UserPoolId: Required[str]
    Limit: int
    NextToken: str

class AdminListUserSessions(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    NextToken: str

class AdminRemoveUserFromGroup(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    GroupName: Required[str]

class AdminResetUserPassword(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    ClientMetadata: dict[str, str]

class AdminRespondToAuthChallenge(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]
    ChallengeName: Required[ChallengeNameType]
    ChallengeResponses: dict[str, str]
    Session: str
    AnalyticsMetadata: AnalyticsMetadataType
    ContextData: ContextDataType
    ClientMetadata: dict[str, str]

class AdminRevokeUserSession(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    SessionId: Required[str]
    RevokeAssociatedSessions: RevokeAssociatedSessionsType

class AdminSetUserMFAPreference(TypedDict, total=False):
    SMSMfaSettings: SMSMfaSettingsType
    SoftwareTokenMfaSettings: SoftwareTokenMfaSettingsType
    EmailMfaSettings: EmailMfaSettingsType
    WebAuthnMfaSettings: WebAuthnMfaSettingsType
    Username: Required[str]
    UserPoolId: Required[str]

class AdminSetUserPassword(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    Password: Required[str]
    Permanent: bool

class AdminUpdateDeviceStatus(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    DeviceKey: Required[str]
    DeviceRememberedStatus: DeviceRememberedStatusType

class AdminUpdateUserAttributes(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]
    UserAttributes: Required[list[AttributeType]]
    ClientMetadata: dict[str, str]

class AdminUserGlobalSignOut(TypedDict, total=False):
    UserPoolId: Required[str]
    Username: Required[str]

class AssociateSoftwareToken(TypedDict, total=False):
    AccessToken: str
    Session: str

class ChangePassword(TypedDict, total=False):
    PreviousPassword: str
    ProposedPassword: Required[str]
    AccessToken: Required[str]

class CompleteWebAuthnRegistration(TypedDict, total=False):
    AccessToken: Required[str]
    Credential: Required[Any]

class ConfirmDevice(TypedDict, total=False):
    AccessToken: Required[str]
    DeviceKey: Required[str]
    DeviceSecretVerifierConfig: DeviceSecretVerifierConfigType
    DeviceName: str

class ConfirmForgotPassword(TypedDict, total=False):
    ClientId: Required[str]
    SecretHash: str
    Username: Required[str]
    ConfirmationCode: Required[str]
    Password: Required[str]
    AnalyticsMetadata: AnalyticsMetadataType
    UserContextData: UserContextDataType
    ClientMetadata: dict[str, str]

class ConfirmSignUp(TypedDict, total=False):
    ClientId: Required[str]
    SecretHash: str
    Username: Required[str]
    ConfirmationCode: Required[str]
    ForceAliasCreation: bool
    AnalyticsMetadata: AnalyticsMetadataType
    UserContextData: UserContextDataType
    ClientMetadata: dict[str, str]
    Session: str

class CreateGroup(TypedDict, total=False):
    GroupName: Required[str]
    UserPoolId: Required[str]
    Description: str
    RoleArn: str
    Precedence: int

class CreateResourceServer(TypedDict, total=False):
    UserPoolId: Required[str]
    Identifier: Required[str]
    Name: Required[str]
    Scopes: list[ResourceServerScopeType]

class CreateUserPool(TypedDict, total=False):
    PoolName: Required[str]
    Policies: UserPoolPolicyType
    DeletionProtection: DeletionProtectionType
    LambdaConfig: LambdaConfigType
    AutoVerifiedAttributes: list[VerifiedAttributeType]
    AliasAttributes: list[AliasAttributeType]
    UsernameAttributes: list[UsernameAttributeType]
    SmsVerificationMessage: str
    EmailVerificationMessage: str
    EmailVerificationSubject: str
    VerificationMessageTemplate: VerificationMessageTemplateType
    SmsAuthenticationMessage: str
    MfaConfiguration: UserPoolMfaType
    UserAttributeUpdateSettings: UserAttributeUpdateSettingsType
    DeviceConfiguration: DeviceConfigurationType
    EmailConfiguration: EmailConfigurationType
    SmsConfiguration: SmsConfigurationType
    UserPoolTags: dict[str, str]
    AdminCreateUserConfig: AdminCreateUserConfigType
    Schema: list[SchemaAttributeType]
    UserPoolAddOns: UserPoolAddOnsType
    DcrConfiguration: DcrConfigurationType
    UsernameConfiguration: UsernameConfigurationType
    AccountRecoverySetting: AccountRecoverySettingType
    UserPoolTier: UserPoolTierType
    KeyConfiguration: KeyConfigurationType
    IssuerConfiguration: IssuerConfigurationType
    AcrConfiguration: dict[str, AcrLevelConfigType]

class CreateUserPoolClient(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientName: Required[str]
    GenerateSecret: bool
    ClientSecret: str
    RefreshTokenValidity: int
    AccessTokenValidity: int
    IdTokenValidity: int
    TokenValidityUnits: TokenValidityUnitsType
    ReadAttributes: list[str]
    WriteAttributes: list[str]
    ExplicitAuthFlows: list[ExplicitAuthFlowsType]
    SupportedIdentityProviders: list[str]
    CallbackURLs: list[str]
    LogoutURLs: list[str]
    DefaultRedirectURI: str
    AllowedOAuthFlows: list[OAuthFlowType]
    AllowedOAuthScopes: list[str]
    AllowedOAuthFlowsUserPoolClient: bool
    AnalyticsConfiguration: AnalyticsConfigurationType
    PreventUserExistenceErrors: PreventUserExistenceErrorTypes
    EnableTokenRevocation: bool
    EnablePropagateAdditionalUserContextData: bool
    AuthSessionValidity: int
    RefreshTokenRotation: RefreshTokenRotationType
    PublishSecretsInAWSSecretsManager: bool

class DeleteGroup(TypedDict, total=False):
    GroupName: Required[str]
    UserPoolId: Required[str]

class DeleteResourceServer(TypedDict, total=False):
    UserPoolId: Required[str]
    Identifier: Required[str]

class DeleteUser(TypedDict, total=False):
    AccessToken: Required[str]

class DeleteUserAttributes(TypedDict, total=False):
    UserAttributeNames: Required[list[str]]
    AccessToken: Required[str]

class DeleteUserPool(TypedDict, total=False):
    UserPoolId: Required[str]

class DeleteUserPoolClient(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]

class DeleteUserPoolClientSecret(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]
    ClientSecretId: Required[str]

class DeleteWebAuthnCredential(TypedDict, total=False):
    AccessToken: Required[str]
    CredentialId: Required[str]

class DescribeResourceServer(TypedDict, total=False):
    UserPoolId: Required[str]
    Identifier: Required[str]

class DescribeUserPool(TypedDict, total=False):
    UserPoolId: Required[str]

class DescribeUserPoolClient(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]

class ForgetDevice(TypedDict, total=False):
    AccessToken: str
    DeviceKey: Required[str]

class ForgotPassword(TypedDict, total=False):
    ClientId: Required[str]
    SecretHash: str
    UserContextData: UserContextDataType
    Username: Required[str]
    AnalyticsMetadata: AnalyticsMetadataType
    ClientMetadata: dict[str, str]

class GetCSVHeader(TypedDict, total=False):
    UserPoolId: Required[str]

class GetClientToken(TypedDict, total=False):
    ClientId: Required[str]
    Secret: Required[str]
    Scopes: list[str]
    ClientMetadata: dict[str, str]

class GetDevice(TypedDict, total=False):
    DeviceKey: Required[str]
    AccessToken: str

class GetGroup(TypedDict, total=False):
    GroupName: Required[str]
    UserPoolId: Required[str]

class GetTokensFromRefreshToken(TypedDict, total=False):
    RefreshToken: Required[str]
    ClientId: Required[str]
    ClientSecret: str
    DeviceKey: str
    ClientMetadata: dict[str, str]

class GetUser(TypedDict, total=False):
    AccessToken: Required[str]

class GetUserAttributeVerificationCode(TypedDict, total=False):
    AccessToken: Required[str]
    AttributeName: Required[str]
    ClientMetadata: dict[str, str]

class GetUserAuthFactors(TypedDict, total=False):
    AccessToken: Required[str]

class GetUserPoolMfaConfig(TypedDict, total=False):
    UserPoolId: Required[str]

class GlobalSignOut(TypedDict, total=False):
    AccessToken: Required[str]

class InitiateAuth(TypedDict, total=False):
    AuthFlow: Required[AuthFlowType]
    AuthParameters: dict[str, str]
    ClientMetadata: dict[str, str]
    ClientId: Required[str]
    AnalyticsMetadata: AnalyticsMetadataType
    UserContextData: UserContextDataType
    Session: str

class ListDevices(TypedDict, total=False):
    AccessToken: Required[str]
    Limit: int
    PaginationToken: str

class ListGroups(TypedDict, total=False):
    UserPoolId: Required[str]
    Limit: int
    NextToken: str

class ListResourceServers(TypedDict, total=False):
    UserPoolId: Required[str]
    MaxResults: int
    NextToken: str

class ListTagsForResource(TypedDict, total=False):
    ResourceArn: Required[str]

class ListUserPoolClientSecrets(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]
    NextToken: str

class ListUserPoolClients(TypedDict, total=False):
    UserPoolId: Required[str]
    MaxResults: int
    NextToken: str
    ClientType: ClientTypeType

class ListUserPools(TypedDict, total=False):
    NextToken: str
    MaxResults: Required[int]

class ListUserSessions(TypedDict, total=False):
    AccessToken: Required[str]
    NextToken: str

class ListUsers(TypedDict, total=False):
    UserPoolId: Required[str]
    AttributesToGet: list[str]
    Limit: int
    PaginationToken: str
    Filter: str

class ListUsersInGroup(TypedDict, total=False):
    UserPoolId: Required[str]
    GroupName: Required[str]
    Limit: int
    NextToken: str

class ListWebAuthnCredentials(TypedDict, total=False):
    AccessToken: Required[str]
    NextToken: str
    MaxResults: int

class ResendConfirmationCode(TypedDict, total=False):
    ClientId: Required[str]
    SecretHash: str
    UserContextData: UserContextDataType
    Username: Required[str]
    AnalyticsMetadata: AnalyticsMetadataType
    ClientMetadata: dict[str, str]

class RespondToAuthChallenge(TypedDict, total=False):
    ClientId: Required[str]
    ChallengeName: Required[ChallengeNameType]
    Session: str
    ChallengeResponses: dict[str, str]
    AnalyticsMetadata: AnalyticsMetadataType
    UserContextData: UserContextDataType
    ClientMetadata: dict[str, str]

class RevokeToken(TypedDict, total=False):
    Token: Required[str]
    ClientId: Required[str]
    ClientSecret: str
    RevokeAssociatedSessions: RevokeAssociatedSessionsType

class RevokeUserSession(TypedDict, total=False):
    AccessToken: Required[str]
    SessionId: Required[str]
    RevokeAssociatedSessions: RevokeAssociatedSessionsType

class SetUserMFAPreference(TypedDict, total=False):
    SMSMfaSettings: SMSMfaSettingsType
    SoftwareTokenMfaSettings: SoftwareTokenMfaSettingsType
    EmailMfaSettings: EmailMfaSettingsType
    WebAuthnMfaSettings: WebAuthnMfaSettingsType
    AccessToken: Required[str]

class SetUserPoolMfaConfig(TypedDict, total=False):
    UserPoolId: Required[str]
    SmsMfaConfiguration: SmsMfaConfigType
    SoftwareTokenMfaConfiguration: SoftwareTokenMfaConfigType
    EmailMfaConfiguration: EmailMfaConfigType
    MfaConfiguration: UserPoolMfaType
    WebAuthnConfiguration: WebAuthnConfigurationType

class SignUp(TypedDict, total=False):
    ClientId: Required[str]
    SecretHash: str
    Username: Required[str]
    Password: str
    UserAttributes: list[AttributeType]
    ValidationData: list[AttributeType]
    AnalyticsMetadata: AnalyticsMetadataType
    UserContextData: UserContextDataType
    ClientMetadata: dict[str, str]

class StartWebAuthnRegistration(TypedDict, total=False):
    AccessToken: Required[str]

class TagResource(TypedDict, total=False):
    ResourceArn: Required[str]
    Tags: Required[dict[str, str]]

class UntagResource(TypedDict, total=False):
    ResourceArn: Required[str]
    TagKeys: Required[list[str]]

class UpdateDeviceStatus(TypedDict, total=False):
    AccessToken: Required[str]
    DeviceKey: Required[str]
    DeviceRememberedStatus: DeviceRememberedStatusType

class UpdateGroup(TypedDict, total=False):
    GroupName: Required[str]
    UserPoolId: Required[str]
    Description: str
    RoleArn: str
    Precedence: int

class UpdateResourceServer(TypedDict, total=False):
    UserPoolId: Required[str]
    Identifier: Required[str]
    Name: Required[str]
    Scopes: list[ResourceServerScopeType]

class UpdateUserAttributes(TypedDict, total=False):
    UserAttributes: Required[list[AttributeType]]
    AccessToken: Required[str]
    ClientMetadata: dict[str, str]

class UpdateUserPool(TypedDict, total=False):
    UserPoolId: Required[str]
    Policies: UserPoolPolicyType
    DeletionProtection: DeletionProtectionType
    LambdaConfig: LambdaConfigType
    AutoVerifiedAttributes: list[VerifiedAttributeType]
    SmsVerificationMessage: str
    EmailVerificationMessage: str
    EmailVerificationSubject: str
    VerificationMessageTemplate: VerificationMessageTemplateType
    SmsAuthenticationMessage: str
    UserAttributeUpdateSettings: UserAttributeUpdateSettingsType
    MfaConfiguration: UserPoolMfaType
    DeviceConfiguration: DeviceConfigurationType
    EmailConfiguration: EmailConfigurationType
    SmsConfiguration: SmsConfigurationType
    UserPoolTags: dict[str, str]
    AdminCreateUserConfig: AdminCreateUserConfigType
    UserPoolAddOns: UserPoolAddOnsType
    DcrConfiguration: DcrConfigurationType
    AccountRecoverySetting: AccountRecoverySettingType
    PoolName: str
    UserPoolTier: UserPoolTierType
    KeyConfiguration: KeyConfigurationType
    IssuerConfiguration: IssuerConfigurationType
    AcrConfiguration: dict[str, AcrLevelConfigType]

class UpdateUserPoolClient(TypedDict, total=False):
    UserPoolId: Required[str]
    ClientId: Required[str]
    ClientName: str
    RefreshTokenValidity: int
    AccessTokenValidity: int
    IdTokenValidity: int
    TokenValidityUnits: TokenValidityUnitsType
    ReadAttributes: list[str]
    WriteAttributes: list[str]
    ExplicitAuthFlows: list[ExplicitAuthFlowsType]
    SupportedIdentityProviders: list[str]
    CallbackURLs: list[str]
    LogoutURLs: list[str]
    DefaultRedirectURI: str
    AllowedOAuthFlows: list[OAuthFlowType]
    AllowedOAuthScopes: list[str]
    AllowedOAuthFlowsUserPoolClient: bool
    AnalyticsConfiguration: AnalyticsConfigurationType
    PreventUserExistenceErrors: PreventUserExistenceErrorTypes
    EnableTokenRevocation: bool
    EnablePropagateAdditionalUserContextData: bool
    AuthSessionValidity: int
    RefreshTokenRotation: RefreshTokenRotationType
    PublishSecretsInAWSSecretsManager: bool

class VerifySoftwareToken(TypedDict, total=False):
    AccessToken: str
    Session: str
    UserCode: Required[str]
    FriendlyDeviceName: str

class VerifyUserAttribute(TypedDict, total=False):
    AccessToken: Required[str]
    AttributeName: Required[str]
    Code: Required[str]

class AccountRecoverySettingType(TypedDict, total=False):
    RecoveryMechanisms: list[RecoveryOptionType]

class AcrLevelConfigType(TypedDict, total=False):
    AcrValue: Required[str]

class AdminCreateUserConfigType(TypedDict, total=False):
    AllowAdminCreateUserOnly: bool
    UnusedAccountValidityDays: int
    InviteMessageTemplate: MessageTemplateType

class AdvancedSecurityAdditionalFlowsType(TypedDict, total=False):
    CustomAuthMode: AdvancedSecurityEnabledModeType

class AnalyticsConfigurationType(TypedDict, total=False):
    ApplicationId: str
    ApplicationArn: str
    RoleArn: str
    ExternalId: str
    UserDataShared: bool

class AnalyticsMetadataType(TypedDict, total=False):
    AnalyticsEndpointId: str

class AttributeType(TypedDict, total=False):
    Name: Required[str]
    Value: str

class ContextDataType(TypedDict, total=False):
    IpAddress: Required[str]
    ServerName: Required[str]
    ServerPath: Required[str]
    HttpHeaders: Required[list[HttpHeader]]
    EncodedData: str

class CustomEmailLambdaVersionConfigType(TypedDict, total=False):
    LambdaVersion: Required[CustomEmailSenderLambdaVersionType]
    LambdaArn: Required[str]

class CustomSMSLambdaVersionConfigType(TypedDict, total=False):
    LambdaVersion: Required[CustomSMSSenderLambdaVersionType]
    LambdaArn: Required[str]

class DcrConfigurationType(TypedDict, total=False):
    EnableStatus: StatusType
    OpenDcrEnabled: bool
    AuthenticatedGrantTypes: list[OAuthFlowType]
    OpenDcrGrantTypes: list[OAuthFlowType]
    AllowedScopes: list[str]

class DeviceConfigurationType(TypedDict, total=False):
    ChallengeRequiredOnNewDevice: bool
    DeviceOnlyRememberedOnUserPrompt: bool

class DeviceSecretVerifierConfigType(TypedDict, total=False):
    PasswordVerifier: str
    Salt: str

class EmailConfigurationType(TypedDict, total=False):
    SourceArn: str
    ReplyToEmailAddress: str
    EmailSendingAccount: EmailSendingAccountType
    From: str
    ConfigurationSet: str

class EmailMfaConfigType(TypedDict, total=False):
    Message: str
    Subject: str

class EmailMfaSettingsType(TypedDict, total=False):
    Enabled: bool
    PreferredMfa: bool

class EumsSmsConfigurationType(TypedDict, total=False):
    CallerArn: Required[str]
    ExternalId: str
    OriginationIdentity: str
    ConfigurationSetName: str
    InEntityId: str
    InTemplateId: str
    Region: str

class HttpHeader(TypedDict, total=False):
    headerName: str
    headerValue: str

class InboundFederationLambdaType(TypedDict, total=False):
    LambdaVersion: Required[InboundFederationLambdaVersionType]
    LambdaArn: Required[str]

class IssuerConfigurationType(TypedDict, total=False):
    Type: IssuerType

class KeyConfigurationType(TypedDict, total=False):
    KeyType: EncryptionKeyType
    KmsKeyArn: str

class LambdaConfigType(TypedDict, total=False):
    PreSignUp: str
    CustomMessage: str
    PostConfirmation: str
    PreAuthentication: str
    PostAuthentication: str
    DefineAuthChallenge: str
    CreateAuthChallenge: str
    VerifyAuthChallengeResponse: str
    PreTokenGeneration: str
    UserMigration: str
    PreTokenGenerationConfig: PreTokenGenerationVersionConfigType
    CustomSMSSender: CustomSMSLambdaVersionConfigType
    CustomEmailSender: CustomEmailLambdaVersionConfigType
    KMSKeyID: str
    InboundFederation: InboundFederationLambdaType

class MessageTemplateType(TypedDict, total=False):
    SMSMessage: str
    EmailMessage: str
    EmailSubject: str

class NumberAttributeConstraintsType(TypedDict, total=False):
    MinValue: str
    MaxValue: str

class PasswordPolicyType(TypedDict, total=False):
    MinimumLength: int
    RequireUppercase: bool
    RequireLowercase: bool
    RequireNumbers: bool
    RequireSymbols: bool
    PasswordHistorySize: int
    TemporaryPasswordValidityDays: int

class PreTokenGenerationVersionConfigType(TypedDict, total=False):
    LambdaVersion: Required[PreTokenGenerationLambdaVersionType]
    LambdaArn: Required[str]

class RecoveryOptionType(TypedDict, total=False):
    Priority: Required[int]
    Name: Required[RecoveryOptionNameType]

class RefreshTokenRotationType(TypedDict, total=False):
    Feature: Required[FeatureType]
    RetryGracePeriodSeconds: int

class ResourceServerScopeType(TypedDict, total=False):
    ScopeName: Required[str]
    ScopeDescription: Required[str]

class SMSMfaSettingsType(TypedDict, total=False):
    Enabled: bool
    PreferredMfa: bool

class SchemaAttributeType(TypedDict, total=False):
    Name: str
    AttributeDataType: AttributeDataType
    DeveloperOnlyAttribute: bool
    Mutable: bool
    Required: bool
    NumberAttributeConstraints: NumberAttributeConstraintsType
    StringAttributeConstraints: StringAttributeConstraintsType

class SignInPolicyType(TypedDict, total=False):
    AllowedFirstAuthFactors: list[AuthFactorType]

class SmsConfigurationType(TypedDict, total=False):
    SnsCallerArn: str
    ExternalId: str
    SnsRegion: str
    EumsSms: EumsSmsConfigurationType

class SmsMfaConfigType(TypedDict, total=False):
    SmsAuthenticationMessage: str
    SmsConfiguration: SmsConfigurationType

class SoftwareTokenMfaConfigType(TypedDict, total=False):
    Enabled: bool

class SoftwareTokenMfaSettingsType(TypedDict, total=False):
    Enabled: bool
    PreferredMfa: bool

class StringAttributeConstraintsType(TypedDict, total=False):
    MinLength: str
    MaxLength: str

class TokenValidityUnitsType(TypedDict, total=False):
    AccessToken: TimeUnitsType
    IdToken: TimeUnitsType
    RefreshToken: TimeUnitsType

class UserAttributeUpdateSettingsType(TypedDict, total=False):
    AttributesRequireVerificationBeforeUpdate: list[VerifiedAttributeType]

class UserContextDataType(TypedDict, total=False):
    IpAddress: str
    EncodedData: str

class UserPoolAddOnsType(TypedDict, total=False):
    AdvancedSecurityMode: Required[AdvancedSecurityModeType]
    AdvancedSecurityAdditionalFlows: AdvancedSecurityAdditionalFlowsType

class UserPoolPolicyType(TypedDict, total=False):
    PasswordPolicy: PasswordPolicyType
    SignInPolicy: SignInPolicyType

class UsernameConfigurationType(TypedDict, total=False):
    CaseSensitive: Required[bool]

class VerificationMessageTemplateType(TypedDict, total=False):
    SmsMessage: str
    EmailMessage: str
    EmailSubject: str
    EmailMessageByLink: str
    EmailSubjectByLink: str
    DefaultEmailOption: DefaultEmailOptionType

class WebAuthnConfigurationType(TypedDict, total=False):
    RelyingPartyId: str
    UserVerification: UserVerificationType
    FactorConfiguration: WebAuthnFactorConfigurationType

class WebAuthnMfaSettingsType(TypedDict, total=False):
    Enabled: bool
