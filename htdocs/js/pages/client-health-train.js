/* A model of your own: read a table, train, see how good it is, score rows.
 * And the three figures that are asked where no client is stored. */

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/ui.js';
import { address, go } from '../address.js';
import { get, poll, post } from '../api.js';
import { Bars, Drivers } from '../chart.js';
import { parse, records, save } from '../csv.js';
import {
  count, figure, fullDate, known, money, number, percent, score, size, words,
} from '../format.js';
import { faultsOf, SchemaForm } from '../form.js';
import {
  Badge, Icon, Insufficient, levelOf, Panel, Score, State, Trouble, useAnswer, Waits,
} from '../parts.js';
import { actionOf, session } from '../shell.js';
import { Table } from '../table.js';
import { CalibrationFigure, driversOf } from './client-health-detail.js';

/* ---- Three figures ---- */

const SEED = ['client_id', 'ticket_volume', 'resolution_time', 'satisfaction_score'];
const PLAIN = {
  client_id: { type: 'string', title: 'Label' },
  ticket_volume: { type: 'number', minimum: 0 },
  resolution_time: { type: 'number', minimum: 0 },
  satisfaction_score: { type: 'number', minimum: 0 },
};

const SeedAnswer = ({ answer }) => {
  const factors = answer.risk_factors || [];
  const { mark, word } = levelOf(answer.risk_level);

  if (answer.outcome === 'insufficient_data') {
    return html`<${Insufficient} title="Too little history for an answer"
      insufficient=${answer.insufficient} />`;
  }
  return html`<div class="panel-body over-split" data-seed-answer>
    <dl class="facts"><div><dt>Churn</dt><dd>${percent(answer.churn_probability)}</dd></div>
      <div><dt>Health</dt><dd>${score(answer.health_score)} <${Badge} level=${mark}>${word}
        </${Badge}></dd></div>
      ${known(answer.revenue_at_risk) && html`<div><dt>At risk</dt><dd>
        ${money(answer.revenue_at_risk, answer.currency || session.value.msp.currency)}</dd>
          </div>`}</dl>
    ${factors.length > 0
      && html`<${Drivers} ...${driversOf(factors)}
        sumSub=${'that is ' + percent(answer.churn_probability, 1)} />`}
    ${answer.model_used
      && html`<p class="small faint">Model ${answer.model_used}${answer.model_version && ' '
        + answer.model_version}</p>`}</div>`;
};

export const ThreeFigures = () => {
  const given = actionOf('client_health', 'predict')?.input?.properties || {};
  const schema = { properties: Object.fromEntries(SEED.map((name) =>
    [name, given[name] || PLAIN[name]])) };
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const ask = async (values) => {
    setBusy(true);
    setProblem(null);
    try {
      setAnswer(await post('/client-health/predict', values,
        { headers: { Prefer: 'persist=none' } }));
    }
    catch (reason) {
      setAnswer(null);
      setProblem(reason);
    }
    setBusy(false);
  };

  return html`<${Panel} id="three" title="Three figures" note="For somebody who is no client yet"
    kind="col-4">
    <div class="panel-body">
      <${SchemaForm} id="seed" schema=${schema} only=${SEED} needed=${SEED} verb="Estimate churn"
      busy=${busy} problem=${problem} onSubmit=${ask} /></div>
    <div role="status">${answer && html`<${SeedAnswer} answer=${answer} />`}</div></${Panel}>`;
};

/* ---- Reading a table ---- */

const SHOWN = 5;
const MOST_VALUES = 50;

async function tableOf(file) {
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

const nameOf = (file) => file.replace(/\.[^.]*$/, '').toLowerCase()
  .replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'model';

const Select = ({ id, label, value, options, onChange, fault, hint, blank }) => html`
  <div class="field"><label for=${id}>
    ${label}${blank !== undefined ? html` <span class="faint small">optional</span>` : ''}</label>
    <select class="input" id=${id} aria-invalid=${fault ? 'true' : null}
      aria-describedby=${fault ? id + '-fault' : hint ? id + '-hint' : null}
        onChange=${(event) => onChange(event.currentTarget.value)}>
    ${blank !== undefined && html`<option value="" selected=${!value}>${blank}</option>`}
    ${options.map(([name, text]) => html`<option value=${name} selected=${name === value}>
      ${text || name}</option>`)}</select>
    ${fault && html`<span class="error" id=${id + '-fault'}>${fault}</span>`}${hint
      && html`<span class="hint" id=${id + '-hint'}>${hint}</span>`}</div>`;

const Preview = ({ table }) => html`
  <div class="table-frame short" tabindex="0" role="group" aria-label="First rows of the file">
    <table class="dense">
      <caption>First ${count(Math.min(SHOWN, table.rows.length), 'row')} of ${table.name}</caption>
    <thead><tr>${table.names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${table.rows.slice(0, SHOWN).map((row) =>
      html`<tr>${table.names.map((_, i) => html`<td class="nowrap">${row[i]}</td>`)}</tr>`)}
        </tbody></table></div>`;

const Settings = ({ table, onTrained }) => {
  const input = actionOf('client_health', 'train')?.input?.properties || {};
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
        options=${(input.algorithm?.enum || ['auto', 'logistic', 'boosted']).map((name) =>
          [name, words(name)])} onChange=${setAlgorithm} fault=${faults.algorithm}
            hint=${input.algorithm?.description || 'Auto takes the better by cross-validation'} />
      <div class="field"><label for="t-model">Name of the model</label>
        <input class="input" id="t-model" value=${model} autocomplete="off" required
          aria-invalid=${faults.model ? 'true' : null}
            aria-describedby=${faults.model ? 't-model-fault' : null}
        onInput=${(event) => setModel(event.currentTarget.value)} />
          ${faults.model && html`<span class="error" id="t-model-fault">${faults.model}</span>`}
            </div>
    </div>
    <details class="as-table">
      <summary>Leave columns out${exclude.length ? ', ' + exclude.length + ' chosen' : ''}</summary>
      <fieldset class="checks wide"><legend class="hidden-text">Columns to leave out</legend>
        ${table.names.filter((name) => name !== target && name !== id).map((name) => html`
        <label class="check">
          <input type="checkbox" checked=${exclude.includes(name)}
            onChange=${(event) => setExclude(event.currentTarget.checked ? [...exclude, name]
              : exclude.filter((other) => other !== name))} /><span>${name}</span></label>`)}
                </fieldset></details>
    ${problem && html`<div class="banner critical" role="alert"><p>
      ${problem.forbidden ? 'Your role may not train models. Ask an owner of this tenant.'
    : (problem.detail || problem.message) + ' Nothing was changed.'}${problem.errors.length > 0
      && ' ' + problem.errors.map((error) => error.detail).join(' ')}</p></div>`}
    <div class="button-row">
      <button class="button" type="submit" aria-busy=${busy ? 'true' : null}
        disabled=${Boolean(wrong) || !model}>
          ${busy ? 'Sending ' + size(table.size) : 'Train on ' + count(table.rows.length, 'row')}
            </button></div></form>`;
};

/* ---- A model, its job, its measures ---- */

const Job = ({ id, model, onEnd }) => {
  const [job, setJob] = useState(null);
  const [problem, setProblem] = useState(null);
  const done = useRef(false);

  useEffect(() => {
    done.current = false;
    const stop = poll(async (signal) => {
      try {
        const now = await get('/jobs/' + encodeURIComponent(id), null, { signal });

        setJob(now);
        setProblem(null);
        if (!['queued', 'running'].includes(now.state) && !done.current) {
          done.current = true;
          stop();
          onEnd(now);
        }
      }
      catch (reason) {
        if (!signal.aborted) {
          setProblem(reason);
          throw reason;
        }
      }
    }, 1000);

    return stop;
  }, [id]);

  const progress = job?.state === 'done' ? 1 : job?.progress || 0;

  return html`<${State}
    title=${(job?.state === 'queued' ? 'Waiting to train ' : 'Training ') + model}>
    <p role="status">${problem ? 'The progress cannot be read now. The training goes on.'
      : job?.state === 'running' ? percent(progress) + ' done. You can leave this page.'
    : 'The job waits for a free worker. You can leave this page.'}</p>
    <progress class="progress" max="1" value=${progress} aria-label="Training">${percent(progress)}
      </progress></${State}>`;
};

const MEASURES = [
  ['auc_cv', 'AUC, cross-validated', (v) => number(v, 3)],
    ['auc_holdout', 'AUC, held out', (v) => number(v, 3)],
  ['ece', 'ECE', (v) => number(v, 3)], ['brier', 'Brier', (v) => number(v, 3)],
    ['lift10', 'Lift, top tenth', (v) => number(v, 1) + ' ×'],
];

const Leaks = ({ warnings }) =>
  html`${warnings.map((warning) => html`<div class="banner watch" data-leak><p><b>${warning.column}
    </b> alone tells who left: AUC ${number(warning.auc, 3)}.
  ${warning.dropped ? ' It was dropped, because it is probably known only afterwards.'
    : ' It was kept, as you asked.'}</p></div>`)}`;

const Model = ({ model }) => {
  const features = (model.features || []).filter((feature) => known(feature.weight))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, 8);

  return html`<div class="panel-head"><h3>${model.name}</h3><${Badge} level="good">Ready</${Badge}>
    <span class="note">Version ${model.version}</span></div>
    <div class="panel-body" data-model=${model.name}>
    <dl class="facts">${MEASURES.filter(([key]) => known(model[key])).map(([key, label, text]) =>
      html`<div><dt>${label}</dt><dd>${text(model[key])}</dd></div>`)}
      <div><dt>Rows</dt><dd>${number(model.rows)} <small>${number(model.positives)} left</small>
        </dd></div></dl>
    <p class="small muted gap-top">
      ${words(model.algorithm || 'model')} on ${model.target}${known(model.positive)
        && model.positive !== '' ? ' = ' + model.positive : ''}${model.trained_at && ', trained '
          + fullDate(model.trained_at)}.</p></div>
    ${model.leak_warnings?.length > 0 && html`<div class="panel-body notes">
      <${Leaks} warnings=${model.leak_warnings} /></div>`}
    <div class="split over-split">
      <div class="panel-body"><h3>What it looks at most</h3>
        ${features.length ? html`<${Bars}
          rows=${features.map(
            (feature) => ({ name: feature.name, value: feature.weight,
              text: figure(feature.weight) }))} />`
    : html`<p class="small muted">The model names no weights.</p>`}</div>
      <div><${CalibrationFigure} calibration=${model.calibration} /></div></div>`;
};

/* ---- Scoring rows with it ---- */

const ROWS_SHOWN = 50;

const Rows = ({ model }) => {
  const [text, setText] = useState('');
  const [results, setResults] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const rows = useMemo(() => records(text), [text]);
  const columns = [
    { key: 'id', label: 'Row', cell: (row) => row.id ?? row.n },
    { key: 'churn_probability', label: 'Churn', number: true, cell: (row) =>
      percent(row.churn_probability, 1) },
    { key: 'health_score', label: 'Health', cell: (row) =>
      html`<${Score} value=${row.health_score} level=${row.risk_level} />` },
    { key: 'risk_level', label: 'Risk', cell: (row) => levelOf(row.risk_level).word },
    { key: 'why', label: 'Most for and against', cell: (row) => why(row) },
  ];
  const why = (row) => (row.risk_factors || []).filter((factor) => factor.feature !== 'base_rate')
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, 2)
      .map((factor) => factor.words || words(factor.feature)).join('; ');
  const ask = async (event) => {
    event.preventDefault();
    if (busy || !rows.length) {
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      const answer = await post('/client-health/predict', { model: model.name, rows },
        { headers: { Prefer: 'persist=none' } });

      setResults((answer.results || []).map((result, i) => ({ n: i + 1, ...result })));
    }
    catch (reason) {
      setResults(null);
      setProblem(reason);
    }
    setBusy(false);
  };
  const exported = () => save(model.name + '-scores.csv', [
    ['row', 'id', 'churn_probability', 'health_score', 'risk_level', 'reasons'],
    ...results.map((row) => [row.n, row.id, row.churn_probability, row.health_score,
      row.risk_level, why(row)]),
  ]);

  return html`<section class="over-split" aria-labelledby="rows"><div class="panel-head">
    <h3 id="rows">Score rows</h3><span class="note">With ${model.name} ${model.version}</span></div>
    <form class="panel-body form" onSubmit=${ask}>
      <div class="field"><label for="rows-text">Rows as CSV, names first</label>
        <textarea class="input mono" id="rows-text" rows="5" spellcheck="false" wrap="off"
          value=${text} aria-describedby="rows-hint"
        onInput=${(event) => setText(event.currentTarget.value)}></textarea>
          <span class="hint" id="rows-hint">
            ${text ? count(rows.length, 'row') + ' read'
              : 'Paste them, or read a file. The same columns as in training.'}</span></div>
      <div class="button-row"><label class="button">
        <${Icon} name="upload" />Read a file<input class="hidden-text" type="file"
          accept=".csv,text/csv" data-rows-file
            onChange=${async (event) => event.currentTarget.files[0]
              && setText(await event.currentTarget.files[0].text())} /></label>
        <button class="button" type="submit" disabled=${!rows.length}
          aria-busy=${busy ? 'true' : null}>Score ${rows.length ? count(rows.length, 'row')
            : 'rows'}</button>
        ${results && html`<button class="button quiet" type="button" onClick=${exported}>
          <${Icon} name="download" />CSV</button>`}</div></form>
    ${problem && html`<${Trouble} problem=${problem} what="The rows could not be scored" />`}
    ${results && html`<div data-row-results>
      <${Table} label="Scores" columns=${columns} rows=${results.slice(0, ROWS_SHOWN)}
        rowKey=${(row) => row.n} frame="short" />
      ${results.length > ROWS_SHOWN
        && html`<div class="panel-foot">The first ${ROWS_SHOWN} of ${number(
          results.length)} are shown; the CSV has all.</div>`}</div>`}</section>`;
};

/* ---- The section ---- */

const Models = ({ models, chosen }) =>
  html`<div class="table-frame short" tabindex="0" role="group" aria-label="Models">
    <table class="dense"><thead><tr><th scope="col">Model</th><th scope="col">State</th>
      <th scope="col" class="number">AUC</th></tr></thead>
  <tbody>${models.map((model) =>
    html`<tr class=${model.name === chosen ? 'selected' : null}
      aria-current=${model.name === chosen ? 'true' : null}><th scope="row">
        <button class="as-link" type="button"
          onClick=${() => go({ model: model.name, job: null })}>${model.name}</button></th>
    <td>${model.state === 'ready' ? 'Ready' : words(model.state || '')}</td><td class="number">
      ${known(model.auc_holdout ?? model.auc_cv) ? number(model.auc_holdout ?? model.auc_cv, 3)
        : '–'}</td></tr>`)}</tbody></table></div>`;

export const Train = () => {
  const name = address.value.get('model');
  const job = address.value.get('job');
  const [table, setTable] = useState(null);
  const [unread, setUnread] = useState('');
  const [failed, setFailed] = useState(null);
  const models = useAnswer((signal) => get('/client-health/models', null, { signal }), []);
  const model = useAnswer((signal) => (name && !job
    ? get('/client-health/models/' + encodeURIComponent(name), null, { signal })
      : Promise.resolve(null)), [name, job]);
  const data = model.data?.name === name ? model.data : null;

  const read = async (file) => {
    setUnread('');
    if (!file) {
      return;
    }
    try {
      const came = await tableOf(file);

      if (came.names.length < 2 || !came.rows.length) {
        setUnread('A table needs a line of names, two columns and one row.');
        return;
      }
      setTable(came);
    }
    catch {
      setUnread('The file could not be read.');
    }
  };
  const ended = (end) => {
    setFailed(end.state === 'done' ? null : end);
    go({ job: null }, { replace: true });
    models.again();
  };
  const result = () => {
    if (job) {
      return html`<${Job} id=${job} model=${name || 'the model'} onEnd=${ended} />`;
    }
    if (failed && (!data || data.state === 'failed')) {
      return html`<${State} mark="critical"
        title=${'Training ' + name + ' ' + (failed.state === 'cancelled' ? 'was cancelled'
          : 'failed')}>
        <p>${failed.problem?.detail || failed.problem?.title
          || 'The job gave no reason.'} Older versions of the model still answer.</p></${State}>`;
    }
    if (!name) {
      return html`<${State} title="No model is chosen">
        <p>Read a table and train, or choose a model. You see here
          how well it predicts rows it has not seen.</p></${State}>`;
    }
    if (!data) {
      return model.problem
        ? html`<${Trouble} problem=${model.problem}
          what=${'The model ' + name + ' could not be loaded'} again=${model.again} />`
            : html`<${Waits} what="the model" />`;
    }
    if (data.state === 'failed') {
      return html`<${State} mark="critical" title=${'Training ' + name + ' failed'}><p>
        ${data.problem?.detail || data.problem?.title || data.problem
          || 'The server gave no reason.'} Nothing was changed.</p></${State}>`;
    }
    if (data.state === 'training') {
      return html`<${State} title=${'Training ' + name}
        actions=${html`<button class="button" type="button"
          onClick=${model.again}>Look again</button>`}><p>It is not ready yet.</p></${State}>`;
    }
    return html`<${Model} model=${data} /><${Rows} key=${data.name} model=${data} />`;
  };

  return html`<${Panel} id="train" title="Train on your own table"
    note="A CSV file with one row for each client and a column that says who left" kind="col-12">
    <div class="split train">
      <div class="panel-body form">
        <div class="field"><span class="label" id="file-label">Table</span>
          <div class="button-row"><label class="button"><${Icon} name="upload" />
            ${table ? 'Read another file' : 'Read a file'}
              <input class="hidden-text" type="file" accept=".csv,text/csv"
                aria-labelledby="file-label" data-train-file
                  onChange=${(event) => read(event.currentTarget.files[0])} /></label></div>
          <span class="hint" role="status">
            ${table ? table.name + ': ' + count(table.rows.length, 'row') + ', '
              + count(table.names.length, 'column') + ', ' + size(table.size) + '.'
                : 'Stays in this browser until you train.'}</span>
          ${unread && html`<span class="error" role="alert">${unread}</span>`}</div>
        ${table && html`<${Preview} table=${table} />
          <${Settings} key=${table.name + table.size} table=${table}
            onTrained=${(answer) => { setFailed(null); go({ model: answer.model,
              job: answer.job_id }); }} />`}
        ${models.data?.models?.length > 0 && html`<div><h3 class="small">Models stored</h3>
          <${Models} models=${models.data.models} chosen=${name} /></div>`}
        ${models.problem && !models.data && html`<p class="small muted">
          ${models.problem.forbidden ? 'Your role may not list models.'
            : 'The stored models could not be listed.'}</p>`}
      </div>
      <div data-train-result>${result()}</div>
    </div></${Panel}>`;
};
