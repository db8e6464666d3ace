/* The command field: pages and clients in one list, from the keyboard. */

import { html, signal, useEffect, useState } from '../vendor/ui.js';
import { get } from './api.js';
import { percent, score } from './format.js';
import { choice } from './look.js';
import { Dialog, useSettled } from './parts.js';
import { hasAgent, pages } from './shell.js';

const open = signal(false);

export function openCommand() {
  open.value = true;
}

const LOOKS = ['system', 'light', 'dark'];

function groupsFor(text, clients) {
  const wanted = text.trim().toLowerCase();
  const fits = (name) => name.toLowerCase().includes(wanted);

  return [
    { name: 'Clients', options: clients.map((client) => ({
      text: client.name,
      note: client.health_score === null || client.health_score === undefined
        ? '' : 'health ' + score(client.health_score) + ', churn '
          + percent(client.churn_probability),
      run: () => location.assign('client-health.html?client='
        + encodeURIComponent(client.client_id)),
    })) },
    { name: 'Pages', options: pages().filter(({ title }) => fits(title)).map(({ title, page }) => ({
      text: title, note: '', run: () => location.assign(page),
    })) },
    { name: 'Look', options: LOOKS.filter((name) => wanted && fits('theme ' + name))
      .map((name) => ({
      text: 'Theme: ' + name, note: '', run: () => { choice.value = name; },
    })) },
  ].filter(({ options }) => options.length);
}

const Palette = () => {
  const [text, setText] = useState('');
  const [clients, setClients] = useState([]);
  const [at, setAt] = useState(0);
  const settled = useSettled(text.trim(), 150);

  useEffect(() => {
    if (settled.length < 2 || !hasAgent('client_health')) {
      setClients([]);
      return undefined;
    }
    const stop = new AbortController();

    get('/client-health/clients', { q: settled, limit: 6 }, { signal: stop.signal })
      .then((answer) => setClients(answer.clients || []), () => setClients([]));
    return () => stop.abort();
  }, [settled]);

  const groups = groupsFor(text, clients);
  const options = groups.flatMap((group) => group.options);
  const chosen = Math.min(at, options.length - 1);
  const take = (option) => {
    open.value = false;
    option?.run();
  };
  const onKeyDown = (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt((chosen + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % (options.length
        || 1));
    }
    else if (event.key === 'Enter') {
      event.preventDefault();
      take(options[chosen]);
    }
  };
  let n = -1;

  return html`
    <input class="input" type="text" role="combobox" aria-label="Go to" aria-expanded="true"
      aria-controls="command-list"
      aria-autocomplete="list" aria-activedescendant=${options.length ? 'command-' + chosen : null}
        autocomplete="off" spellcheck="false"
      autofocus placeholder="Name of a page or a client" value=${text} onKeyDown=${onKeyDown}
      onInput=${(event) => { setText(event.currentTarget.value); setAt(0); }} />
    <div id="command-list" class="options" role="listbox" aria-label="Results">
      ${groups.map((group) => html`
      <div role="group" aria-label=${group.name}><h3 aria-hidden="true">${group.name}</h3>
        ${group.options.map((option) => {
  n++;
  const own = n;

  return html`<div role="option" id=${'command-' + own}
    class=${'option' + (own === chosen ? ' selected' : '')}
      aria-selected=${own === chosen ? 'true' : 'false'}
          onPointerMove=${() => own !== at && setAt(own)} onClick=${() => take(option)}>
            ${option.text}${option.note && html` <small>${option.note}</small>`}</div>`;
})}</div>`)}</div>
    ${options.length === 0 && html`<p class="menu-none">Nothing is called “${text.trim()}”.</p>`}`;
};

export const Command = () => html`
  <${Dialog} kind="menu palette" open=${open.value} label="Go to"
    onClose=${() => { open.value = false; }}>
    <${Palette} /></${Dialog}>`;
