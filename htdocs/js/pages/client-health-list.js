/* The list of clients: columns, rows, sums, and how to read them. */

import { html } from '../../vendor/ui.js';
import { go, linkTo } from '../address.js';
import { Spark } from '../chart.js';
import {
  chance, date, dateFrom, fullDate, known, money, number, score, words,
} from '../format.js';
import {
  levelOf, Panel, Score, StaleBadge, State, Trouble, Waits,
} from '../parts.js';
import { actionOf, agentOf, session } from '../shell.js';
import { Filter, Pager, shownColumns, Table } from '../table.js';

/* ---- Columns ---- */

const healthOf = (row) => (row.trend || []).map((point) => point.health_score).filter(known);

/* One span for all sparks on the page, so that a steep one is steep. */
function spanOf(rows) {
  return Math.max(0.2, ...rows.map((row) => {
    const values = healthOf(row);

    return values.length ? Math.max(...values) - Math.min(...values) : 0;
  }));
}

/* What every list has; the picker adds the extra ones. */
export const columnsFor = (rows, today, isScored = true) => {
  const span = spanOf(rows);

  return [
    { key: 'name', label: 'Client', sort: 'name', nowrap: true,
      cell: (row) => isScored ? html`<a class="plain" href=${linkTo({ client: row.client_id })}
        onClick=${(event) => choose(event, row)}>${row.name}</a>` : row.name },
    { key: 'health_score', label: 'Health', sort: 'health_score',
      cell: (row) => html`<${Score} value=${row.health_score} level=${row.risk_level} />` },
    { key: 'churn_probability', label: 'Churn', name: 'Churn probability',
      sort: 'churn_probability', number: true, cell: (row) => chance(row.churn_probability) },
    { key: 'revenue_at_risk', label: 'At risk', name: 'At risk a month', sort: 'revenue_at_risk',
      number: true, cell: (row) => money(row.revenue_at_risk, row.currency) },
    { key: 'trend', label: '90 days', name: 'Health, 90 days ago and now', spare: true,
      csv: (row) => (healthOf(row).length
        ? healthOf(row)[0] + ' to ' + healthOf(row).at(-1) : ''),
      cell: (row) => html`<${Spark} span=${span} values=${healthOf(row)} />` },
    { key: 'renewal_on', label: 'Renewal', sort: 'renewal_on', extra: true, nowrap: true,
      cell: (row) => dateFrom(today, row.renewal_on) },
    { key: 'monthly_revenue', label: 'Monthly', name: 'Agreement a month',
      sort: 'monthly_revenue', number: true, extra: true,
      cell: (row) => money(row.monthly_revenue, row.currency) },
    { key: 'risk_level', label: 'Risk', extra: true,
      cell: (row) => row.risk_level ? levelOf(row.risk_level).word : '–' },
    { key: 'industry', label: 'Industry', extra: true, cell: (row) => words(row.industry || '–') },
    { key: 'seats', label: 'Seats', number: true, extra: true, cell: (row) => number(row.seats) },
    { key: 'since', label: 'Client since', extra: true, nowrap: true,
      cell: (row) => fullDate(row.since) },
  ];
};

/* The files of a download also name the money of each row. */
export const csvColumns = (columns) =>
  columns.some(({ key }) => key === 'revenue_at_risk' || key === 'monthly_revenue')
    ? [...columns, { key: 'currency', label: 'Currency' }] : columns;

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

/* ---- How to read it ---- */

/* The server's own words, with the names the marks have. */
function levelsText() {
  const { description } = actionOf('client_health', 'clients')
    ?.output?.properties?.clients?.items?.properties?.risk_level || {};

  return description
    ? description.replace('High', 'at risk').replace('Medium', 'watch')
      .replace(/\.(\d\d)\b/g, '$1%') + ' Else good.'
    : 'A ring is watch, a triangle at risk, a diamond critical.';
}

function modelWords(model) {
  const isOwn = model.name === 'clients';
  const rows = known(model.rows) && number(model.rows)
    + (isOwn ? ' months of clients, ' + number(model.positives) + ' in the 90 days before one left'
      : ' rows, ' + number(model.positives) + ' left');

  return [
    isOwn ? 'Your own history' : model.name,
    model.version && 'version ' + model.version,
    model.algorithm, rows,
    known(model.auc_holdout) ? 'AUC ' + number(model.auc_holdout, 2) + ' held out'
      : known(model.auc_cv) && 'AUC ' + number(model.auc_cv, 2) + ' cross-validated',
    known(model.ece) && 'ECE ' + number(model.ece, 3),
    model.trained_at && 'trained ' + fullDate(model.trained_at),
  ].filter(Boolean).join(', ') + '.';
}

const HowToRead = ({ model, summary }) => {
  const settings = agentOf('client_health')?.settings || [];

  return html`<div class="panel-body over-split"><h3>How to read this</h3><dl class="pairs">
    <dt>Health</dt><dd>0 to 100: 100 less the churn probability.</dd>
    <dt>Churn</dt><dd>Probability that the client leaves within 90
      days.${known(summary?.base_rate)
        && ' An average client has ' + chance(summary.base_rate) + '.'}</dd>
    <dt>Levels</dt><dd>${levelsText()}</dd>
    <dt>At risk</dt><dd>Agreements a month × churn probability.</dd>
    <dt>Model</dt><dd>${model ? modelWords(model)
      : 'None yet. Scores appear when one is trained.'}</dd></dl>
    ${settings.length > 0 && html`<details class="as-table gap-top">
      <summary>Settings in force</summary>
      <dl class="pairs gap-top">${settings.map(({ name, value, help }) =>
        html`<dt class="mono">${name}</dt><dd>${String(value)}. ${help}.</dd>`)}</dl></details>`}
  </div>`;
};

/* ---- The list ---- */

const footOf = (summary, currency) => ({
  name: 'All ' + number(summary.clients) + ' clients',
  health_score: known(summary.mean_health_score)
    && html`<b>${score(summary.mean_health_score)}</b> <span class="faint">mean</span>`,
  churn_probability: known(summary.mean_health_score)
    && html`<span class="hidden-text">mean</span> ${chance(1 - summary.mean_health_score)}`,
  revenue_at_risk: money(summary.revenue_at_risk, currency),
  monthly_revenue: money(summary.monthly_revenue, currency),
});

const NoRows = ({ q, total }) => {
  if (q) {
    return html`<${State} title=${'No client fits “' + q + '”'}
      actions=${html`<button class="button" type="button"
        onClick=${() => go({ q: null, offset: null })}>Show all clients</button>`}>
      <p>The filter looks in the names.</p></${State}>`;
  }
  return total > 0
    ? html`<${State} title="This page is past the end" actions=${html`<button class="button"
        type="button" onClick=${() => go({ offset: null })}>Show the first page</button>`} />`
    : html`<${State} title="No clients are stored">
        <p>Import clients, tickets and invoices; they are scored when a model is trained.</p>
      </${State}>`;
};

const Rows = ({ data, stale, problem, again, chosen, isScored }) => {
  const choice = data.asked;    /* what the rows answer, not what is wished */
  const { today, msp } = session.value;

  return html`${stale && html`<div class="banner critical flush" role="alert">
      <p>This is the list as it was: ${problem.detail || problem.message}</p>
      <button class="button compact" type="button" onClick=${again}>Reconnect</button></div>`}
    <${Table} label="Clients" kind="tight" sort=${choice.sort} rows=${data.clients}
      about="Clients with health, churn probability and revenue at risk a month"
      columns=${shownColumns(columnsFor(data.clients, today, isScored))}
      rowKey=${(row) => row.client_id} selected=${isScored ? chosen : undefined}
      onRow=${isScored && ((row) => choose(null, row))}
      foot=${data.summary && footOf(data.summary, msp.currency)} />
    <div class="panel-foot"><${Pager} offset=${choice.offset} limit=${choice.limit}
      shown=${data.clients.length} total=${data.total} /></div>`;
};

export const Clients = ({ answer, chosen }) => {
  const { data, problem, stale, again, at, busy } = answer;
  const isScored = data?.outcome !== 'insufficient_data';
  const body = () => {
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem} what="The clients could not be loaded"
        again=${again} />` : html`<${Waits} what="clients" rows=${12} />`;
    }
    return data.clients.length
      ? html`<${Rows} data=${data} stale=${stale} problem=${problem} again=${again}
          chosen=${chosen} isScored=${isScored} />`
      : html`<${NoRows} q=${data.asked.q} total=${data.total} />`;
  };

  return html`<${Panel} id="list" title="Clients" kind=${'col-5' + (stale ? ' is-stale' : '')}
    note=${data && number(data.summary?.clients ?? data.total) + ' active, '
      + (isScored ? data.as_of ? 'scored ' + date(data.as_of) : 'scored' : 'none scored')}
    badge=${stale && html`<${StaleBadge} at=${at} />`}
    tools=${html`<${Filter} label="Filter clients" />`}>
    <div aria-busy=${busy ? 'true' : 'false'} data-list>${body()}</div>
    <${HowToRead} model=${data?.model} summary=${data?.summary} /></${Panel}>`;
};
