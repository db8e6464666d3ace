/* The one fetch.  Everything a page shows came through here. */

import { signal } from '../vendor/ui.js';

const ROOT = '/api';
const PATIENCE = 30000;         /* ms until we stop waiting for an answer */
const LONGEST_PAUSE = 10;       /* s we wait by ourselves before a second try */
const TRIES = 3;

/* What the top bar says: when the server last answered, and whether the last
 * attempt reached it. */
export const contact = signal({ at: null, reached: true });

/* An answer that is not the wanted one.  `errors` are {pointer, detail} rows
 * of the problem body, `retryAfter` is in seconds or null. */
export class Problem extends Error {
  constructor(status, body, { retryAfter = null, path = '' } = {}) {
    super(body.title || body.error?.message
      || 'The server answered with status ' + status);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code || body.error?.code || '';
    this.detail = body.detail || body.error?.message || '';
    this.errors = Array.isArray(body.errors) ? body.errors : [];
    this.requestId = body.request_id || '';
    this.retryAfter = retryAfter;
    this.path = path;
    this.at = new Date();
  }

  get forbidden() {
    return this.status === 403;
  }
}

/* The page for somebody who is not signed in, and the way back. */
export function toSignIn() {
  const here = location.pathname.split('/').pop() + location.search
    + location.hash;

  location.assign('signin.html?next=' + encodeURIComponent(here));
}

/* Only a page of our own may be the way back. */
export function wayBack(next) {
  return /^[a-z0-9-]+\.html([?#].*)?$/i.test(next || '') ? next : 'index.html';
}

function address(path, params) {
  const search = new URLSearchParams();

  for (const [name, value] of Object.entries(params || {})) {
    if (value !== null && value !== undefined && value !== '') {
      search.set(name, value);
    }
  }
  const text = search.toString();

  return (path.startsWith(ROOT + '/') ? path : ROOT + path)
    + (text ? '?' + text : '');
}

function pauseOf(response) {
  const value = response.headers.get('Retry-After');

  if (!value) {
    return null;
  }
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.now()) / 1000;

  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}

async function bodyOf(response, path) {
  const text = await response.text();

  if (!text) {
    return null;
  }
  try {
    return JSON.parse(text);
  }
  catch {
    if (response.ok) {
      throw new Problem(response.status, {
        title: 'The answer could not be read',
        detail: 'The server answered with something that is not JSON.',
        code: 'unreadable',
      }, { path });
    }
    return {};
  }
}

export function sleep(ms, signal) {
  return new Promise((done, stop) => {
    const timer = setTimeout(done, ms);

    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      stop(signal.reason);
    }, { once: true });
  });
}

async function attempt(url, request, path) {
  let response;

  try {
    response = await fetch(url, request);
  }
  catch (cause) {
    if (request.signal.aborted && cause.name !== 'TimeoutError') {
      throw cause;
    }
    contact.value = { ...contact.value, reached: false };
    throw new Problem(0, {
      title: 'The server cannot be reached',
      detail: cause.name === 'TimeoutError'
        ? 'It did not answer within ' + PATIENCE / 1000 + ' s.'
        : 'The connection is down or the server is not running.',
      code: 'unreachable',
    }, { path });
  }

  const body = await bodyOf(response, path);

  contact.value = { at: new Date(), reached: true };
  if (!response.ok) {
    throw new Problem(response.status, body || {}, {
      retryAfter: pauseOf(response),
      path,
    });
  }
  return body;
}

/* Send a request, give back the parsed body, or throw a Problem.  `stay`
 * keeps a 401 from leading to the sign-in page. */
export async function call(method, path, {
  params, body, headers, signal, stay = false,
} = {}) {
  const url = address(path, params);
  const patience = AbortSignal.timeout(PATIENCE);
  const request = {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { Accept: 'application/json', ...headers },
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  };

  if (body !== undefined) {
    request.headers['Content-Type'] = 'application/json';
    request.body = JSON.stringify(body);
  }

  for (let tries = 1; ; tries++) {
    try {
      return await attempt(url, request, path);
    }
    catch (problem) {
      if (!(problem instanceof Problem)) {
        throw problem;
      }
      if (problem.status === 401 && !stay) {
        toSignIn();
      }
      if (method !== 'GET' || tries === TRIES || problem.retryAfter === null
          || problem.retryAfter > LONGEST_PAUSE
          || (problem.status !== 429 && problem.status !== 503)) {
        throw problem;
      }
      await sleep(problem.retryAfter * 1000, request.signal);
    }
  }
}

export const get = (path, params, options) =>
  call('GET', path, { params, ...options });

export const post = (path, body, options) =>
  call('POST', path, { body, ...options });

export const remove = (path, options) => call('DELETE', path, options);

/* Ask again and again: every `pace` ms, slower after failures, not at all
 * while nobody looks.  `ask` gets an AbortSignal; what it throws only slows
 * the pace.  Gives back the function that stops it. */
export function poll(ask, pace, { first = true } = {}) {
  const stop = new AbortController();
  let failures = 0;
  let timer = null;
  let busy = false;

  async function turn() {
    timer = null;
    if (stop.signal.aborted || document.hidden || busy) {
      return;
    }
    let pause = pace;

    busy = true;
    try {
      await ask(stop.signal);
      failures = 0;
    }
    catch (problem) {
      failures = Math.min(failures + 1, 5);
      pause = Math.max(pace * 2 ** failures, (problem.retryAfter || 0) * 1000);
    }
    busy = false;
    if (!stop.signal.aborted && !document.hidden) {
      timer = setTimeout(turn, pause);
    }
  }

  function look() {
    clearTimeout(timer);
    if (!document.hidden) {
      turn();
    }
  }

  document.addEventListener('visibilitychange', look, { signal: stop.signal });
  if (first) {
    turn();
  }
  else {
    timer = setTimeout(turn, pace);
  }
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}
