/* Today: whom to see first and why, what just happened, how the agents run,
 * and the catalogue of everything they can be asked. */

import { html, useMemo } from '../../vendor/ui.js';
import { get } from '../api.js';
import { reasonsOf } from '../drivers.js';
import {
  chance, count, date, dateFrom, distance, factor, known, lasted, listed, money, number,
  percent, score, spelled, time, weekday,
} from '../format.js';
import {
  Insufficient, levelOf, LEVELS, Mark, Panel, StaleBadge, State, Trouble, useAnswer, Waits,
} from '../parts.js';
import { agents, hasAgent, session, start } from '../shell.js';
import { CsvButton } from '../table.js';
import { Catalogue } from './today-catalogue.js';
import { Agents, Feed, Jobs, useLive } from './today-live.js';

const QUEUE = 5;
const MOST = 200;               /* clients read to count the levels */

const cash = (value) => money(value, session.value.msp.currency);
const isScored = (client) => known(client.revenue_at_risk);

/* ---- Key figures ---- */

const Tile = ({ href, name, value, note }) => html`
  <a class="kpi" href=${href}><span class="kpi-name">${name}</span>
    <span class="kpi-value">${value}</span><span class="kpi-note">${note}</span></a>`;

/* How many are critical, at risk, to be watched: "3 critical, 1 watch". */
function levelsOf({ clients, total }) {
  const counts = Object.fromEntries(Object.keys(LEVELS).map((level) =>
    [level, clients.filter((client) => client.risk_level === level).length]));

  return {
    urgent: counts.Critical + counts.High,
    text: number(counts.Critical) + ' critical, ' + number(counts.High) + ' at risk, '
      + number(counts.Medium) + ' watch'
      + (total > clients.length ? ', of the first ' + number(clients.length) : ''),
  };
}

function revenueTiles({ data }) {
  const { summary } = data;
  const few = data.outcome === 'insufficient_data';
  const levels = levelsOf(data);
  const none = (value, text) => (known(value) ? text(value) : 'No data');
  const fell = data.clients.filter((client) => known(client.health_score_30d_ago)
    && client.health_score_30d_ago - client.health_score > 0.1).length;

  return [
    { href: 'client-health.html', name: 'Revenue at risk a month',
      value: none(summary.revenue_at_risk, cash),
      note: few ? 'needs a model' : percent(summary.revenue_at_risk / summary.monthly_revenue)
        + ' of ' + cash(summary.monthly_revenue) },
    { href: 'client-health.html?sort=name', name: 'Agreements a month',
      value: none(summary.monthly_revenue, cash), note: count(summary.clients, 'client') },
    { href: 'client-health.html?sort=-churn_probability', name: 'Clients at risk',
      value: few ? 'No data' : number(levels.urgent), note: few ? 'needs a model' : levels.text },
    { href: 'client-health.html?sort=health_score', name: 'Health, mean of 0 to 100',
      value: none(summary.mean_health_score, score),
      note: few ? 'needs a model' : number(fell) + ' fell by over 10 in 30 days' },
  ];
}

function agentTiles({ data, stale, at }) {
  const old = stale && 'data of ' + time(at.toISOString());
  const all = Object.values(data?.agents || {});
  const sum = (name) => all.reduce((total, one) => total + (one[name] || 0), 0);
  const slowest = all.filter((one) => known(one.duration_ms_p95))
    .sort((a, b) => b.duration_ms_p95 - a.duration_ms_p95)[0];

  return data ? [
    { href: '#agents', name: 'Runs in 24 hours', value: number(sum('runs_today')),
      note: old || count(sum('errors_total'), 'error') + ' in '
        + count(sum('requests_total'), 'request') },
    { href: '#agents', name: 'Latency, p95',
      value: slowest ? lasted(slowest.duration_ms_p95) : 'No data',
      note: old || (slowest ? slowest.title + ', median ' + lasted(slowest.duration_ms_p50)
        : 'not asked yet') },
  ] : [];
}

const Figures = ({ health, status }) => {
  if (!health.data?.summary && (health.problem || health.data)) {
    return null;
  }
  const tiles = health.data ? [...revenueTiles(health), ...agentTiles(status)] : null;

  return tiles ? html`<section class=${'kpis' + (tiles.length === 4 ? ' four' : '')}
      aria-label="Key figures">${tiles.map((tile) =>
    html`<${Tile} key=${tile.name} ...${tile} />`)}</section>`
    : html`<section class="kpis" aria-label="Key figures" aria-busy="true">
      ${[1, 2, 3, 4, 5, 6].map(() => html`<div class="kpi"><span class="kpi-name">Loading</span>
        <span class="wait w-3 kpi-wait"></span></div>`)}</section>`;
};

/* ---- Work queue ---- */

/* "Health fell from 29 to 14 in 30 days: satisfaction 5 of 10, …" */
function whyOf(client, detail) {
  const now = score(client.health_score);
  const then = client.health_score_30d_ago;
  const reasons = listed(reasonsOf(detail?.risk_factors));

  if (!reasons) {
    return 'Health ' + now + ', churn probability ' + chance(client.churn_probability) + '.';
  }
  if (!known(then) || score(then) === now) {
    return 'Health is ' + now + '. Against it: ' + reasons + '.';
  }
  const course = ' from ' + score(then) + ' to ' + now + ' in 30 days';

  return client.health_score < then ? 'Health fell' + course + ': ' + reasons + '.'
    : 'Health rose' + course + '. Against it: ' + reasons + '.';
}

/* The step that would take most of the risk away; else what is advised. */
function doOf(client, detail) {
  const steps = detail?.intervention_plan || [];
  const best = steps.reduce((most, step) =>
    ((step.effect_log_odds ?? 0) < (most.effect_log_odds ?? 0) ? step : most), steps[0]);
  const text = best?.action || detail?.recommendations?.[0];

  return text ? client.name + ': ' + text[0].toLowerCase() + text.slice(1).replace(/\.$/, '')
    : 'Review ' + client.name;
}

/* When the plan begins. */
const dueOf = (detail) => detail?.intervention_plan?.[0]?.due_on || null;

const basisOf = (client) => 'agreements ' + money(client.monthly_revenue, client.currency)
  + ' × ' + factor(client.churn_probability);

const queueColumns = [
  { key: 'name', label: 'Client' }, { key: 'do', label: 'What to do' },
  { key: 'why', label: 'Why' }, { key: 'due', label: 'First step due' },
  { key: 'risk_level', label: 'Risk' }, { key: 'health_score', label: 'Health' },
  { key: 'churn_probability', label: 'Churn probability' },
  { key: 'revenue_at_risk', label: 'At risk a month' }, { key: 'currency', label: 'Currency' },
  { key: 'renewal_on', label: 'Renewal' },
];

const Action = ({ client, first }) => {
  const { mark, word } = levelOf(client.risk_level);
  const { today } = session.value;

  return html`<li class="action" data-client=${client.client_id}>
    <${Mark} level=${mark} word=${word} />
    <div><h3>${client.do}</h3><p class="why">${client.why}</p></div>
    <p class="worth"><b>${money(client.revenue_at_risk, client.currency)} a month</b>
      <span>${basisOf(client)}</span></p>
    <div class="act"><div class="do"><a class=${'button compact' + (first ? ' primary' : '')}
      aria-label=${'Open plan of ' + client.name} href=${'client-health.html?client='
        + encodeURIComponent(client.client_id) + '#plan'}>Open plan</a></div>
      <span class="due">${client.due ? 'First step ' + distance(today, client.due)
        : client.renewal_on ? 'Renews ' + dateFrom(today, client.renewal_on)
          : 'No date'}</span></div>
  </li>`;
};

const Queue = ({ health, queue, busy }) => {
  const { data, problem, stale, again, at } = health;
  const body = () => {
    if (!hasAgent('client_health')) {
      return html`<${State} title="No agent ranks work yet">
        <p>The queue fills when the client health agent is loaded.</p></${State}>`;
    }
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem} what="The queue could not be made"
        again=${again} />` : html`<${Waits} what="the work queue" rows=${9} />`;
    }
    if (data.outcome === 'insufficient_data') {
      return html`<${Insufficient} title="Too little history to rank clients"
        insufficient=${data.insufficient} actions=${html`<a class="button"
          href="client-health.html#train">See the clients</a>`} />`;
    }
    if (!queue.length) {
      return html`<${State} title="No client is at risk"><p>${data.total
        ? count(data.total, 'client') + ' are scored; none carries revenue at risk.'
        : 'No clients are stored. Import them to see who needs you first.'}</p></${State}>`;
    }
    return html`<ol class="queue" aria-busy=${busy ? 'true' : 'false'}>${queue.map((client, i) =>
      html`<${Action} key=${client.client_id} client=${client} first=${i === 0} />`)}</ol>
      <div class="panel-foot"><span>${number(queue.length)} of ${count(data.total, 'client')}, they
        hold ${percent(queue.reduce((sum, client) => sum + client.revenue_at_risk, 0)
          / data.summary.revenue_at_risk)} of the revenue at risk.</span></div>`;
  };

  return html`<${Panel} id="queue" title="Work queue" kind=${'col-8' + (stale ? ' is-stale' : '')}
    note="Ranked by revenue at risk" badge=${stale && html`<${StaleBadge} at=${at} />`}
    tools=${data?.total > 0 && html`<a class="small" href="client-health.html">All
      ${' '}${count(data.total, 'client')}</a>`}>${body()}</${Panel}>`;
};

/* ---- The page ---- */

/* What to know before anything else. */
function finding({ data, problem }, queue) {
  const { summary, outcome } = data || {};

  if (!data) {
    return problem ? 'The clients could not be loaded.' : '';
  }
  if (!summary || outcome === 'insufficient_data' || !queue.length) {
    return outcome === 'insufficient_data' ? 'No client is scored yet: there is too little history.'
      : agents.value.length ? count(agents.value.length, 'agent') + ' loaded.'
        : 'No agents are loaded.';
  }
  const urgent = data.clients.filter((client) => ['Critical', 'High'].includes(client.risk_level));
  const held = urgent.reduce((sum, client) => sum + (client.revenue_at_risk || 0), 0);
  const [due] = queue.map((client) => client.due).filter(Boolean).sort();

  return html`${urgent.length
    ? html`<strong>${spelled(urgent.length)} ${urgent.length === 1 ? 'client is' : 'clients are'} at
      risk or critical</strong> and ${urgent.length === 1 ? 'holds' : 'hold'}
      ${' '}<strong>${cash(held)}</strong> of the ${cash(summary.revenue_at_risk)} a month at risk.`
    : html`<strong>No client is at risk or critical.</strong> ${cash(summary.revenue_at_risk)} a
      month are at risk in small parts.`}
    ${due && ' The first step is due ' + distance(session.value.today, due) + '.'}`;
}

/* The rows of the queue: the clients with what their details say. */
function queueOf(health, details) {
  return (health.data?.clients || []).filter(isScored).slice(0, QUEUE).map((client) => {
    const detail = details.data?.[client.client_id];

    return { ...client, do: doOf(client, detail), why: whyOf(client, detail), due: dueOf(detail) };
  });
}

async function detailsOf(ids, signal) {
  const answers = await Promise.allSettled(ids.map((id) =>
    get('/client-health/clients/' + encodeURIComponent(id), null, { signal })));

  return Object.fromEntries(answers.map(({ value }, i) => [ids[i], value]));
}

const Today = () => {
  const health = useAnswer((signal) => (hasAgent('client_health')
    ? get('/client-health/clients', { limit: MOST, sort: '-revenue_at_risk' }, { signal })
    : Promise.resolve({ clients: [], total: 0 })), []);
  const ids = (health.data?.clients || []).filter(isScored).slice(0, QUEUE)
    .map((client) => client.client_id);
  const details = useAnswer((signal) => detailsOf(ids, signal), [ids.join()]);
  const queue = queueOf(health, details);
  const names = useMemo(() => new Map((health.data?.clients || []).map((client) =>
    [client.client_id, client.name])), [health.data]);
  const status = useLive((signal) => get('/agents/status', null, { signal }), 15000);
  const jobs = useLive((signal) => get('/jobs', { limit: 5 }, { signal }), 15000);
  const { today } = session.value;

  return html`
    <header class="page-head"><div><h1>Today</h1>
      <p class="lede">${weekday(today)}. ${finding(health, queue)}</p></div>
      <div class="tools"><${CsvButton} name=${'work-queue-' + today + '.csv'}
        columns=${queueColumns} rows=${queue} /></div></header>
    <${Figures} health=${health} status=${status} />
    <div class="grid level">
      <${Queue} health=${health} queue=${queue} busy=${details.busy} />
      <div class="stack fill col-4"><${Jobs} jobs=${jobs} />
        <${Feed} nameOf=${(id) => names.get(id)} /></div></div>
    <${Agents} status=${status} />
    <${Catalogue} />
    <p class="foot">Data of ${date(health.data?.as_of || today)}${status.data?.status_time
      && ', agents of ' + time(status.data.status_time)}.</p>`;
};

start(Today);
