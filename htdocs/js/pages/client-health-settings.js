/* Reading a table to learn from, and choosing how. */

import { html, useMemo, useState } from '../../vendor/ui.js';
import { post } from '../api.js';
import { parse } from '../csv.js';
import { faultsOf } from '../form.js';
import { count, percent, size, words } from '../format.js';
import { actionOf, inputOf } from '../shell.js';

const SHOWN = 5;
const MOST_VALUES = 50;
const RESERVED = /^clients(-seed)?$/;   /* the models of the own history */
const SHOWN_AT = /^#?\/(target|positive|id|algorithm|model)$/;     /* beside their fields */

export async function tableOf(file) {
  const text = await file.text();
  const rows = parse(text);
  const [names = [], ...body] = rows;

  return { name: file.name, size: file.size, text, names: names.map((name) => name.trim()),
    rows: body };
}

/* The values of a column, most frequent first: the wanted one is often the
 * rarer. */
function valuesOf(table, name) {
  const at = table.names.indexOf(name);
  const seen = new Map();

  for (const row of table.rows) {
    const value = (row[at] ?? '').trim();

    if (value !== '') {
      seen.set(value, (seen.get(value) || 0) + 1);
    }
    if (seen.size > MOST_VALUES) {
      return null;
    }
  }
  return [...seen].sort((a, b) => b[1] - a[1]);
}

const guess = (names, pattern) => names.find((name) => pattern.test(name)) || '';

function nameOf(file) {
  const name = file.replace(/\.[^.]*$/, '').toLowerCase()
    .replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'model';

  return RESERVED.test(name) ? name + '-table' : name;
}

const Select = ({ id, label, value, options, onChange, fault, hint, blank }) => html`
  <div class="field"><label for=${id}>${label}${blank !== undefined
    ? html` <span class="faint small">optional</span>` : ''}</label>
    <select class="input" id=${id} aria-invalid=${fault ? 'true' : null}
      aria-describedby=${fault ? id + '-fault' : hint ? id + '-hint' : null}
        onChange=${(event) => onChange(event.currentTarget.value)}>
    ${blank !== undefined && html`<option value="" selected=${!value}>${blank}</option>`}
    ${options.map(([name, text]) => html`<option value=${name} selected=${name === value}>
      ${text || name}</option>`)}</select>
    ${fault && html`<span class="error" id=${id + '-fault'}>${fault}</span>`}${hint
      && html`<span class="hint" id=${id + '-hint'}>${hint}</span>`}</div>`;

export const Preview = ({ table }) => html`
  <div class="table-frame short" tabindex="0" role="group" aria-label="First rows of the file">
    <table class="dense">
      <caption>First ${count(Math.min(SHOWN, table.rows.length), 'row')} of ${table.name}</caption>
    <thead><tr>${table.names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${table.rows.slice(0, SHOWN).map((row) =>
      html`<tr>${table.names.map((_, i) => html`<td class="nowrap">${row[i]}</td>`)}</tr>`)}
        </tbody></table></div>`;

/* The columns to leave out. */
const Left = ({ names, chosen, onChange }) => html`<details class="as-table">
  <summary>Leave columns out${chosen.length ? ', ' + chosen.length + ' chosen' : ''}</summary>
  <fieldset class="checks wide"><legend class="hidden-text">Columns to leave out</legend>
    ${names.map((name) => html`<label class="check">
      <input type="checkbox" checked=${chosen.includes(name)}
        onChange=${(event) => onChange(event.currentTarget.checked ? [...chosen, name]
          : chosen.filter((other) => other !== name))} /><span>${name}</span></label>`)}
  </fieldset></details>`;

export const Settings = ({ table, onTrained }) => {
  const input = inputOf(actionOf('client_health', 'train')).properties || {};
  const [target, setTarget] = useState(() => guess(table.names,
    /churn|left|exited|attrition|cancel/i) || table.names.at(-1));
  const [id, setId] = useState(() => guess(table.names, /(^|_)id$|^id|customer.?id|client.?id/i));
  const [positive, setPositive] = useState('');
  const [model, setModel] = useState(() => nameOf(table.name));
  const [algorithm, setAlgorithm] = useState(input.algorithm?.default || 'auto');
  const [exclude, setExclude] = useState([]);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const values = useMemo(() => valuesOf(table, target), [table, target]);
  const chosen = positive && values?.some(([value]) => value === positive) ? positive
    : values?.find(([value]) => /^(1|yes|true|churned|left|y)$/i.test(value))?.[0]
      || values?.at(-1)?.[0] || '';
  const faults = faultsOf(problem);
  const share = values && chosen ? values.find(([value]) => value === chosen)[1] : 0;
  const wrong = !values ? 'More than ' + MOST_VALUES
    + ' values: choose a column that says who left.'
    : values.length < 2 ? 'Only one value: nothing can be learnt from it.' : '';

  const train = async (event) => {
    event.preventDefault();
    if (busy || wrong) {
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      const body = { model, target, positive: chosen, csv: table.text, algorithm };

      if (id) {
        body.id = id;
      }
      if (exclude.length) {
        body.exclude = exclude;
      }
      onTrained(await post('/client-health/train', body));
    }
    catch (reason) {
      setProblem(reason);
    }
    setBusy(false);
  };

  return html`<form class="form" novalidate onSubmit=${train}>
    <div class="form row">
      <${Select} id="t-target" label="Column that says who left" value=${target}
        options=${table.names.map((name) => [name])} onChange=${setTarget}
          fault=${wrong || faults.target} />
      ${values && values.length > 1
        && html`<${Select} id="t-positive" label="Value that means left" value=${chosen}
          options=${values.map(([value, n]) => [value, value + ', ' + count(n, 'row')])}
        onChange=${setPositive} fault=${faults.positive}
          hint=${percent(share / table.rows.length, 1) + ' of the rows'} />`}
      <${Select} id="t-id" label="Column with the id" value=${id} blank="None"
        options=${table.names.filter((name) => name !== target).map((name) => [name])}
          onChange=${setId} fault=${faults.id} hint="Not learnt from" />
      <${Select} id="t-algorithm" label="Method" value=${algorithm}
        options=${(input.algorithm?.enum || ['auto']).map((name) => [name, words(name)])}
        onChange=${setAlgorithm} fault=${faults.algorithm}
        hint="Auto takes the best by cross-validation" />
      <div class="field"><label for="t-model">Name of the model</label>
        <input class="input" id="t-model" value=${model} autocomplete="off" required
          aria-invalid=${faults.model ? 'true' : null}
          aria-describedby=${faults.model ? 't-model-fault' : null}
          onInput=${(event) => setModel(event.currentTarget.value)} />
        ${faults.model && html`<span class="error" id="t-model-fault">${faults.model}</span>`}
      </div></div>
    <${Left} names=${table.names.filter((name) => name !== target && name !== id)}
      chosen=${exclude} onChange=${setExclude} />
    ${problem && html`<div class="banner critical" role="alert"><p>
      ${problem.detail || problem.message} Nothing was changed.${problem.errors
        .filter(({ pointer }) => !SHOWN_AT.test(pointer)).map(({ detail }) => ' ' + detail)
        .join('')}</p></div>`}
    <div class="button-row"><button class="button" type="submit"
      aria-busy=${busy ? 'true' : null} disabled=${Boolean(wrong) || !model}>${busy
        ? 'Sending ' + size(table.size) : 'Train on ' + count(table.rows.length, 'row')}</button>
    </div></form>`;
};
