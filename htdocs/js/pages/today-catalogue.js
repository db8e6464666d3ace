/* Everything the agents can be asked, and a form to ask it. */

import { html, useMemo, useState } from '../../vendor/ui.js';
import { call, get, post } from '../api.js';
import { count, words } from '../format.js';
import { SchemaForm } from '../form.js';
import { Dialog, Panel } from '../parts.js';
import { agents, inputOf, may } from '../shell.js';

const bare = (path) => path.replace(/^\/api/, '');

const TryAction = ({ action }) => {
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const schema = inputOf(action);
  const slots = [...action.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const whole = useMemo(() => ({
    ...schema,
    properties: { ...Object.fromEntries(slots.map((name) => [name, { type: 'string' }])),
      ...schema.properties },
  }), [action]);

  const send = async (values) => {
    const rest = { ...values };
    const path = bare(action.path).replace(/\{(\w+)\}/g, (_, name) => {
      delete rest[name];
      return encodeURIComponent(values[name]);
    });

    setBusy(true);
    setProblem(null);
    setAnswer(null);
    try {
      setAnswer(action.method === 'GET' ? await get(path, rest)
        : action.method === 'POST' ? await post(path, rest, { headers: { Prefer: 'persist=none' } })
          : await call(action.method, path, { body: rest }));
    }
    catch (reason) {
      setProblem(reason);
    }
    setBusy(false);
  };

  return html`<div class="over-body"><p class="muted">${action.summary}.</p>
    <p><code>${action.method} ${action.path}</code>
      ${' '}<span class="faint">needs the right to ${action.right}</span></p>
    <${SchemaForm} id="try" schema=${whole} needed=${slots} verb=${'Send ' + action.name} primary
      busy=${busy} problem=${problem} onSubmit=${send} />
    ${answer && html`<div role="status"><h3 class="small">Answer</h3>
      <pre class="sql answer" tabindex="0" role="group" aria-label="Answer">${
        JSON.stringify(answer, null, 2)}</pre></div>`}</div>`;
};

const Row = ({ agent, action, onTry }) => {
  const isAllowed = may(agent.key, action.name);

  return html`<tr><th scope="row">${agent.title || agent.name}
      <span class="sub">${words(action.name).toLowerCase()}</span></th>
    <td class="mono small nowrap">${action.method} ${action.path}</td><td>${action.right}</td>
    <td>${action.summary}</td>
    <td class="number"><button class="button compact" type="button" disabled=${!isAllowed}
      title=${isAllowed ? null : 'Your role may not'} aria-label=${'Try ' + action.name}
      onClick=${onTry}>Try</button></td></tr>`;
};

const Settings = ({ all }) => html`<div class="panel-body over-split"><details class="as-table">
  <summary>Settings in force</summary>
  <div class="table-frame" tabindex="0" role="group" aria-label="Settings in force">
  <table class="dense"><caption class="hidden-text">Settings in force</caption>
    <thead><tr><th scope="col">Setting</th><th scope="col">Value</th>
      <th scope="col">Meaning</th></tr></thead>
    <tbody>${all.map(({ agent, setting }) => html`<tr>
      <th scope="row" class="mono">${agent.name || agent.key} ${setting.name}</th>
      <td>${String(setting.value)}</td><td>${setting.help}</td></tr>`)}</tbody></table></div>
  </details></div>`;

export const Catalogue = () => {
  const [tried, setTried] = useState(null);
  const all = agents.value.flatMap((agent) =>
    (agent.actions || []).map((action) => ({ agent, action })));
  const settings = agents.value.flatMap((agent) =>
    (agent.settings || []).map((setting) => ({ agent, setting })));

  return html`<${Panel} id="catalogue" title="Catalogue"
    note=${count(all.length, 'action') + ', described by the agents themselves'}>
    <div class="table-frame" tabindex="0" role="group" aria-label="Catalogue">
    <table class="keep-2"><caption class="hidden-text">What the agents can be asked</caption>
      <thead><tr><th scope="col">Action</th><th scope="col">Request</th><th scope="col">Right</th>
        <th scope="col">What it does</th>
        <th scope="col"><span class="hidden-text">Try</span></th></tr></thead>
      <tbody>${all.map(({ agent, action }) => html`<${Row} key=${agent.key + action.name}
        agent=${agent} action=${action} onTry=${() => setTried(action)} />`)}</tbody></table></div>
    ${settings.length > 0 && html`<${Settings} all=${settings} />`}
    <${Dialog} kind="drawer" open=${Boolean(tried)} onClose=${() => setTried(null)}
      title=${tried ? 'Try ' + tried.name : ''}>
      ${tried && html`<${TryAction} action=${tried} />`}</${Dialog}></${Panel}>`;
};
