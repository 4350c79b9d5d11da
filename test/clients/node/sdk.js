// Stories told with the AWS SDK for JavaScript: node sdk.js <story> <settings as JSON>

import { createHmac } from 'node:crypto';

import * as sdk from '@aws-sdk/client-cognito-identity-provider';

import { mail, settings, step, tell, totp, wrong } from './report.js';

const NAME = 'alice';
const ADDRESS = 'alice@example.com';
const PASSWORD = 'Correct-Horse-1!';
const NEW_PASSWORD = 'Better-Horse-2?';

const client = new sdk.CognitoIdentityProviderClient({
  endpoint: settings.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
});

const inPool = { UserPoolId: settings.poolId };
const inApp = { ClientId: settings.clientId };
const managed = { ...inPool, Username: NAME };

// Sends the command of an action and answers with what it returned, without $metadata.
async function send(action, given) {
  const { $metadata, ...answer } = await client.send(new sdk[`${action}Command`](given));
  return answer;
}

// The secret hash of a client that has a secret, under the name that the action gives it.
function hashed(member) {
  if (!settings.clientSecret) {
    return {};
  }
  const hash = createHmac('sha256', settings.clientSecret).update(NAME + settings.clientId);
  return { [member]: hash.digest('base64') };
}

const parameters = (given) => ({ USERNAME: NAME, ...hashed('SECRET_HASH'), ...given });

const signIn = (password) =>
  send('AdminInitiateAuth', {
    ...inPool,
    ...inApp,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: parameters({ PASSWORD: password }),
  });

const answer = (challenge, session, given) =>
  send('AdminRespondToAuthChallenge', {
    ...inPool,
    ...inApp,
    ChallengeName: challenge,
    Session: session,
    ChallengeResponses: parameters(given),
  });

// From sign-up to deletion, in a pool that requires MFA.
async function life() {
  const self = { ...inApp, Username: NAME, ...hashed('SecretHash') };
  await step('sign up', () =>
    send('SignUp', { ...self, Password: PASSWORD, UserAttributes: [{ Name: 'email', Value: ADDRESS }] }),
  );
  const code = await mail(ADDRESS);
  await step('wrong code', () => send('ConfirmSignUp', { ...self, ConfirmationCode: wrong(code) }));
  await step('confirm', () => send('ConfirmSignUp', { ...self, ConfirmationCode: code }));
  await step('wrong password', () => signIn(NEW_PASSWORD));

  const first = await step('sign in', () => signIn(PASSWORD));
  const { SecretCode, Session } = await send('AssociateSoftwareToken', { Session: first.Session });
  const verified = await step('verify', () =>
    send('VerifySoftwareToken', { Session, UserCode: totp(SecretCode) }),
  );
  await step('set up', () => answer('MFA_SETUP', verified.Session, {}));

  const second = await signIn(PASSWORD);
  const result = await step('code', () =>
    answer('SOFTWARE_TOKEN_MFA', second.Session, { SOFTWARE_TOKEN_MFA_CODE: totp(SecretCode, 1) }),
  );
  const { AccessToken, RefreshToken } = result.AuthenticationResult;

  await step('user', () => send('GetUser', { AccessToken }));
  await step('user by administrator', () => send('AdminGetUser', managed));
  await step('refresh', () =>
    send('InitiateAuth', {
      ...inApp,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: RefreshToken, ...hashed('SECRET_HASH') },
    }),
  );
  await step('revoke', () =>
    send('RevokeToken', { ...inApp, Token: RefreshToken, ClientSecret: settings.clientSecret }),
  );
  await step('revoked', () => send('GetUser', { AccessToken }));
  await step('sign out by administrator', () => send('AdminUserGlobalSignOut', managed));
  await step('disable', () => send('AdminDisableUser', managed));
  await step('disabled', () => signIn(PASSWORD));
  await step('enable', () => send('AdminEnableUser', managed));
  await step('update', () =>
    send('AdminUpdateUserAttributes', { ...managed, UserAttributes: [{ Name: 'name', Value: 'Alice' }] }),
  );
  await step('filter', () => send('ListUsers', { ...inPool, Filter: 'name = "Alice"', AttributesToGet: ['name'] }));
  await step('delete', () => send('AdminDeleteUser', managed));
  await step('deleted', () => send('AdminGetUser', managed));
}

// Users and groups by an administrator, and the SDK's own paginators.
async function administration() {
  await step('create', () =>
    send('AdminCreateUser', { ...managed, TemporaryPassword: PASSWORD, MessageAction: 'SUPPRESS' }),
  );
  const first = await step('temporary', () => signIn(PASSWORD));
  await step('new password', () =>
    answer('NEW_PASSWORD_REQUIRED', first.Session, { NEW_PASSWORD }),
  );
  await step('set password', () =>
    send('AdminSetUserPassword', { ...managed, Password: PASSWORD, Permanent: true }),
  );
  for (const name of ['staff', 'readers', 'writers']) {
    await send('CreateGroup', { ...inPool, GroupName: name });
  }
  await step('group again', () => send('CreateGroup', { ...inPool, GroupName: 'staff' }));
  await step('add', () => send('AdminAddUserToGroup', { ...managed, GroupName: 'staff' }));
  await step('in group', () => send('ListUsersInGroup', { ...inPool, GroupName: 'staff' }));
  await step('pages', async () => {
    const pages = [];
    for await (const page of sdk.paginateListGroups({ client, pageSize: 2 }, inPool)) {
      pages.push(page.Groups.map((group) => group.GroupName));
    }
    return pages;
  });
  await step('pool', () => send('DescribeUserPool', inPool));
  await step('app client', () => send('DescribeUserPoolClient', { ...inPool, ...inApp }));
}

// Each modelled error by its class, and an action that is not there.
async function refusals() {
  const self = { ...inApp, Username: NAME };
  const refused = [
    ['InvalidPasswordException', 'SignUp', { ...self, Password: 'short' }],
    ['UsernameExistsException', 'SignUp', { ...self, Password: PASSWORD }],
    ['UserNotFoundException', 'AdminGetUser', { ...inPool, Username: 'nobody' }],
    ['ResourceNotFoundException', 'DescribeUserPool', { UserPoolId: 'us-east-1_unknown' }],
    ['NotAuthorizedException', 'GetUser', { AccessToken: 'a.b.c' }],
    ['InvalidParameterException', 'InitiateAuth', { ...inApp, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: {} }],
    ['ExpiredCodeException', 'ConfirmForgotPassword', { ...self, ConfirmationCode: '1', Password: PASSWORD }],
    ['GroupExistsException', 'CreateGroup', { ...inPool, GroupName: 'staff' }],
  ];
  await send('SignUp', { ...self, Password: PASSWORD });
  await send('AdminConfirmSignUp', { ...managed });
  await send('CreateGroup', { ...inPool, GroupName: 'staff' });
  for (const [expected, action, given] of refused) {
    await step(expected, async () => {
      try {
        return await send(action, given);
      } catch (error) {
        if (!(error instanceof sdk[expected])) {
          throw new Error(`${error.name} is no ${expected}`);
        }
        throw error;
      }
    });
  }
  await step('missing', () => send('DescribeRiskConfiguration', inPool));
}

await tell({ life, administration, refusals });
