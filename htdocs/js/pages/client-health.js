/* Client health: who may leave, what it would cost, why, and what to do. */

import { html, useEffect, useMemo, useState } from '../../vendor/ui.js';
import { address, go, linkTo } from '../address.js';
import { get, post } from '../api.js';
import { Spark } from '../chart.js';
import {
  date, fullDate, known, money, number, percent, score, spelled, time,
} from '../format.js';
import {
  Icon, Insufficient, Panel, Score, StaleBadge, State, Trouble, useAnswer, Waits,
} from '../parts.js';
import { agentOf, session, shortcut, start } from '../shell.js';
import {
  ColumnPicker, CsvButton, Filter, Pager, shownColumns, Table, useChoice,
} from '../table.js';
import { Detail } from './client-health-detail.js';
import { ThreeFigures, Train } from './client-health-train.js';

const LIMIT = 15;
const VIEWS = [
  ['-revenue_at_risk', 'By revenue at risk'],
  ['-churn_probability', 'By churn probability'],
  ['health_score', 'By lowest health'],
  ['renewal_on', 'By next renewal'],
  ['name', 'By name'],
];

/* One span for all sparks on the page, so that a steep one is steep. */
function spanOf(rows) {
  return Math.max(0.05, ...rows.map((row) => {
    const values = (row.trend || []).map((point) => point.health_score).filter(known);

    return values.length ? Math.max(...values) - Math.min(...values) : 0;
  }));
}

const columnsFor = (rows) => {
  const span = spanOf(rows);

  return [
    { key: 'name', label: 'Client', sort: 'name', nowrap: true,
      cell: (row) => html`<a class="plain" href=${linkTo({ client: row.client_id })}
        onClick=${(event) => choose(event, row)}>${row.name}</a>` },
    { key: 'health_score', label: 'Health', sort: 'health_score',
      cell: (row) => html`<${Score} value=${row.health_score} level=${row.risk_level} />` },
    { key: 'churn_probability', label: 'Churn', name: 'Churn probability',
      sort: 'churn_probability', number: true,
      cell: (row) => percent(row.churn_probability) },
    { key: 'revenue_at_risk', label: 'At risk', name: 'At risk a month', sort: 'revenue_at_risk',
      number: true,
      cell: (row) => money(row.revenue_at_risk, row.currency) },
    { key: 'trend', label: '90 days', name: 'Health, 90 days ago and now', spare: true,
      csv: (row) => (row.trend?.length ? row.trend[0].health_score + ' to ' + row.trend.at(-1)
        .health_score : ''),
      cell: (row) => html`<${Spark} span=${span}
        values=${(row.trend || []).map((point) => point.health_score).filter(known)} />` },
    { key: 'renewal_on', label: 'Renewal', sort: 'renewal_on', extra: true, nowrap: true,
      cell: (row) => date(row.renewal_on) },
    { key: 'monthly_revenue', label: 'Monthly', name: 'Agreement a month', number: true,
      extra: true,
      cell: (row) => money(row.monthly_revenue, row.currency) },
    { key: 'risk_level', label: 'Risk', extra: true },
    { key: 'industry', label: 'Industry', extra: true },
    { key: 'seats', label: 'Seats', number: true, extra: true, cell: (row) => number(row.seats) },
    { key: 'since', label: 'Client since', extra: true, nowrap: true, cell: (row) =>
      fullDate(row.since) },
  ];
};

/* The files of a download also name the money of each row. */
const csvColumns = (columns) => (columns.some(({ key }) => key === 'revenue_at_risk'
  || key === 'monthly_revenue')
  ? [...columns, { key: 'currency', label: 'Currency' }] : columns);

function choose(event, row) {
  if (event && (event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
    return;
  }
  event?.preventDefault();
  go({ client: row.client_id });
  if (matchMedia('(max-width: 62rem)').matches) {
    requestAnimationFrame(() => {
      const head = document.querySelector('#client');

      head?.scrollIntoView();
      head?.focus({ preventScroll: true });
    });
  }
}

/* ---- The list ---- */

const HowToRead = ({ model, summary }) => {
  const settings = agentOf('client_health')?.settings || [];

  return html`<div class="panel-body over-split"><h3>How to read this</h3><dl class="pairs">
    <dt>Health</dt>
      <dd>0 to 100, from the churn probability. A triangle is at risk, a diamond critical.</dd>
    <dt>Churn</dt><dd>Probability that the client leaves within 90 days.${known(summary?.base_rate)
      && ' Usual: ' + percent(summary.base_rate) + '.'}</dd>
    <dt>At risk</dt><dd>Agreement value a month × churn probability.</dd>
    <dt>Model</dt><dd>${model ? modelWords(model) : 'None yet. Scores appear when one is trained.'}
      </dd></dl>
    ${settings.length > 0 && html`<details class="as-table gap-top">
      <summary>Thresholds in force</summary>
      <dl class="pairs">${settings.map(({ name, value, help }) => html`<dt class="mono">${name}
        </dt><dd>${String(value)}. ${help}</dd>`)}</dl></details>`}</div>`;
};

function modelWords(model) {
  return [
    model.name + (model.version ? ' ' + model.version : ''),
    model.algorithm,
    known(model.rows) && number(model.rows) + ' rows, ' + number(model.positives) + ' left',
    known(model.auc_holdout) ? 'AUC ' + number(model.auc_holdout, 2) + ' held out'
      : known(model.auc_cv) && 'AUC ' + number(model.auc_cv, 2),
    known(model.ece) && 'ECE ' + number(model.ece, 3),
    model.trained_at && 'of ' + fullDate(model.trained_at),
  ].filter(Boolean).join(', ');
}

const Clients = ({ answer, chosen }) => {
  const { data, problem, stale, again, at, busy } = answer;
  const choice = data?.asked;   /* what the rows answer, not what is wished */
  const rows = data?.clients || [];
  const columns = shownColumns(columnsFor(rows));
  const summary = data?.summary;
  const { currency } = session.value.msp;
  const body = () => {
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem} what="The clients could not be loaded"
        again=${again} />`
        : html`<${Waits} what="clients" rows=${12} />`;
    }
    if (!rows.length) {
      return choice.q
        ? html`<${State} title=${'No client fits “' + choice.q + '”'}
          actions=${html`<button class="button" type="button"
            onClick=${() => go({ q: null, offset: null })}>Show all clients</button>`}>
              <p>The filter looks in the names.</p></${State}>`
        : data.total > 0
          ? html`<${State} title="This page is past the end"
            actions=${html`<button class="button" type="button"
              onClick=${() => go({ offset: null })}>Show the first page</button>`} />`
          : html`<${State} title="No clients are stored">
            <p>Import clients, tickets and invoices; they are scored when a model is trained.</p>
              </${State}>`;
    }
    return html`${stale && html`<div class="banner critical flush" role="alert">
      <p>This is the list as it was: ${problem.detail || problem.message}</p>
        <button class="button compact" type="button" onClick=${again}>Reconnect</button></div>`}
      <${Table} label="Clients" kind="tight" columns=${columns} rows=${rows} sort=${choice.sort}
        rowKey=${(row) => row.client_id}
        selected=${chosen} onRow=${(row) => choose(null, row)} foot=${summary && {
  name: 'All ' + number(summary.clients) + ' clients',
  health_score: html`<b>${score(summary.mean_health_score)}</b> <span class="faint">mean</span>`,
  churn_probability: percent(summary.base_rate),
  revenue_at_risk: money(summary.revenue_at_risk, currency),
  monthly_revenue: money(summary.monthly_revenue, currency),
}} />
      <div class="panel-foot">
        <${Pager} offset=${choice.offset} limit=${choice.limit} shown=${rows.length}
          total=${data.total} /></div>`;
  };

  return html`<${Panel} id="list" title="Clients" kind=${'col-5' + (stale ? ' is-stale' : '')}
    note=${data && html`${number(summary?.clients ?? data.total)} active${data.as_of && ', scored '
      + date(data.as_of)}`}
    badge=${stale && html`<${StaleBadge} at=${at} />`}
    tools=${html`<${Filter} label="Filter clients" />`}>
    <div aria-busy=${busy ? 'true' : 'false'} data-list>${body()}</div>
    <${HowToRead} model=${data?.model} summary=${summary} /></${Panel}>`;
};

/* ---- Without a model ---- */

const NoModel = ({ insufficient }) => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const train = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const job = await post('/client-health/train', { from: 'history' });

      go({ model: job.model, job: job.job_id });
      document.querySelector('#train')?.scrollIntoView();
    }
    catch (reason) {
      setProblem(reason);
    }
    setBusy(false);
  };

  return html`<article class="panel col-7" aria-label="Scores">
    <${Insufficient} level="h2" title="Too little history to score clients"
      insufficient=${insufficient}
    actions=${html`<button class="button" type="button" aria-busy=${busy ? 'true' : null}
      onClick=${train}>Train on your history</button>
      <a class="button" href="#train">Train on a table</a>`}>
        <p>The clients are listed without scores; nothing stands in for them.</p>
    ${problem && html`<p class="banner critical" role="alert">
      ${problem.detail || problem.message} Nothing was changed.</p>`}</${Insufficient}></article>`;
};

/* ---- The page ---- */

function finding({ data, problem }) {
  const { summary, outcome, total } = data || {};

  if (!data) {
    return problem ? 'The clients could not be loaded.'
      : 'Which clients may leave, what that would cost, and why.';
  }
  if (outcome === 'insufficient_data' || !summary || !known(summary.revenue_at_risk)) {
    return html`<strong>${number(total)}
      </strong> clients are stored and none is scored: there is too little history.`;
  }
  const fall = summary.biggest_fall;
  const few = summary.clients <= 10 || !known(summary.top10_share);

  return html`${few ? spelled(summary.clients) + ' clients hold'
    : html`Ten of ${number(summary.clients)} clients hold <strong>${percent(summary.top10_share)}
      </strong> of`} the
    ${' '}${money(summary.revenue_at_risk, session.value.msp.currency)} a month at risk.
    ${fall && html` <strong>${fall.name}
      </strong> moved most: ${score(fall.from)} to ${score(fall.to)} in 30 days.`}`;
}

const ClientHealth = () => {
  const choice = useChoice({ sort: '-revenue_at_risk', limit: LIMIT });
  const { sort, offset, q } = choice;
  const answer = useAnswer((signal) => 
    get('/client-health/clients', { limit: LIMIT, offset, sort, q }, { signal })
      .then((came) => ({ ...came, asked: choice })), [sort, offset, q]);
  const rows = answer.data?.clients || [];
  const chosen = address.value.get('client') || rows[0]?.client_id;
  const at = rows.findIndex((row) => row.client_id === chosen);
  const step = (n) => {
    const next = rows[at + n];

    if (next) {
      go({ client: next.client_id });
    }
  };
  const columns = useMemo(() => columnsFor(rows), [rows]);
  const noModel = answer.data?.outcome === 'insufficient_data';

  useEffect(() => {
    const undo = [shortcut('[', 'Previous client', () => step(-1)),
      shortcut(']', 'Next client', () => step(1))];

    return () => undo.forEach((take) => take());
  }, [chosen, rows]);

  return html`
    <header class="page-head"><div><h1>Client health</h1><p class="lede">${finding(answer)}</p>
      </div>
      <div class="tools"><label class="tenant"><span class="hidden-text">Order</span>
        <select onChange=${(event) => go({ sort: event.currentTarget.value, offset: null })}>
          ${VIEWS.map(([value, words]) => html`<option value=${value} selected=${sort === value}>
            ${words}</option>`)}
          ${!VIEWS.some(([value]) => value === sort)
            && html`<option value=${sort} selected>Other order</option>`}</select>
              <${Icon} name="down" /></label>
        <${ColumnPicker} columns=${columns} />
        <${CsvButton} name=${'clients-' + (answer.data?.as_of || session.value.today) + '.csv'}
          columns=${csvColumns(shownColumns(columns))} rows=${rows} /></div></header>
    <div class="grid level">
      <${Clients} answer=${answer} chosen=${chosen} />
      ${noModel ? html`<${NoModel} insufficient=${answer.data.insufficient} />`
    : chosen ? html`<${Detail} key=${chosen} id=${chosen} summary=${answer.data?.summary}
      onStep=${step} hasPrevious=${at > 0} hasNext=${at >= 0 && at < rows.length - 1} />`
      : html`<article class="panel col-7" aria-label="Client">
        ${answer.data ? html`<${State} level="h2" title="No client is chosen">
          <p>Choose one from the list to see why it scores as it does.</p></${State}>`
        : answer.problem ? html`<${State} level="h2" title="No client to show">
          <p>The list beside this could not be loaded.</p></${State}>`
            : html`<${Waits} what="the client" rows=${12} />`}</article>`}
      <${ThreeFigures} />
      <${Train} />
    </div>
    <p class="foot">Data of ${answer.data?.as_of ? fullDate(answer.data.as_of) : '–'}${answer.at
      && ', read ' + time(answer.at.toISOString())}.</p>`;
};

start(ClientHealth);
