/* A model that was learned: its measures, and scoring rows with it. */

import { html, useMemo, useState } from '../../vendor/ui.js';
import { post } from '../api.js';
import { Bars } from '../chart.js';
import { records, save } from '../csv.js';
import { strongest, wordsOf } from '../drivers.js';
import {
  chance, count, figure, fullDate, known, listed, number, words,
} from '../format.js';
import { Badge, Icon, levelOf, Score, Trouble } from '../parts.js';
import { Table } from '../table.js';
import { CalibrationFigure } from './client-health-figures.js';

const MEASURES = [
  ['auc_cv', 'AUC, cross-validated', (v) => number(v, 3)],
  ['auc_holdout', 'AUC, held out', (v) => number(v, 3)],
  ['ece', 'ECE', (v) => number(v, 3)],
  ['brier', 'Brier', (v) => number(v, 3)],
  ['lift10', 'Lift, top tenth', (v) => number(v, 1) + ' ×'],
];

const Leaks = ({ warnings }) => warnings.map(({ column, auc, dropped }) => html`
  <div class="banner watch" data-leak><p><b>${column}</b> alone tells who left:
    AUC ${number(auc, 3)}. ${dropped
      ? 'It was dropped, because it is probably known only afterwards.'
      : 'It was kept, as you asked.'}</p></div>`);

/* "Logistic on churned = yes, trained 20 Nov 2026." */
const madeOf = (model) => words(model.algorithm || 'model') + ' on ' + model.target
  + (known(model.positive) && model.positive !== '' ? ' = ' + model.positive : '')
  + (model.trained_at ? ', trained ' + fullDate(model.trained_at) : '') + '.';

export const Model = ({ model }) => {
  const isOwn = model.target === 'left_within_90d';
  const features = (model.features || []).filter((feature) => known(feature.weight))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, 8)
    .map(({ name, weight }) => ({ name: isOwn ? words(name) : name, value: weight,
      text: figure(weight) }));
  const measures = MEASURES.filter(([key]) => known(model[key]));
  const warnings = model.leak_warnings || [];

  return html`<div class="panel-head"><h3>${model.name}</h3><${Badge} level="good">Ready</${Badge}>
    <span class="note">Version ${model.version}</span></div>
    <div class="panel-body" data-model=${model.name}>
      <dl class="facts">${measures.map(([key, label, text]) =>
        html`<div><dt>${label}</dt><dd>${text(model[key])}</dd></div>`)}
        <div><dt>Rows</dt><dd>${number(model.rows)}
          ${' '}<small>${number(model.positives)} left</small></dd></div></dl>
      <p class="small muted gap-top">${madeOf(model)}</p></div>
    ${warnings.length > 0 && html`<div class="panel-body notes">
      <${Leaks} warnings=${warnings} /></div>`}
    <div class="split over-split">
      <div class="panel-body"><h3>What it looks at most</h3>
        <p class="small faint">Weight of each column, in log-odds for one usual step</p>
        ${features.length ? html`<${Bars} rows=${features} />`
          : html`<p class="small muted">The model names no weights.</p>`}</div>
      <div><${CalibrationFigure} calibration=${model.calibration} /></div></div>`;
};

/* ---- Scoring rows with it ---- */

const ROWS_SHOWN = 50;

const why = (row) => strongest(row.risk_factors).slice(0, 2)
  .map((factor) => wordsOf(factor).words + (factor.contribution > 0 ? ' (up)' : ' (down)'))
  .join(', ');

const COLUMNS = [
  { key: 'id', label: 'Row', cell: (row) => row.id ?? row.n },
  { key: 'churn_probability', label: 'Churn', number: true,
    cell: (row) => chance(row.churn_probability, 1) },
  { key: 'health_score', label: 'Health',
    cell: (row) => html`<${Score} value=${row.health_score} level=${row.risk_level} />` },
  { key: 'risk_level', label: 'Risk', cell: (row) => levelOf(row.risk_level).word },
  { key: 'why', label: 'What moves it most', cell: why },
];

const Results = ({ results, ignored }) => html`<div data-row-results>
  <${Table} label="Scores" columns=${COLUMNS} rows=${results.slice(0, ROWS_SHOWN)}
    about="Scores of the rows" rowKey=${(row) => row.n} frame="short" />
  ${(results.length > ROWS_SHOWN || ignored.length > 0) && html`<div class="panel-foot"><span>
    ${results.length > ROWS_SHOWN && 'The first ' + ROWS_SHOWN + ' of ' + number(results.length)
      + ' are shown; the CSV has all. '}${ignored.length > 0
      && 'Not looked at: ' + listed(ignored) + '.'}</span></div>`}</div>`;

export const Rows = ({ model }) => {
  const [text, setText] = useState('');
  const [results, setResults] = useState(null);
  const [ignored, setIgnored] = useState([]);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const rows = useMemo(() => records(text), [text]);
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

      setIgnored((answer.ignored || []).filter((name) => name !== model.id));
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

  const read = async ({ currentTarget: { files: [file] } }) => file && setText(await file.text());

  return html`<section class="over-split" aria-labelledby="rows"><div class="panel-head">
    <h3 id="rows">Score rows</h3>
      <span class="note">With ${model.name}, version ${model.version}</span></div>
    <form class="panel-body form" onSubmit=${ask}>
      <div class="field"><label for="rows-text">Rows as CSV, names first</label>
        <textarea class="input mono" id="rows-text" rows="5" spellcheck="false" wrap="off"
          value=${text} aria-describedby="rows-hint"
          onInput=${(event) => setText(event.currentTarget.value)}></textarea>
        <span class="hint" id="rows-hint">${text ? count(rows.length, 'row') + ' read'
          : 'Paste them, or read a file. The same columns as in training.'}</span></div>
      <div class="button-row">
        <label class="button"><${Icon} name="upload" />Read a file<input class="hidden-text"
          type="file" accept=".csv,text/csv" data-rows-file onChange=${read} /></label>
        <button class="button" type="submit" disabled=${!rows.length}
          aria-busy=${busy ? 'true' : null}>Score ${rows.length ? count(rows.length, 'row')
            : 'rows'}</button>
        ${results && html`<button class="button quiet" type="button" onClick=${exported}>
          <${Icon} name="download" />CSV</button>`}</div></form>
    ${problem && html`<${Trouble} problem=${problem} what="The rows could not be scored" />`}
    ${results && html`<${Results} results=${results} ignored=${ignored} />`}</section>`;
};
