/* Client health: who may leave, what it would cost, why, and what to do. */

import { html, useEffect, useMemo, useState } from '../../vendor/ui.js';
import { address, go } from '../address.js';
import { get } from '../api.js';
import {
  fullDate, known, money, number, percent, score, spelled, time,
} from '../format.js';
import { Icon, Insufficient, State, useAnswer, Waits } from '../parts.js';
import { may, session, shortcut, start } from '../shell.js';
import { ColumnPicker, CsvButton, shownColumns, useChoice } from '../table.js';
import { Detail } from './client-health-detail.js';
import { Clients, columnsFor, csvColumns } from './client-health-list.js';
import { ThreeFigures } from './client-health-seed.js';
import { Train, trainOnHistory } from './client-health-train.js';

const LIMIT = 15;
const VIEWS = [
  ['-revenue_at_risk', 'By revenue at risk'],
  ['-churn_probability', 'By churn probability'],
  ['health_score', 'By lowest health'],
  ['renewal_on', 'By next renewal'],
  ['name', 'By name'],
];

/* ---- Without a model ---- */

const NoModel = ({ insufficient }) => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const train = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await trainOnHistory();
      document.querySelector('#train')?.scrollIntoView();
    }
    catch (reason) {
      setProblem(reason);
    }
    setBusy(false);
  };
  const { have = {}, need = {} } = insufficient || {};
  const isEnough = !(have.leavers < need.leavers);
  const actions = may('client_health', 'train') && html`
    ${isEnough && html`<button class="button" type="button" aria-busy=${busy ? 'true' : null}
      onClick=${train}>Train on your history</button>`}
    <a class="button" href="#train">Train on a table</a>`;

  return html`<article class="panel col-7" aria-label="Scores">
    <${Insufficient} level="h2" title="Too little history to score clients"
      insufficient=${insufficient} actions=${actions}>
      <p>The clients are listed without scores; nothing stands in for them.</p>
      ${problem && html`<p class="banner critical" role="alert">
        ${problem.detail || problem.message} Nothing was changed.</p>`}</${Insufficient}>
          </article>`;
};

const NoClient = ({ answer }) => html`<article class="panel col-7" aria-label="Client">
  ${answer.data ? html`<${State} level="h2" title="No client is chosen">
      <p>Choose one from the list to see why it scores as it does.</p></${State}>`
    : answer.problem ? html`<${State} level="h2" title="No client to show">
        <p>The list beside this could not be loaded.</p></${State}>`
      : html`<${Waits} what="the client" rows=${12} />`}</article>`;

/* ---- The page ---- */

/* "Eight clients are stored, none is scored: …" */
function findingWithout({ total, insufficient }) {
  const { have = {}, need = {} } = insufficient || {};

  return html`<strong>${spelled(total)} ${total === 1 ? 'client is' : 'clients are'} stored,
    none is scored</strong>: ${known(need.leavers)
  ? 'a model needs ' + spelled(need.leavers).toLowerCase() + ' clients that left, and '
    + spelled(have.leavers || 0).toLowerCase().replace('no', 'none')
    + (have.leavers === 1 ? ' has.' : ' have.')
  : 'there is too little history.'}`;
}

function finding({ data, problem }) {
  const { summary, outcome } = data || {};

  if (!data) {
    return problem ? 'The clients could not be loaded.'
      : 'Which clients may leave, what that would cost, and why.';
  }
  if (outcome === 'insufficient_data' || !summary || !known(summary.revenue_at_risk)) {
    return findingWithout(data);
  }
  const fall = summary.biggest_fall;
  const few = summary.clients <= 10 || !known(summary.top10_share);

  return html`${few
    ? spelled(summary.clients) + (summary.clients === 1 ? ' client holds' : ' clients hold')
    : html`Ten of ${number(summary.clients)} clients hold
      ${' '}<strong>${percent(summary.top10_share)}</strong> of`} the
    ${' '}${money(summary.revenue_at_risk, session.value.msp.currency)} a month at risk.
    ${fall && html` <strong>${fall.name}</strong> moved most:
      ${' '}${score(fall.from)} to ${score(fall.to)} in 30 days.`}`;
}

const Tools = ({ sort, columns, rows, day }) => html`<div class="tools">
  <label class="tenant"><span class="hidden-text">Order</span>
    <select onChange=${(event) => go({ sort: event.currentTarget.value, offset: null })}>
      ${VIEWS.map(([value, text]) =>
        html`<option value=${value} selected=${sort === value}>${text}</option>`)}
      ${!VIEWS.some(([value]) => value === sort)
        && html`<option value=${sort} selected>Other order</option>`}</select>
    <${Icon} name="down" /></label>
  <${ColumnPicker} columns=${columns} />
  <${CsvButton} name=${'clients-' + day + '.csv'} columns=${csvColumns(shownColumns(columns))}
    rows=${rows} /></div>`;

const ClientHealth = () => {
  const choice = useChoice({ sort: '-revenue_at_risk', limit: LIMIT });
  const { sort, offset, q } = choice;
  const answer = useAnswer((signal) =>
    get('/client-health/clients', { limit: LIMIT, offset, sort, q }, { signal })
      .then((came) => ({ ...came, asked: choice })), [sort, offset, q]);
  const rows = answer.data?.clients || [];
  const chosen = address.value.get('client') || rows[0]?.client_id;
  const at = rows.findIndex((row) => row.client_id === chosen);
  const step = (n) => rows[at + n] && go({ client: rows[at + n].client_id });
  const { today } = session.value;
  const columns = useMemo(() => columnsFor(rows, today), [rows]);
  const noModel = answer.data?.outcome === 'insufficient_data';

  useEffect(() => {
    const undo = [shortcut('[', 'Previous client', () => step(-1)),
      shortcut(']', 'Next client', () => step(1))];

    return () => undo.forEach((take) => take());
  }, [chosen, rows]);

  return html`
    <header class="page-head"><div><h1>Client health</h1><p class="lede">${finding(answer)}</p>
      </div>
      <${Tools} sort=${sort} columns=${columns} rows=${rows} day=${answer.data?.as_of || today} />
    </header>
    <div class="grid level">
      <${Clients} answer=${answer} chosen=${chosen} />
      ${noModel ? html`<${NoModel} insufficient=${answer.data.insufficient} />`
        : chosen ? html`<${Detail} key=${chosen} id=${chosen} summary=${answer.data?.summary}
            onStep=${step} hasPrevious=${at > 0} hasNext=${at >= 0 && at < rows.length - 1} />`
          : html`<${NoClient} answer=${answer} />`}
      ${!noModel && html`<${ThreeFigures} />`}
      <${Train} onTrained=${answer.again} />
    </div>
    <p class="foot">Data of ${answer.data?.as_of ? fullDate(answer.data.as_of) : '–'}${answer.at
      && ', read ' + time(answer.at.toISOString())}.</p>`;
};

start(ClientHealth);
