/* One client: facts, drivers, course, survival, plan. */

import { html, useEffect } from '../../vendor/ui.js';
import { get } from '../api.js';
import { Drivers } from '../chart.js';
import { driversOf } from '../drivers.js';
import {
  chance, count, date, dateFrom, daysFrom, distance, known, money, score, signed, words,
} from '../format.js';
import {
  Badge, Icon, Insufficient, levelOf, StaleBadge, State, Trouble, useAnswer, Waits,
} from '../parts.js';
import { session } from '../shell.js';
import { CalibrationFigure, Course, Survival } from './client-health-figures.js';
import { WhatIf } from './client-health-whatif.js';

/* ---- Facts and drivers ---- */

const Facts = ({ client, base }) => {
  const { today } = session.value;
  const trend = (client.trend || []).filter((point) => known(point.health_score));
  const before = trend.findLast?.((point) => daysFrom(today, point.on) <= -30);

  return html`<div class="panel-body"><dl class="facts even">
    <div><dt>Health</dt><dd>${score(client.health_score)}
      ${' '}${before && html`<small>${score(before.health_score) === score(client.health_score)
        ? 'as on ' : 'was ' + score(before.health_score) + ', '}${date(before.on)}</small>`}
    </dd></div>
    <div><dt>Churn in 90 days</dt><dd>${chance(client.churn_probability)}
      ${' '}${known(base) && html`<small>average ${chance(base)}</small>`}</dd></div>
    <div><dt>At risk a month</dt><dd>${money(client.revenue_at_risk, client.currency)}
      ${' '}${known(client.monthly_revenue)
        ? html`<small>of ${money(client.monthly_revenue, client.currency)}</small>`
        : html`<small>no agreement</small>`}</dd></div>
    <div><dt>Renewal</dt><dd>${client.renewal_on ? dateFrom(today, client.renewal_on) : 'No date'}
      ${' '}${client.renewal_on && html`<small>${distance(today, client.renewal_on)}</small>`}
    </dd></div></dl></div>`;
};

/* "Why 86%, when an average client has under 1%", as exact as it must be to
 * tell the two apart. */
function whyTitle(p, base) {
  const digits = [0, 1].find((n) => chance(p, n) !== chance(base, n)) ?? 0;

  return 'Why ' + chance(p, digits) + (known(base) && chance(p, digits) !== chance(base, digits)
    ? ', when an average client has ' + chance(base, digits) : ', as for an average client');
}

const Why = ({ client, base }) => {
  const factors = client.risk_factors || [];

  return html`<section class="panel-body" aria-labelledby="why">
    <h3 id="why">${whyTitle(client.churn_probability, base)}</h3>
    ${factors.length ? html`<${Drivers} ...${driversOf(factors)}
      sumSub=${'that is ' + chance(client.churn_probability, 1)} />`
      : html`<p class="muted small">The model gave no parts for this score.</p>`}</section>`;
};

/* ---- Plan ---- */

const Step = ({ step, n, today }) => html`<tr><td>${step.step ?? n}</td>
  <th scope="row">${step.action}<span class="sub">${step.condition
    ? 'Rule: ' + step.condition : words(step.rule || '')}</span></th>
  <td class="nowrap">${step.due_on ? dateFrom(today, step.due_on) : '–'}${step.due_on
    && html`<span class="sub">${distance(today, step.due_on)}</span>`}</td>
  <td class="number">${known(step.effect_log_odds) ? signed(step.effect_log_odds)
    : html`<span class="faint">none seen</span>`}</td></tr>`;

const Plan = ({ client }) => {
  const steps = client.intervention_plan || [];
  const [advice] = client.recommendations || [];
  const { today } = session.value;

  return html`<section class="over-split" aria-labelledby="plan">
    <div class="panel-head"><h3 id="plan" tabindex="-1">Plan</h3>
      <span class="note">From rules; effect in log-odds if the cause goes away</span></div>
    ${steps.length ? html`<div class="table-frame" tabindex="0" role="group" aria-label="Plan">
      <table class="keep-1"><caption class="hidden-text">Steps for ${client.name}</caption>
      <thead><tr><th scope="col"><span class="hidden-text">Step</span></th>
        <th scope="col">What and why</th><th scope="col">Due</th>
        <th scope="col" class="number">Effect</th></tr></thead>
      <tbody>${steps.map((step, i) => html`<${Step} key=${i} step=${step} n=${i + 1}
        today=${today} />`)}</tbody></table></div>`
    : html`<${State} title="No rule applies">
        <p>${advice ? advice + '.' : 'Nothing about this client calls for a step today.'}</p>
      </${State}>`}</section>`;
};

/* ---- The client ---- */

const Shown = ({ client, base }) => html`
  <${Facts} client=${client} base=${base} />
  <div class="split wide-start over-split"><${Why} client=${client} base=${base} />
    <div><${Course} client=${client} />
      <div class="over-split"><${Survival} client=${client} /></div></div></div>
  <${Plan} client=${client} />`;

/* The average client of the model: where the sum of the drivers starts. */
const baseOf = (client, summary) => client?.base_rate
  ?? client?.risk_factors?.find((factor) => factor.feature === 'base_rate')?.value
  ?? summary?.base_rate;

const whereOf = (client) => [
  client.industry && words(client.industry),
  known(client.sites) && count(client.sites, 'site'),
  known(client.seats) && count(client.seats, 'seat'),
].filter(Boolean).join(', ');

const Head = ({ client, ready, stale, at, again, onStep, hasPrevious, hasNext }) => {
  const { mark, word } = levelOf(client?.risk_level);

  return html`<div class="panel-head"><h2 id="client" tabindex="-1">${client?.name || 'Client'}</h2>
    ${ready && html`<${Badge} level=${mark}>${word}</${Badge}>`}
    ${stale && html`<${StaleBadge} at=${at} />`}
    ${client && html`<span class="note">${whereOf(client)}</span>`}
    <div class="tools">
      ${stale && html`<button class="button compact" type="button" onClick=${again}>
        Reconnect</button>`}
      <button class="icon-button compact" type="button" aria-label="Previous client"
        aria-keyshortcuts="[" disabled=${!hasPrevious} onClick=${() => onStep(-1)}>
        <${Icon} name="prev" /></button>
      <button class="icon-button compact" type="button" aria-label="Next client"
        aria-keyshortcuts="]" disabled=${!hasNext} onClick=${() => onStep(1)}>
        <${Icon} name="next" /></button>
      ${ready && html`<a class="button compact primary" href="#plan">Open plan</a>`}</div></div>`;
};

export const Detail = ({ id, summary, onStep, hasPrevious, hasNext }) => {
  const { data, problem, stale, again, at } = useAnswer((signal) =>
    get('/client-health/clients/' + encodeURIComponent(id), null, { signal }), [id]);
  const few = data?.outcome === 'insufficient_data';
  const ready = data && !few;

  useEffect(() => {
    if (ready && location.hash === '#plan') {
      document.querySelector('#plan')?.scrollIntoView();
    }
  }, [ready]);

  const body = () => {
    if (data) {
      return few ? html`<${Insufficient} title="Too little is known to score this client"
        insufficient=${data.insufficient} />`
        : html`<${Shown} client=${data} base=${baseOf(data, summary)} />`;
    }
    if (!problem) {
      return html`<${Waits} what="the client" rows=${12} />`;
    }
    return problem.status === 404
      ? html`<${State} title="This client is not stored">
          <p>It may have left or been removed, or the link is of another tenant.</p></${State}>`
      : html`<${Trouble} problem=${problem} what="The client could not be loaded"
          again=${again} />`;
  };

  return html`<article class=${'panel col-7' + (stale ? ' is-stale' : '')} aria-labelledby="client"
      data-client=${id}>
      <${Head} client=${data} ready=${ready} stale=${stale} at=${at} again=${again}
        onStep=${onStep} hasPrevious=${hasPrevious} hasNext=${hasNext} />
      ${body()}
    </article>
    ${ready && html`<${WhatIf} client=${data} />
      <section class="panel col-4" aria-label="Calibration of the model">
        <${CalibrationFigure} calibration=${data.calibration}
          model=${data.model_used && 'Model ' + data.model_used
            + (data.model_version ? ', version ' + data.model_version : '') + '.'} /></section>`}`;
};
