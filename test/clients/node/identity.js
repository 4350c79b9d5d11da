// Stories told with amazon-cognito-identity-js: node identity.js <story> <settings as JSON>

import {
  AuthenticationDetails,
  CognitoRefreshToken,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} from 'amazon-cognito-identity-js';

import { mail, settings, step, tell, totp, wrong } from './report.js';

const NAME = 'alice';
const ADDRESS = 'alice@example.com';
const PASSWORD = 'Correct-Horse-1!';
const NEW_PASSWORD = 'Better-Horse-2?';

// Keeps text as a browser's localStorage does, which answers null for what it has not got.
class Storage {
  #items = new Map();

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  removeItem(key) {
    this.#items.delete(key);
  }

  clear() {
    this.#items.clear();
  }
}

const storage = new Storage();
const pool = new CognitoUserPool({
  UserPoolId: settings.poolId,
  ClientId: settings.clientId,
  endpoint: settings.endpoint,
  Storage: storage,
});

const newUser = () => new CognitoUser({ Username: NAME, Pool: pool, Storage: storage });

// Makes a promise of a function that takes a callback(error, answer) last.
const called = (object, method, ...given) =>
  new Promise((resolve, reject) => {
    object[method](...given, (error, answer) => (error ? reject(error) : resolve(answer)));
  });

// Makes a promise of a method that takes an object of callbacks last. A challenge is an answer too.
const handled = (object, method, given, ...after) =>
  new Promise((resolve, reject) => {
    const answers = [
      ...['mfaSetup', 'totpRequired', 'mfaRequired', 'selectMFAType', 'newPasswordRequired'],
      'customChallenge',
    ];
    const callbacks = Object.fromEntries(
      answers.map((name) => [name, (...values) => resolve({ challenge: name, values })]),
    );
    callbacks.onSuccess = (answer, more) => resolve({ answer, more });
    callbacks.onFailure = reject;
    callbacks.associateSecretCode = resolve;
    callbacks.inputVerificationCode = resolve;
    object[method](...given, callbacks, ...after);
  });

// Signs in and tells how that ended: a challenge, or the claims of the access token.
async function signIn(user, password = PASSWORD) {
  const details = new AuthenticationDetails({ Username: NAME, Password: password });
  return described(await handled(user, 'authenticateUser', [details]));
}

function described({ challenge, values, answer, more }) {
  if (challenge) {
    return { challenge, values };
  }
  return {
    claims: answer.getAccessToken().decodePayload(),
    identity: answer.getIdToken().decodePayload(),
    mustAskUser: more === true,
  };
}

async function signUp() {
  const attributes = [new CognitoUserAttribute({ Name: 'email', Value: ADDRESS })];
  return called(pool, 'signUp', NAME, PASSWORD, attributes, null);
}

async function confirmedUser() {
  await signUp();
  await called(newUser(), 'confirmRegistration', await mail(ADDRESS), true);
  return newUser();
}

// Sign-up with its errors.
async function signingUp() {
  await step('weak password', () => called(pool, 'signUp', NAME, 'short', [], null));
  await step('sign up', async () => (await signUp()).codeDeliveryDetails);
  await step('sign up again', signUp);
  const user = newUser();
  await step('sign in too early', () => signIn(user));
  await step('resend', async () => (await called(user, 'resendConfirmationCode')).CodeDeliveryDetails);
  const code = await mail(ADDRESS);
  await step('wrong code', () => called(user, 'confirmRegistration', wrong(code), true));
  await step('confirm', () => called(user, 'confirmRegistration', code, true));
  await step('sign in', () => signIn(user));
}

// SRP sign-in, the account of a signed-in user, and the ways out.
async function account() {
  const user = await confirmedUser();
  await step('wrong password', () => signIn(user, NEW_PASSWORD));
  await step('sign in', () => signIn(user));
  await step('attributes', async () =>
    Object.fromEntries((await called(user, 'getUserAttributes')).map((one) => [one.Name, one.Value])),
  );
  await step('update', () =>
    called(user, 'updateAttributes', [new CognitoUserAttribute({ Name: 'name', Value: 'Alice' })]),
  );
  await step('wrong old password', () => called(user, 'changePassword', NEW_PASSWORD, PASSWORD));
  await step('change password', () => called(user, 'changePassword', PASSWORD, NEW_PASSWORD));
  await step('refresh', async () => {
    const token = new CognitoRefreshToken({
      RefreshToken: user.getSignInUserSession().getRefreshToken().getToken(),
    });
    const before = user.getSignInUserSession().getAccessToken().getJwtToken();
    const session = await called(user, 'refreshSession', token);
    return session.getAccessToken().getJwtToken() !== before;
  });
  await step('sign in with the new password', () => signIn(newUser(), NEW_PASSWORD));
  await step('global sign-out', () => handled(user, 'globalSignOut', []));
  const other = newUser();
  await signIn(other, NEW_PASSWORD);
  const token = other.getSignInUserSession().getAccessToken().getJwtToken();
  await step('sign out with revocation', () => called(other, 'signOut'));
  await step('revoked token', () => called(pool.client, 'request', 'GetUser', { AccessToken: token }));
  const last = newUser();
  await signIn(last, NEW_PASSWORD);
  await step('delete', () => called(last, 'deleteUser'));
  await step('sign in to nothing', () => signIn(newUser(), NEW_PASSWORD));
}

// A forgotten password.
async function forgotten() {
  const user = await confirmedUser();
  await step('forgot', async () => (await handled(user, 'forgotPassword', [])).CodeDeliveryDetails);
  const code = await mail(ADDRESS);
  await step('wrong code', () => handled(user, 'confirmPassword', [wrong(code), NEW_PASSWORD]));
  await step('weak password', () => handled(user, 'confirmPassword', [code, 'short']));
  await step('new password', () => handled(user, 'confirmPassword', [code, NEW_PASSWORD]));
  await step('sign in', () => signIn(user, NEW_PASSWORD));
}

// A pool that requires MFA and tracks devices: set-up, a sign-in with a code, then one from the device.
async function device() {
  const user = await confirmedUser();
  await step('sign in to set up', () => signIn(user));
  const secret = await handled(user, 'associateSoftwareToken', []);
  await step('wrong first code', () =>
    handled(user, 'verifySoftwareToken', [wrong(totp(secret)), 'phone']).then(described),
  );
  await step('set up', () =>
    handled(user, 'verifySoftwareToken', [totp(secret), 'phone']).then(described),
  );

  const second = newUser();
  await step('sign in with code', () => signIn(second));
  // The code of this time step is used up; the next one's is accepted already.
  const code = totp(secret, 1);
  await step('wrong code', () =>
    handled(second, 'sendMFACode', [wrong(code)], 'SOFTWARE_TOKEN_MFA').then(described),
  );
  await step('code', () => handled(second, 'sendMFACode', [code], 'SOFTWARE_TOKEN_MFA').then(described));
  await step('remember', () => handled(second, 'setDeviceStatusRemembered', []));
  await step('device', async () => (await handled(second, 'getDevice', [])).answer.Device.DeviceKey);
  await step('devices', async () => (await handled(second, 'listDevices', [10, null])).answer.Devices.length);

  const third = newUser();
  await step('sign in from device', () => signIn(third));
  await step('refresh from device', async () => {
    const session = await called(third, 'refreshSession', third.getSignInUserSession().getRefreshToken());
    return session.isValid();
  });
  // Behind the back of the library, which keeps the device's key.
  await called(pool.client, 'request', 'ForgetDevice', {
    AccessToken: third.getSignInUserSession().getAccessToken().getJwtToken(),
    DeviceKey: third.deviceKey,
  });
  await step('sign in from forgotten device', () => signIn(newUser()));
}

// A pool that tracks devices only once the user agrees.
async function prompted() {
  const user = await confirmedUser();
  await step('sign in', () => signIn(user));
  await step('before', async () => (await handled(user, 'listDevices', [10, null])).answer.Devices.length);
  await step('remember', () => handled(user, 'setDeviceStatusRemembered', []));
  await step('after', async () => (await handled(user, 'listDevices', [10, null])).answer.Devices.length);
  await step('sign in from device', () => signIn(newUser()));
}

// A user whom an administrator invited.
async function invited() {
  const user = newUser();
  const { values } = await step('temporary password', () => signIn(user, settings.temporaryPassword));
  const shown = { ...values[0] };
  // Pages send back what they were shown, less the one member that Cognito refuses.
  delete shown.email_verified;
  await step('weak password', () => handled(user, 'completeNewPasswordChallenge', ['short', {}]));
  await step('new password', () =>
    handled(user, 'completeNewPasswordChallenge', [NEW_PASSWORD, { ...shown, name: 'Alice' }]).then(described),
  );
  await step('password flow', () => {
    user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
    return signIn(user, NEW_PASSWORD);
  });
}

// Optional MFA, turned on by a signed-in user.
async function preference() {
  const user = await confirmedUser();
  await signIn(user);
  const secret = await handled(user, 'associateSoftwareToken', []);
  await step('verify', () => handled(user, 'verifySoftwareToken', [totp(secret), 'phone']));
  await step('prefer', () =>
    called(user, 'setUserMfaPreference', null, { Enabled: true, PreferredMfa: true }),
  );
  const next = newUser();
  await step('sign in', () => signIn(next));
  await step('code', () =>
    handled(next, 'sendMFACode', [totp(secret, 1)], 'SOFTWARE_TOKEN_MFA').then(described),
  );
}

// The pool's own question, without the password and after it.
async function custom() {
  await confirmedUser();
  const metadata = { shop: 'north' };
  const answering = (user, colour) =>
    handled(user, 'sendCustomChallengeAnswer', [colour], metadata).then(described);

  const first = newUser();
  const name = new AuthenticationDetails({ Username: NAME });
  await step('question', async () => described(await handled(first, 'initiateAuth', [name])));
  await step('wrong answer', () => answering(first, 'red'));
  await step('answer', () => answering(first, 'blue'));

  const second = newUser();
  second.setAuthenticationFlowType('CUSTOM_AUTH');
  await step('wrong password', () => signIn(second, NEW_PASSWORD));
  await step('question after the password', () => signIn(second));
  await step('answer after the password', () => answering(second, 'blue'));
}

await tell({ custom, signingUp, account, forgotten, device, prompted, invited, preference });
