// Keeps the page as the pool is: asks for it again, and changes in place what is different, so that what a
// person has selected, opened or scrolled to stays.

const SECONDS = 1000;
const COPIED = 1.5 * SECONDS;
const OK = 200;
const LONGEST_WAIT = 10 * SECONDS;
const SHARE_OF_TIME = 10; // the server works for this page a tenth of the time at most

const state = document.getElementById('state');

const keyOf = (node) => node?.dataset?.key;

const say = (text) => {
  if (state.textContent !== text) state.textContent = text;
};

const renewAttributes = (old, fresh) => {
  for (const { name } of [...old.attributes]) {
    if (name !== 'open' && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
};

const removed = (node) => {
  const next = node.nextSibling;
  node.remove();
  return next;
};

const added = (parent, node, place) => {
  const copy = document.importNode(node, true);
  if (keyOf(copy)) copy.classList.add('new');
  parent.insertBefore(copy, place);
};

// Nodes with a key are the same wherever they stand; the others are by their place and name.
const renewChildren = (old, fresh) => {
  const wanted = [...fresh.childNodes];
  const keys = new Set(wanted.map(keyOf));
  for (const child of [...old.childNodes]) {
    if (keyOf(child) && !keys.has(keyOf(child))) child.remove();
  }
  const known = new Map([...old.childNodes].filter(keyOf).map((child) => [keyOf(child), child]));
  let place = old.firstChild;
  for (const node of wanted) {
    const match = keyOf(node) ? known.get(keyOf(node)) : place;
    if (!match || keyOf(match) !== keyOf(node) || match.nodeName !== node.nodeName) {
      added(old, node, place);
      continue;
    }
    while (place !== match && place && !keyOf(place)) place = removed(place);
    if (place === match) place = match.nextSibling;
    else old.insertBefore(match, place);
    renew(match, node);
  }
  while (place) place = removed(place);
};

const renew = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    return;
  }
  renewAttributes(old, fresh);
  renewChildren(old, fresh);
};

// Gives the answer, or null when there was none. Not fetch(), whose text would have to be parsed: a page that
// trusts no HTML can't do that.
const ask = (tag, form) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(form ? 'POST' : 'GET', form ? form.getAttribute('action') : window.location.href);
    request.responseType = 'document';
    request.timeout = LONGEST_WAIT;
    if (tag) request.setRequestHeader('If-None-Match', tag);
    request.onload = () => resolve(request);
    request.onerror = request.ontimeout = () => resolve(null);
    request.send(form && new URLSearchParams(new FormData(form)));
  });

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const untilSeen = () =>
  new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    look();
  });

// The pool's clock against this computer's, in seconds.
let ahead = 0;

const countDown = () => {
  for (const left of document.querySelectorAll('.until')) {
    const seconds = Math.max(0, Math.ceil(left.dataset.until - Date.now() / SECONDS - ahead));
    left.textContent = `${seconds} s`;
  }
};

const live = async () => {
  const main = document.querySelector('main');
  let tag = null;
  for (;;) {
    await untilSeen();
    const begun = performance.now();
    const answer = await ask(tag);
    const fresh = answer?.response?.querySelector('main');
    if (answer?.getResponseHeader('X-Pool-Time')) {
      ahead = answer.getResponseHeader('X-Pool-Time') - Date.now() / SECONDS;
    }
    if (fresh) {
      tag = answer.getResponseHeader('ETag');
      renew(main, fresh);
      countDown();
    }
    say(fresh || answer?.status === 304 ? 'Live' : 'The server does not answer. Trying again …');
    const spent = performance.now() - begun;
    await pause(Math.min(LONGEST_WAIT, Math.max(SECONDS, SHARE_OF_TIME * spent)));
  }
};

// Sends a form and shows what came of it without leaving the page; what is open stays open.
const act = async (form) => {
  const answer = await ask(null, form);
  const fresh = answer?.response?.querySelector('main');
  if (!fresh) return say('The server does not answer. Nothing was sent, or nobody knows what became of it.');
  const notice = fresh.querySelector('.notice, [data-key=problem]');
  if (answer.status === OK) {
    form.reset();
    window.history.replaceState(null, '', answer.responseURL);
    renew(document.querySelector('main'), fresh);
    countDown();
  }
  return say(notice ? notice.textContent.trim().replace(/\s+/g, ' ') : 'Done');
};

const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.value);
    say('Copied');
    const before = button.textContent;
    if (before !== 'Copied') {
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = before;
      }, COPIED);
    }
  } catch {
    // Without the person's leave, or from a name that the browser does not trust, it can only be selected.
    window.getSelection().selectAllChildren(button.previousElementSibling);
    say('Selected');
  }
};

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('.copy');
  if (button) copy(button);
});
document.addEventListener('submit', (event) => {
  if (event.target.getAttribute('method') !== 'post') return;
  event.preventDefault();
  act(event.target);
});
document.documentElement.classList.add('live');
setInterval(countDown, SECONDS);
live();
