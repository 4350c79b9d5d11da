// What the stories share: their arguments, one JSON line for each step, the mailbox, the authenticator app.

import { TOTP } from 'otpauth';

// endpoint, poolId, clientId and, of a client that has one, clientSecret
export const settings = JSON.parse(process.argv[3]);

const STEP_MILLISECONDS = 30_000;

// Runs a step and prints what came of it: the answer, or the name and the text of the error.
export async function step(name, action) {
  let line;
  let answer;
  try {
    answer = await action();
    line = { step: name, answer: answer === undefined ? null : answer };
  } catch (error) {
    line = { step: name, error: error.name, message: error.message, attempts: error.$metadata?.attempts };
  }
  console.log(JSON.stringify(line));
  return answer;
}

// The latest code that was sent to an address.
export async function mail(to) {
  const messages = await (await fetch(`${settings.endpoint}/outbox`)).json();
  return messages.filter((message) => message.to === to).at(-1).code;
}

// The code that an authenticator app shows, so many time steps from now.
export function totp(secret, steps = 0) {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + steps * STEP_MILLISECONDS });
}

// A code that differs in its last digit.
export function wrong(code) {
  return code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10);
}

// Runs the story that the command line names.
export async function tell(stories) {
  await stories[process.argv[2]]();
}
