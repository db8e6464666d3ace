/* One client: facts, drivers, course, survival, plan, what-if, calibration. */

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/ui.js';
import { get, post } from '../api.js';
import { Calibration, Drivers, Figure, Line, ticksOf } from '../chart.js';
import {
  count, date, daysFrom, distance, figure, known, money, month, number, percent,
  score, shortMonth, signed, words,
} from '../format.js';
import {
  Badge, Icon, Insufficient, levelOf, Panel, StaleBadge, State, Trouble, useAnswer,
  useSettled, Waits,
} from '../parts.js';
import { actionOf, session } from '../shell.js';

const MOST_DRIVERS = 8;

/* ---- Drivers ---- */

/* "Satisfaction 71%, was 88% in August": the first part is the name of the
 * bar, the rest stands under it. */
function wordsOf(factor) {
  const text = factor.words
    || words(factor.feature) + (known(factor.value) ? ' ' + figure(factor.value) : '');
  const at = text.search(/[,;] /);

  return at > 0 ? { words: text.slice(0, at), sub: text.slice(at + 2) } : { words: text, sub: '' };
}

export function driversOf(factors) {
  const base = factors.find((factor) => factor.feature === 'base_rate');
  const rest = factors.filter((factor) => factor !== base && known(factor.contribution))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const shown = rest.slice(0, rest.length > MOST_DRIVERS + 1 ? MOST_DRIVERS : rest.length);
  const others = rest.slice(shown.length);
  const parts = shown.map((factor) => ({ ...wordsOf(factor), contribution: factor.contribution }));

  if (others.length) {
    parts.push({
      words: count(others.length, 'other sign'),
      sub: 'none above ' + number(Math.abs(others[0].contribution), 2),
      contribution: others.reduce((sum, factor) => sum + factor.contribution, 0),
    });
  }
  return {
    parts,
    base: base && { words: 'Usual client', sub: 'the base rate', contribution: base.contribution },
    sum: factors.reduce((sum, factor) => sum + (factor.contribution || 0), 0),
  };
}

const Why = ({ client, base }) => {
  const factors = client.risk_factors || [];
  const drivers = driversOf(factors);

  if (!factors.length) {
    return html`<section class="panel-body" aria-labelledby="why">
      <h3 id="why">Why ${percent(client.churn_probability)}</h3>
      <p class="muted small">The model gave no parts for this score.</p></section>`;
  }
  return html`<section class="panel-body" aria-labelledby="why">
    <h3 id="why">Why ${percent(client.churn_probability)}${known(base)
      && percent(base) !== percent(client.churn_probability)
      ? ' and not the usual ' + percent(base) : ''}</h3>
    <${Drivers} ...${drivers} sumSub=${'that is ' + percent(client.churn_probability, 1)} />
      </section>`;
};

/* ---- Course ---- */

function dayTicks(points) {
  const n = Math.min(4, points.length);
  const first = Date.parse(points[0].on);
  const last = Date.parse(points.at(-1).on);
  const near = last - first < 200 * 86400000;

  return Array.from({ length: n }, (_, i) => {
    const at = first + (last - first) * (n === 1 ? 0 : i / (n - 1));
    const on = new Date(at).toISOString().slice(0, 10);

    return { at, text: near ? date(on) : shortMonth(on) };
  });
}

const Course = ({ client }) => {
  const points = (client.trend || []).filter((point) => known(point.health_score) && point.on);

  if (points.length < 2) {
    return html`<${State} title="No course yet">
      <p>Health is kept from the first score on; two days are needed.</p></${State}>`;
  }
  const values = points.map((point) => point.health_score * 100);
  const x = points.map((point) => Date.parse(point.on));
  const change = Math.round(values.at(-1)) - Math.round(values[0]);
  const title = change === 0 ? 'Level since ' + month(points[0].on)
    : (change < 0 ? 'Down ' : 'Up ') + count(Math.abs(change), 'point') + ' since '
      + month(points[0].on);
  const { range, ticks } = ticksOf(Math.min(...values), Math.max(...values), 3);
  const low = points[values.indexOf(Math.min(...values))];
  const text = dayTicks(points);

  return html`<${Figure} title=${title} unit="Health score"
    sentence=${'Lowest ' + score(low.health_score) + ' on ' + date(low.on) + '.'}
    table=${{ caption: 'Health', columns: ['Day', 'Health'],
      rows: points.map((point) => [date(point.on), score(point.health_score)]) }}>
    <${Line} label=${'Health went from ' + score(points[0].health_score) + ' on '
      + date(points[0].on) + ' to ' + score(points.at(-1).health_score) + ' on '
        + date(points.at(-1).on) + '.'}
      x=${x} series=${[{ values, kind: 'c1' }]} range=${range} ticks=${{ x: text, y: ticks }} />
        </${Figure}>`;
};

/* ---- Survival ---- */

const low = (point) => point.p_low ?? point.low ?? point.lower;
const high = (point) => point.p_high ?? point.high ?? point.upper;

const Survival = ({ client }) => {
  const points = (client.survival || []).filter((point) => known(point.p));

  if (points.length < 2) {
    return html`<${State} title="No survival estimate">
      <p>It needs clients that stayed and clients that left.</p></${State}>`;
  }
  const near = points.reduce((best, point) => (Math.abs(point.day - 90) < Math.abs(best.day - 90)
    ? point : best));
  const banded = points.every((point) => known(low(point)) && known(high(point)));
  const based = points.every((point) => known(point.base));
  const last = points.at(-1);
  const stays = number(near.p * 100) + '% at ' + count(near.day, 'day');
  const part = (point) => number(point * 100) + '%';

  return html`<${Figure}
    title=${number(near.p * 100) + ' in 100 such clients stay ' + count(near.day, 'day')}
    unit=${banded ? 'Survival estimate with 95% band' : 'Survival estimate'}
    sentence=${part(last.p) + ' after ' + count(last.day, 'day') + (based
      ? '; all clients ' + part(last.base) : '') + '.'}
    table=${{ caption: 'Chance to stay',
      columns: ['Day', 'This client', ...(based ? ['All clients'] : []),
        ...(banded ? ['95% band'] : [])],
    rows: points.map((point) => [point.day, part(point.p), ...(based ? [part(point.base)] : []),
      ...(banded ? [part(low(point)) + ' to ' + part(high(point))] : [])]) }}>
    <${Line} label=${'Chance that ' + client.name + ' stays: ' + stays + ', ' + part(last.p)
      + ' at ' + count(last.day, 'day') + '.'}
      x=${points.map((point) => point.day)} range=${[0, 1]}
      band=${banded ? { low: points.map(low), high: points.map(high), kind: 'band-95' } : undefined}
      series=${[...(based
        ? [{ values: points.map((point) => point.base), kind: 'c7', dash: [5, 4] }] : []),
          { values: points.map((point) => point.p), kind: 'c1' }]}
      marks=${[{ x: near.day, y: near.p, text: stays, strong: true,
        align: near.day > last.day * 0.55 ? 'right' : 'left', dy: -6 }]}
      ticks=${{ x: [points[0].day,
        ...(near.day !== points[0].day && near.day !== last.day ? [near.day] : []), last.day]
    .map((at, i, all) => ({ at, text: at === 0 ? 'today' : i === all.length - 1 ? number(at)
      + ' days' : number(at) })),
  y: [{ at: 0, text: '0' }, { at: 0.5, text: '50%' }, { at: 1, text: '100%' }] }} /></${Figure}>`;
};

/* ---- Plan ---- */

const Plan = ({ client }) => {
  const steps = client.intervention_plan || [];
  const { today } = session.value;

  return html`<section class="over-split" aria-labelledby="plan">
    <div class="panel-head"><h3 id="plan" tabindex="-1">Plan</h3>
      <span class="note">From rules; effect as change in log-odds if the cause goes away</span>
        </div>
    ${steps.length ? html`<div class="table-frame" tabindex="0" role="group" aria-label="Plan">
      <table class="keep-1">
      <thead><tr><th scope="col"><span class="hidden-text">Step</span></th>
        <th scope="col">What and why</th><th scope="col">Due</th>
          <th scope="col" class="number">Effect</th></tr></thead>
      <tbody>${steps.map((step, i) => html`<tr><td>${step.step ?? i + 1}</td>
        <th scope="row">${step.action}<span class="sub">
          ${step.condition ? 'Rule: ' + step.condition : words(step.rule || '')}</span></th>
        <td class="nowrap">
          ${step.due_on ? date(step.due_on) : '–'}${step.due_on && html`<span class="sub">
            ${distance(today, step.due_on)}</span>`}</td>
        <td class="number">
          ${known(step.effect_log_odds) ? signed(step.effect_log_odds) : 'not known'}</td></tr>`)}
            </tbody></table></div>`
    : html`<${State} title="No rule applies">
      <p>Nothing about this client calls for a step today.</p></${State}>`}</section>`;
};

/* ---- What if ---- */

const MOST_SLIDERS = 4;

/* The inputs that can be moved: those the action's schema names, else those
 * among the drivers that are numbers. */
function slidersOf(client) {
  const schema = actionOf('client_health', 'predict')?.input?.properties?.what_if?.properties || {};
  const known90 = new Map((client.risk_factors || []).filter((factor) =>
    typeof factor.value === 'number')
    .map((factor) => [factor.feature, factor]));
  const start = (name) => known90.get(name)?.value
    ?? (typeof client.factors?.[name] === 'number' ? client.factors[name] : undefined);
  const names = Object.keys(schema).length ? Object.keys(schema)
    : [...known90.keys()].filter((name) => name !== 'base_rate');

  return names.filter((name) => known(start(name))).map((name) => {
    const rule = schema[name] || {};
    const value = start(name);
    const share = rule.maximum === 1 || (rule.maximum === undefined && value > 0 && value < 1);
    const min = Math.min(rule.minimum ?? 0, value);
    const max = Math.max(rule.maximum ?? (share ? 1 : Math.max(2 * value, min + 1)), value);
    const whole = rule.type === 'integer' || (!share && Number.isInteger(value) && max - min >= 5);

    return {
      name, value, min, max,
      label: rule.title || words(name),
      step: whole ? 1 : (max - min) / 100,
      text: (v) => (share ? percent(v) : number(v, whole ? 0 : max - min > 20 ? 0 : 1))
        + (rule.unit ? ' ' + rule.unit : ''),
      weight: Math.abs(known90.get(name)?.contribution || 0),
    };
  }).sort((a, b) => b.weight - a.weight);
}

const WhatIf = ({ client }) => {
  const sliders = useMemo(() => slidersOf(client), [client]);
  const [moved, setMoved] = useState({});
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [all, setAll] = useState(false);
  const settled = useSettled(moved, 250);
  const first = useRef(true);

  useEffect(() => {
    if (first.current || !Object.keys(settled).length) {
      first.current = false;
      setAnswer(null);
      return undefined;
    }
    const stop = new AbortController();

    post('/client-health/predict', { client_id: client.client_id, what_if: settled },
      { headers: { Prefer: 'persist=none' }, signal: stop.signal }).then((came) => {
      setAnswer(came);
      setProblem(null);
    }, (reason) => stop.signal.aborted || setProblem(reason));
    return () => stop.abort();
  }, [settled]);

  const now = answer || client;
  const waiting = moved !== settled;
  const change = known(now.revenue_at_risk) && known(client.revenue_at_risk)
    ? now.revenue_at_risk - client.revenue_at_risk : null;

  return html`<${Panel} id="whatif" title="What if" note="Same model, changed inputs" kind="col-4"
    tools=${Object.keys(moved).length > 0
      && html`<button class="button quiet compact" type="button"
        onClick=${() => { setMoved({}); setProblem(null); }}>
          <${Icon} name="reset" />Reset</button>`}>
    ${sliders.length === 0 ? html`<${State} title="Nothing to move">
      <p>None of this client’s inputs is a number the model can try.</p></${State}>`
    : problem ? html`<${Trouble} problem=${problem} what="The question could not be answered"
      again=${() => { setProblem(null); setMoved({ ...moved }); }} />`
      : html`<div class="panel-body form">
      ${sliders.slice(0, all ? sliders.length : MOST_SLIDERS).map((slider) =>
        html`<label class="slider" key=${slider.name}><span>${slider.label}</span>
        <output>${slider.text(moved[slider.name] ?? slider.value)}</output>
        <input type="range" name=${slider.name} min=${slider.min} max=${slider.max}
          step=${slider.step} value=${moved[slider.name] ?? slider.value}
          aria-valuetext=${slider.text(moved[slider.name] ?? slider.value)}
          onInput=${(event) =>
            setMoved({ ...moved, [slider.name]: Number(event.currentTarget.value) })} /></label>`)}
      ${sliders.length > MOST_SLIDERS && html`<div>
        <button class="button compact" type="button" aria-expanded=${all ? 'true' : 'false'}
          onClick=${() => setAll(!all)}>
            ${all ? 'Fewer inputs' : count(sliders.length - MOST_SLIDERS, 'more input')}</button>
              </div>`}
      <div role="status" aria-busy=${waiting ? 'true' : 'false'} data-whatif><dl class="facts">
        <div><dt>Churn</dt><dd>${percent(now.churn_probability)} <small>
          ${answer ? 'was ' + percent(client.churn_probability) : 'as it is'}</small></dd></div>
        <div><dt>Health</dt><dd>${score(now.health_score)} <small>
          ${answer ? 'was ' + score(client.health_score) : 'as it is'}</small></dd></div>
        <div><dt>At risk</dt><dd>${money(now.revenue_at_risk, client.currency)} <small>
          ${answer && change !== null
          ? (change > 0 ? '+' : '') + money(change, client.currency) + ' a month' : 'a month'}
            </small></dd></div></dl></div></div>`}</${Panel}>`;
};

/* ---- Calibration ---- */

export const CalibrationFigure = ({ calibration, model }) => {
  const bins = (calibration?.bins || []).filter((bin) => known(bin.predicted)
    && known(bin.observed));

  if (bins.length < 2) {
    return html`<${State} title="No calibration yet">
      <p>It is measured on rows held out from training; there are too few of them.</p></${State}>`;
  }
  const rows = bins.reduce((sum, bin) => sum + (bin.n || 0), 0);
  const worst = Math.max(
    ...bins.filter((bin) => (bin.n || 0) >= Math.min(20, rows / bins.length / 2)).map((bin) =>
      Math.abs(bin.predicted - bin.observed)));
  const points = number(worst * 100);
  const title = worst <= 0.05 ? 'Predictions match what happened'
    : worst <= 0.15 ? 'Predictions are up to ' + points + ' points off' : 'Predictions are off by '
      + points + ' points in places';

  return html`<${Figure} title=${title}
    unit=${'Observed against predicted, n ' + number(calibration.n ?? rows) + ' held out'}
    sentence=${['Largest difference ' + count(Math.round(worst * 100), 'point') + '.',
      known(calibration.ece) && 'ECE ' + number(calibration.ece, 3)
        + (known(calibration.brier) ? ',' : '.'),
    known(calibration.brier) && 'Brier ' + number(calibration.brier, 3) + '.', model].filter(
      Boolean).join(' ')}
    table=${{ caption: 'Calibration', columns: ['Predicted', 'Observed', 'n'],
      rows: bins.map((bin) => [percent(bin.predicted), percent(bin.observed), number(bin.n)]) }}>
    <${Calibration} bins=${bins}
      label=${'Predicted and observed churn differ by at most ' + points
        + ' points in bins with enough rows.'} /></${Figure}>`;
};

/* ---- The client ---- */

const Facts = ({ client, base }) => {
  const { today } = session.value;
  const trend = (client.trend || []).filter((point) => known(point.health_score));
  const before = trend.findLast?.((point) => daysFrom(today, point.on) <= -30);
  const rate = known(client.base_rate) ? client.base_rate : base;

  return html`<div class="panel-body"><dl class="facts">
    <div><dt>Health</dt><dd>
      ${score(client.health_score)} ${before
        && html`<small>was ${score(before.health_score)} on ${date(before.on)}</small>`}</dd></div>
    <div><dt>Churn in 90 days</dt><dd>
      ${percent(client.churn_probability)} ${known(rate) && html`<small>base ${percent(rate)}
        </small>`}</dd></div>
    <div><dt>At risk</dt><dd>
      ${money(client.revenue_at_risk, client.currency)} ${known(client.monthly_revenue)
        && html`<small>of ${money(client.monthly_revenue, client.currency)} a month</small>`}</dd>
          </div>
    <div><dt>Renewal</dt><dd>
      ${client.renewal_on ? date(client.renewal_on) : 'No date'} ${client.renewal_on
        && html`<small>${distance(today, client.renewal_on)}</small>`}</dd></div></dl></div>`;
};

const Shown = ({ client, summary }) => {
  const base = known(client.base_rate) ? client.base_rate : summary?.base_rate;

  return html`<${Facts} client=${client} base=${base} />
    <div class="split wide-start over-split"><${Why} client=${client} base=${base} />
      <div><${Course} client=${client} /><div class="over-split"><${Survival} client=${client} />
        </div></div></div>
    <${Plan} client=${client} />`;
};

export const Detail = ({ id, summary, onStep, hasPrevious, hasNext }) => {
  const { data, problem, stale, again, at } = useAnswer((signal) =>
    get('/client-health/clients/' + encodeURIComponent(id), null, { signal }), [id]);
  const few = data?.outcome === 'insufficient_data';
  const { mark, word } = levelOf(data?.risk_level);
  const where = data && [data.industry, known(data.sites) && count(data.sites, 'site'),
    known(data.seats) && count(data.seats, 'seat')].filter(Boolean).join(', ');
  const ready = data && !few;

  useEffect(() => {
    if (ready && location.hash === '#plan') {
      document.querySelector('#plan')?.scrollIntoView();
    }
  }, [ready]);

  return html`<article class=${'panel col-7' + (stale ? ' is-stale' : '')} aria-labelledby="client"
    data-client=${id}>
      <div class="panel-head"><h2 id="client" tabindex="-1">${data?.name || 'Client'}</h2>
        ${ready && html`<${Badge} level=${mark}>${word}</${Badge}>`}${stale
          && html`<${StaleBadge} at=${at} />`}
        ${where && html`<span class="note">${where}</span>`}
        <div class="tools">
          ${stale && html`<button class="button compact" type="button"
            onClick=${again}>Reconnect</button>`}
          <button class="icon-button compact" type="button" aria-label="Previous client"
            aria-keyshortcuts="[" disabled=${!hasPrevious} onClick=${() => onStep(-1)}>
              <${Icon} name="prev" /></button>
          <button class="icon-button compact" type="button" aria-label="Next client"
            aria-keyshortcuts="]" disabled=${!hasNext} onClick=${() => onStep(1)}>
              <${Icon} name="next" /></button>
          ${ready && html`<a class="button compact primary" href="#plan">Open plan</a>`}</div></div>
      ${!data ? problem ? problem.status === 404
    ? html`<${State} title="This client is not stored">
      <p>It may have been removed, or the link is of another tenant.</p></${State}>`
    : html`<${Trouble} problem=${problem} what="The client could not be loaded" again=${again} />`
      : html`<${Waits} what="the client" rows=${12} />`
    : few ? html`<${Insufficient} title="Too little is known to score this client"
      insufficient=${data.insufficient} />`
      : html`<${Shown} client=${data} summary=${summary} />`}
    </article>
    ${ready && html`<${WhatIf} client=${data} />
      <section class="panel col-4" aria-label="Calibration of the model">
        <${CalibrationFigure} calibration=${data.calibration}
        model=${data.model_used && 'Model ' + data.model_used
          + (data.model_version ? ' ' + data.model_version : '') + '.'} /></section>`}`;
};
