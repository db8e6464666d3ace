/* The three figures that are asked where no client is stored. */

import { html, useState } from '../../vendor/ui.js';
import { post } from '../api.js';
import { Drivers } from '../chart.js';
import { driversOf } from '../drivers.js';
import { SchemaForm } from '../form.js';
import { chance, known, money, score } from '../format.js';
import { Badge, Insufficient, levelOf, NotAllowed, Panel } from '../parts.js';
import { actionOf, inputOf, may, session } from '../shell.js';

/* The bounds are the server's; what to call them is not. */
const FIGURES = {
  client_id: { type: 'string', title: 'Label', description: 'Any word to know the answer by' },
  ticket_volume: { type: 'number', minimum: 0, title: 'Tickets a month', description: '' },
  resolution_time: { type: 'number', minimum: 0, title: 'Hours to solve one', description: '' },
  satisfaction_score: { type: 'number', minimum: 0, title: 'Satisfaction', description: '' },
};
const NAMES = Object.keys(FIGURES);

const Answer = ({ answer }) => {
  const factors = answer.risk_factors || [];
  const { mark, word } = levelOf(answer.risk_level);

  if (answer.outcome === 'insufficient_data') {
    return html`<${Insufficient} title="Too little history for an answer"
      insufficient=${answer.insufficient} />`;
  }
  return html`<div class="panel-body over-split" data-seed-answer>
    <dl class="facts"><div><dt>Churn in 90 days</dt><dd>${chance(answer.churn_probability)}</dd>
      </div>
      <div><dt>Health</dt><dd>${score(answer.health_score)}
        ${' '}<${Badge} level=${mark}>${word}</${Badge}></dd></div>
      ${known(answer.revenue_at_risk) && html`<div><dt>At risk a month</dt><dd>
        ${money(answer.revenue_at_risk, answer.currency || session.value.msp.currency)}</dd></div>`}
    </dl>
    ${factors.length > 0 && html`<${Drivers} ...${driversOf(factors)}
      sumSub=${'that is ' + chance(answer.churn_probability, 1)} />`}
    ${answer.model_used && html`<p class="small faint">Model ${answer.model_used}${
      answer.model_version && ', version ' + answer.model_version}. Three figures tell less than a
      stored client.</p>`}</div>`;
};

export const ThreeFigures = () => {
  const given = inputOf(actionOf('client_health', 'predict')).properties || {};
  const schema = { properties: Object.fromEntries(NAMES.map((name) =>
    [name, { ...FIGURES[name], ...given[name], title: FIGURES[name].title,
      description: FIGURES[name].description }])) };
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
    kind="col-4 alone screen">
    ${may('client_health', 'predict')
      ? html`<div class="panel-body"><${SchemaForm} id="seed" schema=${schema} only=${NAMES} row
          needed=${NAMES} verb="Estimate churn" busy=${busy} problem=${problem}
          onSubmit=${ask} /></div>`
      : html`<${NotAllowed} verb="ask for an estimate">An estimate runs the model.</${NotAllowed}>`}
    <div role="status">${answer && html`<${Answer} answer=${answer} />`}</div></${Panel}>`;
};
