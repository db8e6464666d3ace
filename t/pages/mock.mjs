/* A server that answers as the contract says, with invented data, so that the
 * pages can be tested where no httpd runs.  `node mock.mjs [port]` serves it. */

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const HTDOCS = fileURLToPath(new URL('../../htdocs/', import.meta.url));
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; "
  + "connect-src 'self'; img-src 'self' data:; font-src 'self'; "
  + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.json': 'application/json',
};
const TODAY = '2026-11-18';
export const USER = { email: 'robin.vale@northgate.example', password: 'correct horse battery' };

const NAMES = ['Harbor Dental Group', 'Pinecrest Hotels', 'Quillon Manufacturing',
  'Marlow County Schools', 'Alder & Pike LLP',
  'Juniper Freight', 'Coldwater Brewing', 'Tessel Architects', 'Saltmarsh Credit Union',
    'Orchard Pediatrics', 'Larkspur Senior Living',
  'Bluefin Marine Supply', 'Redwood Title', 'Fenwick Labs', 'Granite Peak Outfitters',
    'Ashdown Vets', 'Birchway Legal', 'Cobalt Printing',
  'Dovetail Joinery', 'Elmhurst Clinic', 'Foxglove Florists', 'Gorse Hill Academy',
    'Heron Logistics', 'Ivory Coast Imports', 'Jetty Seafoods',
  'Kestrel Aviation', 'Lantern Hospice', 'Mosswood Estates', 'Nimbus Travel', 'Oakhurst Theatre',
    'Pebble Beach Spa', 'Quarry Stone Works',
  'Rowan Nurseries', 'Silver Birch Care', 'Thistle Brewery', 'Umber Ceramics', 'Vesper Opticians',
    'Willow Bank Dental', 'Yarrow Foods',
  '=Zephyr Sails', 'Amber Cycles', 'Beacon Insurance'];
const INDUSTRIES = ['Dental', 'Hospitality', 'Manufacturing', 'Education', 'Legal', 'Freight',
  'Food', 'Architecture', 'Finance', 'Health'];

/* The same numbers on every run. */
function dice(seed) {
  let state = seed;

  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

const roll = dice(42);
const round = (value, digits = 4) => Number(value.toFixed(digits));
const logOdds = (p) => Math.log(p / (1 - p));
const chance = (z) => 1 / (1 + Math.exp(-z));
const dayBefore = (days) => new Date(Date.parse(TODAY) - days * 86400000).toISOString().slice(0,
  10);
const BASE = 0.09;

const FEATURES = [
  ['satisfaction', (r) => round(0.6 + 0.38 * r, 2), (v) =>
    `Satisfaction ${Math.round(v * 100)}%, was 88% in August`, (v) => (0.86 - v) * 6],
  ['p1_breaches_60d', (r) => Math.floor(3 * r),
    (v) => (v ? `${v} P1 tickets breached, in 60 days` : 'No P1 ticket breached, in 60 days'),
      (v) => v * 0.42 - 0.2],
  ['months_since_review', (r) => Math.floor(9 * r), (v) => `Review meeting, ${v} months ago`,
    (v) => (v - 3) * 0.14],
  ['days_to_renewal', (r) => Math.floor(300 * r) + 9, (v) => `Renewal in ${v} days, no reply yet`,
    (v) => (120 - v) / 300],
  ['median_ticket_age_h', (r) => round(4 + 30 * r, 1), (v) => `Tickets wait ${v} h, at the median`,
    (v) => (v - 12) / 40],
  ['tenure_years', (r) => round(0.5 + 9 * r, 1), (v) => `Client for ${v} years`,
    (v) => (3 - v) * 0.06],
  ['days_paid_early', (r) => Math.floor(12 * r) - 6, (v) =>
    `Pays ${v < 0 ? -v + ' days late' : v + ' days early'}, at the median`, (v) => -v * 0.04],
  ['tickets_per_seat', (r) => round(0.1 + r, 2), (v) => `${v} tickets a seat, a month`,
    (v) => (v - 0.5) * 0.3],
  ['seats_change', (r) => Math.floor(10 * r) - 5, (v) =>
    `Seats changed by ${v < 0 ? '−' + -v : v}`, (v) => -v * 0.03],
  ['backup_failures', (r) => Math.floor(4 * r), (v) => `${v} failed backups, in 30 days`,
    (v) => (v - 1) * 0.05],
  ['patch_share', (r) => round(0.7 + 0.3 * r, 2), (v) => `Patched ${Math.round(v * 100)}%`,
    (v) => (0.9 - v) * 0.5],
];

function factorsOf(inputs) {
  const factors = FEATURES.map(([feature, , words, weigh]) => {
    const contribution = round(weigh(inputs[feature]));

    return { feature, value: inputs[feature], contribution, direction: contribution < 0 ? 'down'
      : 'up', words: words(inputs[feature]) };
  });

  factors.push({ feature: 'base_rate', value: BASE, contribution: round(logOdds(BASE)),
    direction: 'down', words: 'Usual client' });
  return factors;
}

const levelOf = (p) => (p >= 0.5 ? 'Critical' : p >= 0.3 ? 'High' : p >= 0.15 ? 'Medium' : 'Low');
const healthOf = (p) => round(1 - Math.sqrt(p) * 0.74, 3);

function scored(inputs) {
  const risk_factors = factorsOf(inputs);
  const p = chance(risk_factors.reduce((sum, factor) => sum + factor.contribution, 0));

  return { risk_factors, churn_probability: round(p), health_score: healthOf(p),
    risk_level: levelOf(p) };
}

const CLIENTS = NAMES.map((name, i) => {
  const inputs = Object.fromEntries(FEATURES.map(([feature, make]) => [feature, make(roll())]));

  if (i === 0) {
    Object.assign(inputs,
      { satisfaction: 0.71, p1_breaches_60d: 2, months_since_review: 7, days_to_renewal: 13,
        median_ticket_age_h: 26, tenure_years: 4.2 });
  }
  const { risk_factors, ...result } = scored(inputs);
  const monthly = Math.round(1200 + roll() * 9000);
  const slope = (roll() - 0.4) * 0.2;
  const trend = Array.from({ length: 14 }, (_, n) => ({
    on: dayBefore((13 - n) * 7),
    health_score: round(Math.min(0.99,
      Math.max(0.05, result.health_score + slope * (13 - n) / 13 + (n === 13 ? 0
        : (roll() - 0.5) * 0.03))), 3),
  }));

  return {
    inputs,
    client_id: `5f0c0000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
    name, industry: INDUSTRIES[i % INDUSTRIES.length], seats: 12 + Math.floor(roll() * 90),
      sites: 1 + Math.floor(roll() * 5),
    since: dayBefore(Math.round(inputs.tenure_years * 365)), ...result,
    monthly_revenue: monthly, revenue_at_risk: Math.round(monthly * result.churn_probability),
      currency: 'USD',
    renewal_on: i % 11 === 7 ? null : dayBefore(-inputs.days_to_renewal), trend,
      health_score_30d_ago: trend[8].health_score,
  };
});

const CALIBRATION = {
  n: 1672, ece: 0.02, brier: 0.071,
  bins: [[0.05, 0.05, 612], [0.15, 0.13, 410], [0.25, 0.27, 260], [0.35, 0.33, 171],
    [0.45, 0.47, 96], [0.55, 0.53, 60], [0.65, 0.68, 41], [0.75, 0.72, 22]]
    .map(([predicted, observed, n]) => ({ predicted, observed, n })),
};
const MODEL = { name: 'client-churn', version: 7, algorithm: 'logistic', rows: 8360,
  positives: 752, auc_cv: 0.868, auc_holdout: 0.861, brier: 0.071, ece: 0.02,
    trained_at: '2026-11-16T02:10:00Z' };

function listed({ inputs, sites, ...client }) {
  return client;
}

function summaryOf() {
  const sum = (key) => CLIENTS.reduce((total, client) => total + client[key], 0);
  const top = [...CLIENTS].sort((a, b) => b.revenue_at_risk - a.revenue_at_risk).slice(0, 10);
  const fallen = [...CLIENTS].sort((a,
    b) => (a.health_score - a.health_score_30d_ago) - (b.health_score - b.health_score_30d_ago))[0];

  return {
    clients: CLIENTS.length, revenue_at_risk: sum('revenue_at_risk'),
      monthly_revenue: sum('monthly_revenue'),
    mean_health_score: round(sum('health_score') / CLIENTS.length), base_rate: BASE,
    top10_share: round(top.reduce((total, client) => total + client.revenue_at_risk,
      0) / sum('revenue_at_risk')),
    biggest_fall: { client_id: fallen.client_id, name: fallen.name,
      from: fallen.health_score_30d_ago, to: fallen.health_score },
  };
}

const answered = (outcome = 'ok') => ({
  result_id: '7b1e0000-0000-4000-8000-000000000001', outcome,
    engine: { name: 'mesh-logistic', version: '1', provider: 'local' },
  timestamp: new Date().toISOString(), meta: { duration_ms: 6 },
});

const WHAT_IF = {
  satisfaction: { type: 'number', minimum: 0.5, maximum: 1, title: 'Satisfaction' },
  median_ticket_age_h: { type: 'number', minimum: 2, maximum: 48, title: 'Median ticket age' },
  months_since_review: { type: 'integer', minimum: 0, maximum: 12, title: 'Months since review' },
  p1_breaches_60d: { type: 'integer', minimum: 0, maximum: 6, title: 'P1 breaches in 60 days' },
  tickets_per_seat: { type: 'number', minimum: 0, maximum: 3, title: 'Tickets a seat, a month' },
};

function prediction(client, inputs = client.inputs) {
  const result = scored(inputs);
  const p = result.churn_probability;
  const at = Math.round(client.monthly_revenue * p);

  return {
    ...answered(), client_id: client.client_id, ...result, churn_risk: p, priority: p >= 0.5 ? 1
      : p >= 0.3 ? 2 : p >= 0.15 ? 3 : 4, confidence: 0.9,
    model_used: MODEL.name, model_version: MODEL.version, revenue_at_risk: at,
    predictions: { days_to_potential_churn: p >= 0.5 ? 90 : null,
      estimated_monthly_value: client.monthly_revenue, revenue_at_risk: at,
        retention_probability: round(1 - p) },
    recommendations: ['Hold the review meeting'],
      interventions: { recommended: ['review'], estimated_success_rate: null },
    intervention_plan: [
      { step: 1, rule: 'p1_breaches', condition: 'two P1 breaches in 60 days',
        action: 'Owner calls the client with the P1 review', due_on: TODAY,
          effect_log_odds: -0.71 },
      { step: 2, rule: 'low_satisfaction', condition: 'satisfaction under 75%',
        action: 'Put one named technician on the account', due_on: dayBefore(-2),
          effect_log_odds: -0.4 },
      { step: 3, rule: 'no_review', condition: 'no meeting for 6 months',
        action: 'Hold the review meeting skipped in April', due_on: dayBefore(-6),
          effect_log_odds: -0.58 },
      { step: 4, rule: 'renewal_near', condition: 'renewal within 30 days, risk high',
        action: 'Send renewal with a 90-day exit clause', due_on: dayBefore(-7),
          effect_log_odds: null },
    ].slice(0, p >= 0.3 ? 4 : p >= 0.15 ? 2 : 0),
    survival: [0, 30, 60, 90, 120, 180, 270, 360].map(
      (day) => ({ day, p: round((1 - p) ** (day / 90)) })),
    calibration: CALIBRATION, factors: inputs,
    inputs: Object.entries(WHAT_IF).map(([name, { title, minimum, maximum }]) =>
      ({ name, label: title, value: client.inputs[name], min: minimum, max: maximum })),
      feature_importance: Object.fromEntries(FEATURES.map(([feature], i) =>
        [feature, round(0.4 / (i + 1), 3)])),
  };
}

const action = (name, method, path, summary, right, properties = {}, required = []) =>
  ({ name, method, path: '/api/client-health' + path, summary, right,
    input: { type: 'object', properties, required }, output: { type: 'object' } });

const AGENTS = [{
  key: 'client_health', name: 'client-health', title: 'Client health',
    summary: 'Says which clients may leave, why, and what to do.',
  route: '/client-health', page: 'client-health.html',
  actions: [
    action('clients', 'GET', '/clients', 'List clients by what they put at risk', 'read', {
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 15 },
        offset: { type: 'integer', minimum: 0, default: 0 },
      sort: { type: 'string', enum: ['-revenue_at_risk', 'name', 'health_score'] },
        q: { type: 'string', maxLength: 100 } }),
    action('client', 'GET', '/clients/{client_id}', 'One client with its drivers', 'read'),
    action('predict', 'POST', '/predict', 'Predict churn of a client, of three figures or of rows',
      'run', {
      client_id: { type: 'string', title: 'Client or label', maxLength: 100 },
      ticket_volume: { type: 'number', minimum: 0, maximum: 10000, title: 'Tickets a month' },
      resolution_time: { type: 'number', minimum: 0, maximum: 1000, title: 'Hours to resolve' },
      satisfaction_score: { type: 'number', minimum: 0, maximum: 5, title: 'Satisfaction',
        description: 'Mean of the answers' },
      what_if: { type: 'object', properties: WHAT_IF },
        rows: { type: 'array', items: { type: 'object' } } }),
    action('train', 'POST', '/train', 'Train a model on a table', 'manage', {
      model: { type: 'string', maxLength: 40 }, target: { type: 'string' }, csv: { type: 'string' },
      algorithm: { type: 'string', enum: ['auto', 'logistic', 'boosted'], default: 'auto' },
        folds: { type: 'integer', minimum: 2, maximum: 10, default: 5 } }, ['model', 'target']),
    action('models', 'GET', '/models', 'List the models', 'read'),
  ],
  settings: [{ name: 'critical_from', value: 0.5,
    help: 'Churn probability from which a client is critical' },
      { name: 'high_from', value: 0.3, help: 'Churn probability from which a client is at risk' }],
}];

const SORTS = ['name', 'health_score', 'churn_probability', 'revenue_at_risk', 'renewal_on'];

/* One world for each server, so that tests cannot disturb each other. */
function world() {
  const started = Date.now();
  const models = new Map(
    [[MODEL.name, { ...MODEL, state: 'ready', target: 'left', positive: '1', lift10: 4.1,
      features: FEATURES.map(([name],
        i) => ({ name, kind: 'number', weight: round(0.9 / (i + 1), 3) })), leak_warnings: [],
          calibration: CALIBRATION, created_at: MODEL.trained_at }]]);
  const jobs = new Map();
  let count = 0;

  const jobOf = (job) => {
    const { ready, begun, ...row } = job;
    const share = Math.min(1, (Date.now() - begun) / 2500);

    if (share >= 1 && job.state !== 'done') {
      job.state = row.state = 'done';
      job.ended_at = row.ended_at = new Date().toISOString();
      ready();
    }
    return { ...row, state: job.state === 'done' ? 'done' : share < 0.15 ? 'queued' : 'running',
      progress: round(job.state === 'done' ? 1 : share, 2), result: null, problem: null };
  };
  const problem = (status, code, title, detail, errors = []) => ({
    status,
    type: 'application/problem+json',
    body: { type: 'about:blank', title, status, detail, code, request_id: '7f3a19c2', errors,
      error: { code, message: detail, details: {} } },
  });
  const ok = (body, status = 200, headers = {}) => ({ status, body, headers });

  const session = () => ({
    user: { id: 'a1', name: 'Robin Vale', email: USER.email, role: 'admin' },
    msp: { id: 'm1', name: 'Northgate IT Services', currency: 'USD',
      time_zone: 'America/Chicago' }, today: TODAY, expires_at: '2026-11-19T10:00:00Z',
  });

  function list(search) {
    const sort = search.get('sort') || '-revenue_at_risk';
    const key = sort.replace(/^-/, '');
    const way = sort.startsWith('-') ? -1 : 1;
    const q = (search.get('q') || '').toLowerCase();
    const limit = Number(search.get('limit') || 15);
    const offset = Number(search.get('offset') || 0);

    if (!SORTS.includes(key)) {
      return problem(400, 'invalid', 'The request is not valid', 'sort must be one of '
        + SORTS.join(', '), [{ pointer: '/sort', detail: 'unknown sort' }]);
    }
    const rows = CLIENTS.filter((client) => client.name.toLowerCase().includes(q)).sort((a, b) =>
      (a[key] === null) - (b[key] === null)
        || (a[key] < b[key] ? -way : a[key] > b[key] ? way : 0));

    return ok({ ...answered(), clients: rows.slice(offset, offset + limit).map(listed),
      total: rows.length, summary: summaryOf(), model: MODEL, as_of: TODAY });
  }

  function predict(body) {
    if (body.model) {
      if (!models.has(body.model)) {
        return problem(404, 'not_found', 'Unknown model', 'There is no model ' + body.model + '.');
      }
      return ok({ ...answered(), results: (body.rows || []).map((row, i) => {
        const p = 0.08 + ((i * 37) % 60) / 100;

        return { id: row.id ?? row.customerID ?? null, churn_probability: p,
          health_score: healthOf(p), risk_level: levelOf(p),
          risk_factors: [{ feature: 'base_rate', value: BASE, contribution: round(logOdds(BASE)),
            direction: 'down', words: 'Usual' },
              { feature: 'tickets', value: 3, contribution: round(logOdds(p) - logOdds(BASE)),
                direction: 'up', words: 'Tickets 3' }] };
      }) });
    }
    if (body.ticket_volume !== undefined) {
      if (body.satisfaction_score > 5) {
        return problem(422, 'invalid', 'The request is not valid',
          'satisfaction_score must be at most 5',
            [{ pointer: '/satisfaction_score', detail: 'Give 0 to 5.' }]);
      }
      const parts = [['ticket_volume', (body.ticket_volume - 40) / 60, 'Tickets a month '
        + body.ticket_volume],
          ['resolution_time', (body.resolution_time - 8) / 12, 'Hours to resolve '
            + body.resolution_time],
              ['satisfaction_score', (4 - body.satisfaction_score) * 1.1, 'Satisfaction '
                + body.satisfaction_score], ['base_rate', logOdds(BASE), 'Usual client']];
      const p = chance(parts.reduce((sum, [, contribution]) => sum + contribution, 0));

      return ok({ ...answered(), client_id: body.client_id, churn_probability: round(p, 6),
        health_score: healthOf(p), risk_level: levelOf(p), revenue_at_risk: null,
          model_used: 'three-figures', model_version: 2,
        risk_factors: parts.map(
          ([feature, contribution, words]) => ({ feature, value: body[feature] ?? BASE,
            contribution: round(contribution), direction: contribution < 0 ? 'down' : 'up',
              words })), survival: [], intervention_plan: [], calibration: CALIBRATION });
    }
    const client = CLIENTS.find(({ client_id }) => client_id === body.client_id);

    return client ? ok(prediction(client, { ...client.inputs, ...body.what_if }))
      : problem(404, 'not_found', 'Unknown client', 'There is no client ' + body.client_id + '.');
  }

  function train(body) {
    const name = body.model || 'client-churn';
    const job_id = `30b00000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
    const rows = body.csv ? body.csv.trim().split('\n').length - 1 : 8360;

    if (body.csv && !body.target) {
      return problem(422, 'invalid', 'The request is not valid', 'target is missing',
        [{ pointer: '/target', detail: 'Name the column.' }]);
    }
    jobs.set(job_id, {
      job_id, agent: 'client_health', action: 'train', state: 'queued', begun: Date.now(),
        created_at: new Date().toISOString(), started_at: new Date().toISOString(), ended_at: null,
      ready: () => models.set(name,
        { ...MODEL, name, version: 1, state: 'ready', algorithm: 'boosted', target: body.target,
          positive: body.positive, rows, positives: Math.round(rows / 4), lift10: 3.2,
        features: [{ name: 'tickets', kind: 'number', weight: 0.61 },
          { name: 'contract', kind: 'category', weight: -0.4 },
            { name: 'tenure', kind: 'number', weight: -0.22 }],
        leak_warnings: [{ column: 'closed_on', auc: 0.998, dropped: true }],
          calibration: CALIBRATION, trained_at: new Date().toISOString(), created_at: new Date()
            .toISOString() }),
    });
    models.set(name, { ...(models.get(name) || { name, version: 1 }), state: 'training' });
    return ok({ ...answered('queued'), job_id, model: name, version: 1, state: 'training',
      ignored: [] }, 202, { Location: '/api/jobs/' + job_id });
  }

  function events(search) {
    const n = 6 + Math.floor((Date.now() - started) / 4000);
    const from = Number(search.get('after') || 0);
    const rows = [];

    for (let i = n; i > Math.max(from, n - Number(search.get('limit') || 20)); i--) {
      const client = CLIENTS[i % CLIENTS.length];

      rows.push({ id: 'e' + i, type: 'client.health.scored', source: '/mspmesh/client-health',
        subject: client.client_id, client_id: client.client_id,
          time: new Date(started - (6 - i) * 4000)
          .toISOString(), data: { health_score: client.health_score,
          churn_probability: client.churn_probability }, cursor: String(i) });
    }
    return ok({ events: rows, next_cursor: String(n) });
  }

  return function answer(method, path, search, body, cookie) {
    const signed = /(^|; )mesh_session=yes/.test(cookie || '');

    if (path === '/session') {
      if (method === 'DELETE') {
        return { status: 204,
          headers: { 'Set-Cookie': 'mesh_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0' } };
      }
      if (method === 'POST') {
        return body.email === USER.email && body.password === USER.password
          ? ok(session(), 200, { 'Set-Cookie': 'mesh_session=yes; Path=/; HttpOnly; SameSite=Lax' })
          : problem(401, 'bad_credentials', 'Not signed in',
            'The e-mail or the password is wrong.');
      }
      return signed ? ok(session()) : problem(401, 'unauthenticated', 'Not signed in',
        'Sign in first.');
    }
    if (!signed) {
      return problem(401, 'unauthenticated', 'Not signed in', 'Sign in first.');
    }
    if (path === '/agents') {
      return ok({ total: AGENTS.length, agents: AGENTS });
    }
    if (path === '/agents/status') {
      return ok({ agents: { client_health: { status: 'active', health_score: 1, model_loaded: true,
        last_activity: new Date().toISOString(), title: 'Client health',
          page: 'client-health.html', runs_today: 96, duration_ms_p50: 6, duration_ms_p95: 18,
            errors_total: 0, requests_total: 1204 } }, total_agents: 1, active_agents: 1,
              status_time: new Date().toISOString() });
    }
    if (path === '/events') {
      return events(search);
    }
    if (path === '/jobs') {
      return ok({ jobs: [...jobs.values()].reverse().map(jobOf), total: jobs.size });
    }
    const [, job] = path.match(/^\/jobs\/([^/]+)$/) || [];

    if (job) {
      return jobs.has(job) ? ok(jobOf(jobs.get(job))) : problem(404, 'not_found', 'Unknown job',
        'There is no such job.');
    }
    if (path === '/client-health/clients') {
      return list(search);
    }
    const [, id] = path.match(/^\/client-health\/clients\/([^/]+)$/) || [];

    if (id) {
      const client = CLIENTS.find(({ client_id }) => client_id === id);
      const { inputs, ...facts } = client || {};

      return client ? ok({ ...facts, ...prediction(client), base_rate: BASE, tickets: [] })
        : problem(404, 'not_found', 'Unknown client', 'There is no such client.');
    }
    if (path === '/client-health/predict' && method === 'POST') {
      return predict(body);
    }
    if (path === '/client-health/train' && method === 'POST') {
      return train(body);
    }
    if (path === '/client-health/models') {
      return ok({ models: [...models.values()], total: models.size });
    }
    const [, model] = path.match(/^\/client-health\/models\/([^/]+)$/) || [];

    if (model) {
      for (const one of jobs.values()) {
        jobOf(one);
      }
      return models.has(model) ? ok({ ...answered(), ...models.get(model) }) : problem(404,
        'not_found', 'Unknown model', 'There is no such model.');
    }
    return problem(404, 'not_found', 'Not found', 'There is nothing at ' + path + '.');
  };
}

async function file(path, response) {
  const name = normalize(path === '/' ? '/index.html' : decodeURIComponent(path));

  try {
    if (name.includes('..')) {
      throw new Error('outside');
    }
    const bytes = await readFile(join(HTDOCS, name));

    response.writeHead(200,
      { 'Content-Type': TYPES[extname(name)] || 'application/octet-stream',
        'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'no-cache' });
    response.end(bytes);
  }
  catch {
    response.writeHead(404, { 'Content-Type': 'text/plain', 'Content-Security-Policy': CSP });
    response.end('Not found\n');
  }
}

export async function startMock(port = 0) {
  const answer = world();
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    let text = '';

    for await (const part of request) {
      text += part;
    }
    if (!pathname.startsWith('/api/')) {
      await file(pathname, response);
      return;
    }
    const { status, body, headers = {}, type = 'application/json' } = answer(request.method,
      pathname.slice(4), searchParams, text ? JSON.parse(text) : {}, request.headers.cookie);

    response.writeHead(status,
      { 'Content-Type': type, 'Content-Security-Policy': CSP, ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });

  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return { url: 'http://127.0.0.1:' + server.address().port, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMock(Number(process.argv[2] || 8099));

  process.stdout.write(`${url} as ${USER.email}, ${USER.password}\n`);
}
