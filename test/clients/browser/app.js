// An app of somebody else's making: a page that does with Amplify what the test asks for.

import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';

window.app = {
  ...auth,
  // Amplify puts another function in its place once a sign-up has begun.
  autoSignIn: () => auth.autoSignIn(),
  configure: (userPoolEndpoint, userPoolId, userPoolClientId) =>
    Amplify.configure({ Auth: { Cognito: { userPoolEndpoint, userPoolId, userPoolClientId } } }),
};
