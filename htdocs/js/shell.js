/* The frame of every page: top bar, navigation from the catalogue, session
 * menu, keys, toasts.  A page calls start(Page) and writes only its middle. */

import { html, render, signal, useEffect } from '../vendor/ui.js';
import { contact, get, Problem, remove } from './api.js';
import { Command, openCommand } from './command.js';
import { setZone, time } from './format.js';
import { choice, keysOn } from './look.js';
import { Dialog, Drop, Icon, Mark, Trouble, Waits } from './parts.js';

export const session = signal(null);
export const agents = signal(null);     /* null: not asked yet or failed */
const notices = signal([]);
const helping = signal(false);

/* Where an agent stands in the navigation; one we do not know yet comes
 * under "More", with its own title. */
const PLACES = {
  nlp_query: ['', 'ask'],
  client_health: ['Clients', 'health'],
  revenue_optimization: ['Clients', 'revenue'],
  security_compliance: ['Clients', 'compliance'],
  threat_intelligence: ['Operations', 'threat'],
  anomaly_detection: ['Operations', 'anomaly'],
  resource_allocation: ['Operations', 'schedule'],
  market_intelligence: ['Network', 'market'],
  collaboration_matching: ['Network', 'partners'],
  federated_learning: ['Network', 'federated'],
};
const GROUPS = ['', 'Clients', 'Operations', 'Network', 'More'];

export const hasAgent = (key) =>
  Boolean(agents.value?.some((agent) => agent.key === key));

export const agentOf = (key) =>
  agents.value?.find((agent) => agent.key === key) || null;

export const actionOf = (key, name) =>
  agentOf(key)?.actions?.find((action) => action.name === name) || null;

/* The schema of one request, where an action takes one or many. */
export const inputOf = (action) => action?.input?.oneOf?.[0] || action?.input || {};

const RIGHTS = ['read', 'run', 'manage', 'admin'];
const MOST = { admin: 3, analyst: 2, technician: 1, viewer: 0, 'client-viewer': 0 };

/* Whether the signed-in person may ask for ACTION.  It saves a vain attempt;
 * the server decides. */
export const may = (key, name) =>
  (MOST[session.value?.user?.role] ?? 3) >= RIGHTS.indexOf(actionOf(key, name)?.right || 'read');

/* All pages, in the order of the navigation: [{group, title, page, icon}]. */
export function pages() {
  const list = [{ group: '', title: 'Today', page: 'index.html', icon: 'today' }];

  for (const group of GROUPS) {
    for (const agent of agents.value || []) {
      const [place, icon] = PLACES[agent.key] || ['More', 'agent'];

      if (place === group && agent.page) {
        list.push({ group, title: agent.title || agent.name, page: agent.page, icon });
      }
    }
  }
  list.push({ group: 'end', title: 'Patterns', page: 'patterns.html', icon: 'patterns' });
  return list;
}

const here = () => location.pathname.split('/').pop() || 'index.html';

export function toast(text, mark = 'good') {
  const notice = { text, mark };
  const drop = () => {
    notices.value = notices.value.filter((other) => other !== notice);
  };

  notice.drop = drop;
  notices.value = [...notices.value, notice];
  setTimeout(drop, 6000);
}

/* ---- Keys ---- */

const shortcuts = signal([]);

/* "Control+K", "?", "[" or "g c"; single keys rest while somebody types, and
 * for good when switched off. */
export function shortcut(keys, words, run) {
  const entry = { keys, words, run };

  shortcuts.value = [...shortcuts.value, entry];
  return () => {
    shortcuts.value = shortcuts.value.filter((other) => other !== entry);
  };
}

let before = '';

function onKey(event) {
  const typing = event.target.closest?.('select, textarea, [contenteditable], '
    + 'input:not([type="checkbox"], [type="radio"], [type="range"])');
  const held = event.ctrlKey || event.metaKey;
  const pressed = held ? 'Control+' + event.key.toUpperCase() : event.key;
  const find = (keys) => shortcuts.value.find((entry) => entry.keys === keys);
  const entry = held ? find(pressed)
    : !typing && keysOn.value && !event.altKey && !document.querySelector('dialog[open]')
      && (find(before + ' ' + pressed) || find(pressed));

  before = held || typing ? '' : pressed;
  if (entry) {
    before = '';
    event.preventDefault();
    entry.run();
  }
}

const KeysHelp = () => html`
  <${Dialog} open=${helping.value} onClose=${() => { helping.value = false; }} title="Keys">
    <div class="over-body"><dl class="pairs keys">${shortcuts.value.map(({ keys, words }) => html`
      <dt>${keys.split(/[ ]/).map((key) => html`<kbd>${key.replace('Control+', 'Ctrl ')}</kbd> `)}
        </dt><dd>${words}</dd>`)}
      <dt><kbd>Esc</kbd></dt><dd>Close what is open</dd></dl>
      <${KeysSwitch} /></div></${Dialog}>`;

const KeysSwitch = () => html`
  <label class="check"><input type="checkbox" checked=${keysOn.value}
    onChange=${(event) => { keysOn.value = event.currentTarget.checked; }} />
      <span>Single keys are shortcuts</span></label>`;

/* ---- Top bar ---- */

const Live = () => {
  const { at, reached } = contact.value;

  if (!at && reached) {
    return null;
  }
  return html`<p class="live">
    <${Mark} level=${reached ? 'good' : 'critical'} word=${reached ? 'Good' : 'Critical'} />
    <span>${reached ? 'Live, updated' : at ? 'Cut off, data of' : 'Cut off'}</span>
    ${at && html`<time datetime=${at.toISOString()}>${time(at.toISOString())}</time>`}</p>`;
};

const initials = (name) => (name || '?').split(/\s+/).map((part) => part[0])
  .filter((_, i, all) => i === 0 || i === all.length - 1).join('').toUpperCase();

async function signOut() {
  try {
    await remove('/session', { stay: true });
    location.assign('signin.html');
  }
  catch (problem) {
    if (problem.status === 401) {
      location.assign('signin.html');
      return;
    }
    toast('You are still signed in: ' + problem.message + '.', 'critical');
  }
}

const Account = () => {
  const { user, msp } = session.value;

  return html`<${Drop} kind="person" label=${initials(user.name) + ', account of ' + user.name}
    summary=${initials(user.name)}>
    <div class="menu-head"><b>${user.name}</b><small>${user.email}</small><small>
      ${user.role}, ${msp.name}</small></div>
    <hr />
    <fieldset class="menu-field"><legend>Theme</legend><div class="choice">
      ${['system', 'light', 'dark'].map((name) =>
        html`<label><input type="radio" name="theme" value=${name}
        checked=${choice.value === name} onChange=${() => { choice.value = name; }} />
          ${name[0].toUpperCase() + name.slice(1)}</label>`)}
    </div></fieldset>
    <div class="menu-field"><${KeysSwitch} /></div>
    <hr />
    <button type="button" onClick=${() => { helping.value = true; }}>Keys <kbd>?</kbd></button>
    <button type="button" onClick=${signOut}>Sign out</button>
  </${Drop}>`;
};

const TopBar = () => html`
  <button class="icon-button topbar-menu" type="button" popovertarget="nav" aria-label="Menu">
    <${Icon} name="menu" /></button>
  <a class="brand" href="index.html" aria-label="mod_mspmesh, Today"><${Brand} />
    <span>mod_mspmesh</span></a>
  <div class="command"><${Icon} name="search" />
    <button type="button" class="command-open" aria-keyshortcuts="Control+K" aria-haspopup="dialog"
      onClick=${openCommand}>Go to a page${hasAgent('client_health') ? ' or a client' : ''}</button>
    <kbd aria-hidden="true">Ctrl K</kbd></div>
  <div class="topbar-end">
    <${Live} /><i class="rule"></i>
    <button class="icon-button topbar-find" type="button" aria-label="Go to" aria-haspopup="dialog"
      onClick=${openCommand}><${Icon} name="search" /></button>
    ${session.value && html`<span class="tenant-name">${session.value.msp.name}</span>
      <${Account} />`}
  </div>`;

export const Brand = () => html`
  <svg viewBox="0 0 20 20" aria-hidden="true">
    <path fill="none" stroke-width="1.5" d="M4 15.5v-11l6 7 6-7v11" />
  <circle cx="4" cy="4.5" r="1.9" /><circle cx="16" cy="4.5" r="1.9" />
    <circle cx="10" cy="11.5" r="1.9" /></svg>`;

const Nav = () => {
  const all = pages();
  const link = ({ title, page, icon }) => html`
    <li><a href=${page} title=${title} aria-current=${here() === page ? 'page' : null}>
      <${Icon} name=${icon} /><span>${title}</span></a></li>`;

  return [...GROUPS, 'end'].map((group) => {
    const some = all.filter((page) => page.group === group);

    return some.length > 0 && html`${group && group !== 'end' && html`<h2>${group}</h2>`}<ul>
      ${some.map(link)}</ul>`;
  });
};

const Toasts = () => html`
  <div class="toasts" role="status">${notices.value.map(({ text, mark, drop }) => html`
    <div class="toast"><${Mark} level=${mark} /><p>${text}</p>
    <button class="icon-button compact" type="button" aria-label="Close" onClick=${drop}>
      <${Icon} name="close" /></button></div>`)}</div>`;

/* What the page itself cannot be without. */
const Gate = ({ page, problem, again, title }) => {
  if (problem.value) {
    return html`<header class="page-head"><div><h1>${title}</h1></div></header>
      <section class="panel">
        <${Trouble} problem=${problem.value} what="This page could not be opened" again=${again}
          level="h2" /></section>`;
  }
  if (!session.value || !agents.value) {
    return html`<header class="page-head"><div><h1>${title}</h1></div></header>
      <section class="panel"><${Waits} what="the page" /></section>`;
  }
  return html`<${page} />`;
};

const Extras = () => {
  useEffect(() => {
    const undo = [
      shortcut('Control+K', 'Go to a page or a client', openCommand),
      shortcut('?', 'Show the keys', () => { helping.value = true; }),
    ];

    return () => undo.forEach((take) => take());
  }, []);
  useEffect(() => {
    const taken = new Set();
    const undo = pages().map(({ title, page }) => {
      const letter = [...title.toLowerCase()].find((c) => /[a-z]/.test(c) && !taken.has(c));

      taken.add(letter);
      return shortcut('g ' + letter, 'Go to ' + title, () => location.assign(page));
    });

    return () => undo.forEach((take) => take());
  }, [agents.value]);
  return html`<${KeysHelp} /><${Command} /><${Toasts} />`;
};

function mount(what, where) {
  where.replaceChildren();
  render(what, where);
}

/* Put the frame around PAGE and keep the title of the static skeleton while
 * the session and the catalogue are on their way. */
export function start(page) {
  const main = document.querySelector('#main');
  const title = main.querySelector('h1').textContent;
  const extras = document.createElement('div');
  const problem = signal(null);

  async function load() {
    problem.value = null;
    try {
      const [who, what] = await Promise.all([get('/session'), get('/agents')]);

      setZone(who.msp.time_zone);
      agents.value = what.agents || [];
      session.value = who;
    }
    catch (reason) {
      problem.value = reason instanceof Problem ? reason
        : new Problem(0, { title: 'The answer could not be read',
          detail: String(reason.message || '') });
      if (!(reason instanceof Problem)) {
        throw reason;
      }
    }
  }

  extras.className = 'extras';
  document.body.append(extras);
  document.addEventListener('keydown', onKey);
  mount(html`<${TopBar} />`, document.querySelector('#topbar'));
  mount(html`<${Nav} />`, document.querySelector('#nav'));
  mount(html`<${Gate} page=${page} problem=${problem} again=${load} title=${title} />`, main);
  mount(html`<${Extras} />`, extras);
  load();
}
