/* What every page test needs: TAP, a browser, a server, a signed-in page that
 * notes every console error, CSP violation and request to elsewhere.
 *
 * MESH_URL, MESH_USER, MESH_PASSWORD name the server under test; without
 * MESH_URL the mock answers.  MESH_NODE_MODULES is where the modules are. */

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMock, USER } from './mock.mjs';

const modules = resolve(process.env.MESH_NODE_MODULES
  || fileURLToPath(new URL('../../.build/node_modules', import.meta.url)));
const load = createRequire(join(modules, 'here.js'));
const { chromium } = load('playwright-core');
const axeSource = readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const DEADLINE = 40000;         /* a busy machine is slow, not wrong */

let count = 0;
let failures = 0;

export function ok(good, name, note) {
  count++;
  if (!good) {
    failures++;
  }
  process.stdout.write(`${good ? 'ok' : 'not ok'} ${count} - ${name}\n`);
  if (!good && note !== undefined) {
    for (const line of String(note).split('\n')) {
      process.stdout.write(`# ${line}\n`);
    }
  }
  return good;
}

const show = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

export function is(got, wanted, name) {
  return ok(show(got) === show(wanted), name, `got    ${show(got)}\nwanted ${show(wanted)}`);
}

/* Wait until `ask` is truthy and give it back; the last value otherwise. */
export async function until(ask, ms = DEADLINE) {
  const end = Date.now() + ms;
  let value;

  do {
    try {
      value = await ask();
    }
    catch (reason) {
      value = undefined;
      if (Date.now() >= end) {
        throw reason;
      }
    }
    if (value) {
      return value;
    }
    await new Promise((done) => setTimeout(done, 50));
  } while (Date.now() < end);
  return value;
}

export const LOOKS = [
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 1440, height: 900 },
  { colorScheme: 'light', width: 320, height: 640 },
  { colorScheme: 'dark', width: 320, height: 640 },
];

export const called = ({ colorScheme, width }) => `${colorScheme}, ${width} px`;

/* Run one test program: `body` gets {url, open, api, mock}. */
export async function run(body) {
  const mock = process.env.MESH_URL ? null : await startMock();
  const url = (process.env.MESH_URL || mock.url).replace(/\/$/, '');
  const user = process.env.MESH_USER || USER.email;
  const password = process.env.MESH_PASSWORD || USER.password;
  const browser = await chromium.launch({
    executablePath: process.env.MESH_CHROMIUM || '/usr/bin/chromium',
    headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  let state;                    /* cookies, once signed in */

  async function open(page = '',
    { signedIn = true, wait = true, expect = [], route, ...look } = {}) {
    const { width = 1440, height = 900, colorScheme = 'light', ...rest } = look;
    const context = await browser.newContext({
      viewport: { width, height }, colorScheme, locale: 'en-US', reducedMotion: 'reduce',
        acceptDownloads: true,
      ignoreHTTPSErrors: true, storageState: signedIn ? await cookies() : undefined, ...rest,
    });
    const tab = await context.newPage();

    context.setDefaultTimeout(DEADLINE);
    const faults = [];

    await tab.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener('securitypolicyviolation', (event) =>
        globalThis.violations.push(event.violatedDirective + ' ' + event.blockedURI));
    });
    tab.on('console', (message) => {
      const text = message.text();

      if (message.type() === 'error' && !expect.some((pattern) => pattern.test(text))) {
        faults.push('console: ' + text);
      }
    });
    tab.on('pageerror', (reason) => faults.push('error: ' + reason.stack));
    tab.on('request', (request) => {
      const target = request.url();

      if (!target.startsWith(url + '/') && !/^(data|blob):/.test(target)) {
        faults.push('request to ' + target);
      }
    });
    tab.faults = async () => [...faults, ...await tab.evaluate(() => globalThis.violations || [])];
    if (route) {
      await route(tab);
    }
    if (page !== null) {
      await tab.goto(url + '/' + page);
      if (wait) {
        await settled(tab);
      }
    }
    return tab;
  }

  async function cookies() {
    if (!state) {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const answer = await context.request.post(url + '/api/session',
        { data: { email: user, password }, headers: { Origin: url } });

      if (!answer.ok()) {
        throw new Error('cannot sign in: ' + answer.status() + ' ' + await answer.text());
      }
      state = await context.storageState();
      await context.close();
    }
    return state;
  }

  /* The same JSON the page asked for. */
  async function api(path) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true,
      storageState: await cookies() });
    const answer = await context.request.get(url + '/api' + path);
    const json = await answer.json();

    await context.close();
    return json;
  }

  try {
    await body({ url, open, api, user, password, mocked: Boolean(mock) });
  }
  catch (reason) {
    ok(false, 'the program runs to its end', reason.stack);
  }
  await browser.close();
  mock?.close();
  process.stdout.write(`1..${count}\n`);
  process.exitCode = failures ? 1 : 0;
}

/* Nothing is loading any more. */
export async function settled(tab) {
  await tab.waitForLoadState('load');
  await until(() => tab.evaluate(() => document.querySelectorAll(
    '[aria-busy="true"]:not([data-specimen], [data-specimen] *)').length === 0
    && Boolean(document.querySelector('main h1, .sign-in form'))));
  await tab.evaluate(() =>
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

export async function axe(tab) {
  await tab.evaluate(axeSource);
  const { violations } = await tab.evaluate((tags) => globalThis.axe.run(document, {
    runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }), TAGS);

  return violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 4).map((node) =>
    node.target.join(' ') + ' ' + (node.any[0]?.message || node.all[0]?.message
      || node.none[0]?.message || '')).join(' | '));
}

export const overflow = (tab) =>
  tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/* What holds for every page in every look. */
export async function sound(open, page, { after, ...options } = {}) {
  for (const look of LOOKS) {
    const tab = await open(page, { ...options, ...look });
    const name = `${page || 'index.html'} (${called(look)})`;

    if (after) {
      await after(tab);
    }
    is(await overflow(tab), 0, `${name} does not scroll sideways`);
    const violations = await axe(tab);

    ok(violations.length === 0, `${name} meets WCAG 2.2 AA`, violations.join('\n'));
    const styled = await tab.evaluate(() => [...document.querySelectorAll('[style]')]
      .filter((element) => !element.closest('.uplot')).map((element) =>
        element.outerHTML.slice(0, 120)));

    ok(styled.length === 0, `${name} has no style attribute`, styled.join('\n'));
    const faults = await tab.faults();

    ok(faults.length === 0, `${name} has no console error, CSP violation or request elsewhere`,
      faults.join('\n'));
    if (process.env.MESH_PICTURES) {
      await tab.screenshot(
        { path: join(process.env.MESH_PICTURES,
          `${page.replace(/[^\w]+/g, '-')}-${look.colorScheme}-${look.width}.png`),
            fullPage: true });
    }
    await tab.context().close();
  }
}
