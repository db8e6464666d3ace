/* What if: the same model, asked with some of a client's figures changed. */

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/ui.js';
import { post } from '../api.js';
import { strongest } from '../drivers.js';
import {
  chance, count, known, money, number, percent, score, signed, signedPercent, words,
} from '../format.js';
import { Icon, NotAllowed, Panel, State, useSettled } from '../parts.js';
import { may } from '../shell.js';

const MOST = 5;
const FIXED = ['tenure_months'];        /* nobody can change these */

/* ---- Sliders ---- */

/* The first round number that is not below VALUE. */
function round(value) {
  const unit = 10 ** Math.floor(Math.log10(value));

  return unit * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((n) => n * unit >= value - 1e-9);
}

const upTo = (least) => (value) => [0, round(Math.max(2 * value, least))];
const around = (most) => (value) => [Math.min(-most, value), Math.max(most, value)];

const isShare = ({ name, min, max }) => /_share_/.test(name) || (min >= 0 && max === 1);

/* How a figure is moved and said, told by its name. */
const KINDS = [
  { fits: isShare, step: () => 0.01, span: () => [0, 1], text: (v) => percent(v) },
  { fits: ({ name }) => /over_included|(seats|revenue)_change/.test(name), step: () => 0.01,
    span: around(0.5),
    text: signedPercent },
  { fits: ({ name }) => /satisfaction_change/.test(name), step: () => 0.1, span: around(3),
    text: (v) => signed(v, 1) },
  { fits: ({ name }) => /satisfaction/.test(name), step: () => 0.1, span: () => [1, 10],
    text: (v) => number(v, 1) + ' of 10' },
  { fits: ({ name }) => /hours/.test(name), step: (most) => (most > 50 ? 1 : 0.5), span: upTo(24),
    text: (v) => number(v, v < 10 ? 1 : 0) + ' h' },
  { fits: ({ name }) => /per_seat/.test(name), step: () => 0.01, span: upTo(1), text: (v) =>
    number(v, 2) },
  { fits: ({ name }) => /months/.test(name), step: () => 1, span: upTo(24), text: (v) =>
    count(Math.round(v), 'month') },
  { fits: ({ name }) => /^days|_days/.test(name), step: () => 1, span: upTo(30),
    text: (v) => count(Math.round(v), 'day') },
  { fits: () => true, step: () => 1, span: upTo(10), text: (v) => number(v) },
];

/* The inputs of a client, those that weigh most first. */
export function slidersOf(client) {
  const order = strongest(client.risk_factors).map((factor) => factor.feature)
    .filter((name) => !FIXED.includes(name));
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);

  return (client.inputs || []).filter((input) => known(input.value)).map((input) => {
    const { name, value } = input;
    const { span, step, text } = KINDS.find(({ fits }) => fits(input));
    const [low, high] = span(value);
    const min = Math.max(Math.min(low, value), input.min ?? low);
    const max = Math.min(Math.max(high, value), input.max ?? high);

    return { name, value, text, min, max, step: step(max), label: input.label || words(name) };
  }).sort((a, b) => place(a.name) - place(b.name));
}

const Slider = ({ slider, value, onMove }) => {
  const { name, label, min, max, step, text } = slider;
  const now = value ?? slider.value;

  return html`<label class="slider"><span>${label}</span>
    <output>${text(now)}${value !== undefined && text(value) !== text(slider.value)
      && html` <small>was ${text(slider.value)}</small>`}</output>
    <input type="range" name=${name} min=${min} max=${max} step=${step} value=${now}
      aria-valuetext=${text(now)} onInput=${(event) => onMove(Number(event.currentTarget.value))} />
  </label>`;
};

/* ---- The answer ---- */

const Outcome = ({ client, answer, waiting, problem }) => {
  const now = answer || client;
  const change = now.revenue_at_risk - client.revenue_at_risk;
  const before = (text) => html`<small>${answer ? 'was ' + text : 'as it is'}</small>`;

  return html`<div role="status" aria-busy=${waiting ? 'true' : 'false'} data-whatif>
    ${problem ? html`<p class="banner critical">${problem.detail || problem.message}
      ${' '}The figures of this client stand.</p>` : html`<dl class="facts even small">
    <div><dt>Churn in 90 days</dt><dd>${chance(now.churn_probability)}
      ${' '}${before(chance(client.churn_probability))}</dd></div>
    <div><dt>Health</dt><dd>${score(now.health_score)}
      ${' '}${before(score(client.health_score))}</dd></div>
    ${known(client.revenue_at_risk) && html`<div><dt>At risk a month</dt>
      <dd>${money(now.revenue_at_risk, client.currency)}
      ${' '}${before(money(client.revenue_at_risk, client.currency))}
      ${answer && change !== 0 && html` <small>${change > 0 ? '+' : ''}${
        money(change, client.currency)} a month</small>`}</dd></div>`}</dl>`}</div>`;
};

export const WhatIf = ({ client }) => {
  const sliders = useMemo(() => slidersOf(client), [client]);
  const [moved, setMoved] = useState({});
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [all, setAll] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const settled = useSettled(moved, 250);
  const first = useRef(true);

  useEffect(() => {
    setProblem(null);
    if (first.current || !Object.keys(settled).length) {
      first.current = false;
      setAnswer(null);
      setWaiting(false);
      return undefined;
    }
    const stop = new AbortController();

    setWaiting(true);
    post('/client-health/predict', { client_id: client.client_id, what_if: settled },
      { headers: { Prefer: 'persist=none' }, signal: stop.signal }).then((came) => {
      setAnswer(came);
      setWaiting(false);
    }, (reason) => {
      if (!stop.signal.aborted) {
        setProblem(reason);
        setWaiting(false);
      }
    });
    return () => stop.abort();
  }, [settled]);

  const shown = sliders.slice(0, all ? sliders.length : MOST);
  const content = () => {
    if (!may('client_health', 'predict')) {
      return html`<${NotAllowed}
        verb="ask what if">Trying other figures runs the model.</${NotAllowed}>`;
    }
    if (!sliders.length) {
      return html`<${State} title="Nothing to move">
        <p>None of this client’s figures is a number the model can try.</p></${State}>`;
    }
    return html`<div class="panel-body form">
      ${shown.map((slider) => html`<${Slider} key=${slider.name} slider=${slider}
        value=${moved[slider.name]}
        onMove=${(value) => setMoved({ ...moved, [slider.name]: value })} />`)}
      <div class="button-row">
        ${sliders.length > MOST && html`<button class="button compact" type="button"
          aria-expanded=${all ? 'true' : 'false'} onClick=${() => setAll(!all)}>${all
            ? 'Fewer figures' : count(sliders.length - MOST, 'more figure')}</button>`}
        <button class="button compact" type="button" disabled=${!Object.keys(moved).length}
          onClick=${() => setMoved({})}><${Icon} name="reset" />Reset</button></div>
      <${Outcome} client=${client} answer=${answer} problem=${problem}
        waiting=${waiting || moved !== settled} />
      <p class="small faint">What the model says of such a client. It does not prove a cause.</p>
    </div>`;
  };

  return html`<${Panel} id="whatif" title="What if" note="Same model, changed figures"
    kind="col-4 screen">
    ${content()}</${Panel}>`;
};
