/* Today: clients to see first, what just happened, how the agents run, and
 * the catalogue of everything they can be asked. */

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/ui.js';
import { get, poll, post, call } from '../api.js';
import {
  clock, count, date, distance, known, moment, money, number, percent, score,
  spelled, time, weekday, words,
} from '../format.js';
import { SchemaForm } from '../form.js';
import {
  Badge, Dialog, Insufficient, levelOf, Mark, Panel, StaleBadge, State, Trouble,
  useAnswer, Waits,
} from '../parts.js';
import { agents, hasAgent, session, start } from '../shell.js';
import { CsvButton } from '../table.js';

const STATES = {
  active: ['good', 'Good'], idle: ['off', 'Idle'], degraded: ['watch', 'Watch'],
};

/* Ask now and then; {data, problem, at, again} as useAnswer gives it. */
function useLive(ask, pace) {
  const [state, setState] = useState({ data: null, problem: null, at: null });
  const [turn, setTurn] = useState(0);

  useEffect(() => poll(async (signal) => {
    try {
      const data = await ask(signal);

      setState({ data, problem: null, at: new Date() });
    }
    catch (problem) {
      if (!signal.aborted) {
        setState((old) => ({ ...old, problem }));
        throw problem;
      }
    }
  }, pace), [turn]);
  return { ...state, stale: Boolean(state.problem && state.data), again: () =>
    setTurn((n) => n + 1) };
}

/* ---- Key figures ---- */

const Tile = ({ href, name, value, note }) => html`
  <a class="kpi" href=${href}><span class="kpi-name">${name}</span><span class="kpi-value">${value}
    </span>
    <span class="kpi-note">${note}</span></a>`;

const Figures = ({ health }) => {
  const { summary } = health.data || {};

  if (!health.data) {
    return health.problem ? null
      : html`<section class="kpis four" aria-label="Key figures" aria-busy="true">
      ${[1, 2, 3, 4].map(() => html`<div class="kpi"><span class="kpi-name">Loading</span>
        <span class="wait w-3 kpi-wait"></span></div>`)}</section>`;
  }
  if (!summary) {
    return null;
  }
  const cash = (value) => (known(value) ? money(value, session.value.msp.currency) : 'No data');
  const fall = summary.biggest_fall;

  return html`<section class="kpis four" aria-label="Key figures">
    <${Tile} href="client-health.html?sort=name" name="Agreements a month"
      value=${cash(summary.monthly_revenue)} note=${count(summary.clients, 'client')} />
    <${Tile} href="client-health.html" name="Revenue at risk a month"
      value=${cash(summary.revenue_at_risk)}
      note=${known(summary.top10_share) ? percent(summary.top10_share) + ' with ten clients'
        : 'agreement × probability'} />
    <${Tile} href="client-health.html?sort=health_score" name="Health, mean"
      value=${known(summary.mean_health_score) ? score(summary.mean_health_score) : 'No data'}
      note=${fall ? html`<b class="critical">${fall.name}
        </b> ${score(fall.from)} to ${score(fall.to)}` : '0 to 100'} />
    <${Tile} href="client-health.html?sort=-churn_probability" name="Usual churn in 90 days"
      value=${known(summary.base_rate) ? percent(summary.base_rate) : 'No data'}
      note="base rate of the model" />
  </section>`;
};

/* ---- Work queue ---- */

const queueColumns = [
  { key: 'name', label: 'Client' }, { key: 'risk_level', label: 'Risk' },
  { key: 'health_score', label: 'Health' },
    { key: 'churn_probability', label: 'Churn probability' },
  { key: 'revenue_at_risk', label: 'At risk a month' }, { key: 'currency', label: 'Currency' },
  { key: 'renewal_on', label: 'Renewal' },
];

const Action = ({ client, base, first }) => {
  const { mark, word } = levelOf(client.risk_level);
  const { today } = session.value;
  const before = known(client.health_score_30d_ago)
    && score(client.health_score_30d_ago) !== score(client.health_score)
    ? ', was ' + score(client.health_score_30d_ago) + ' 30 days ago' : '';

  return html`<li class="action" data-client=${client.client_id}>
    <${Mark} level=${mark} word=${word} />
    <div><h3>Review ${client.name}</h3><p class="why">Churn probability <b>
      ${percent(client.churn_probability)}</b>${known(base)
      && ', usual ' + percent(base)}. Health <b>${score(client.health_score)}</b>${before}.</p>
        </div>
    <p class="worth"><b>${money(client.revenue_at_risk, client.currency)} a month</b>
      <span>agreement × probability ${number(client.churn_probability, 2)}</span></p>
    <div class="act"><div class="do">
      <a class=${'button compact' + (first ? ' primary' : '')}
        aria-label=${'Open plan of ' + client.name}
      href=${'client-health.html?client=' + encodeURIComponent(client.client_id)
        + '#plan'}>Open plan</a></div>
      <span class="due">${client.renewal_on ? 'Renews ' + distance(today, client.renewal_on)
        : 'No renewal date'}</span></div>
  </li>`;
};

const Queue = ({ health }) => {
  const { data, problem, stale, again, at } = health;
  const scored = (data?.clients || []).filter((client) => known(client.revenue_at_risk));
  const body = () => {
    if (!hasAgent('client_health')) {
      return html`<${State} title="No agent ranks work yet">
        <p>The queue fills when the client health agent is loaded.</p></${State}>`;
    }
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem} what="The queue could not be made"
        again=${again} />`
        : html`<${Waits} what="the work queue" rows=${9} />`;
    }
    if (data.outcome === 'insufficient_data') {
      return html`<${Insufficient} title="Too little history to rank clients"
        insufficient=${data.insufficient}
        actions=${html`<a class="button"
          href="client-health.html#train">See what is needed</a>`} />`;
    }
    if (!scored.length) {
      return html`<${State} title="No client is at risk"><p>
        ${data.total ? count(data.total, 'client') + ' are scored; none carries revenue at risk.'
        : 'No clients are stored. Import them to see who needs you first.'}</p></${State}>`;
    }
    return html`<ol class="queue">
      ${scored.map((client, i) =>
        html`<${Action} key=${client.client_id} client=${client} base=${data.summary?.base_rate}
          first=${i === 0} />`)}</ol>
      <div class="panel-foot"><span>
        ${number(scored.length)} of ${count(data.total, 'client')}, by revenue at risk.</span>
          </div>`;
  };

  return html`<${Panel} id="queue" title="Work queue" kind=${'col-8' + (stale ? ' is-stale' : '')}
    note="Ranked by revenue at risk"
    badge=${stale && html`<${StaleBadge} at=${at} />`}
    tools=${data && data.total > 0
      && html`<a class="small" href="client-health.html">All ${count(data.total, 'client')}</a>`}>
        ${body()}</${Panel}>`;
};

/* ---- Live ---- */

const SHOWN = 12;

function wordsOf(event) {
  const { data = {} } = event;
  const said = data.words || data.summary || data.message || data.title;

  return said || words(event.type) + (event.subject ? ': ' + event.subject : '');
}

const Feed = () => {
  const [events, setEvents] = useState(null);
  const [problem, setProblem] = useState(null);
  const [paused, setPaused] = useState(false);
  const [turn, setTurn] = useState(0);
  const cursor = useRef(null);

  useEffect(() => {
    if (paused) {
      return undefined;
    }
    return poll(async (signal) => {
      try {
        const answer = await get('/events', { limit: 20, after: cursor.current }, { signal });
        const came = answer.events || [];
        const first = cursor.current === null;
        const newest = [...came].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));

        cursor.current = answer.next_cursor ?? newest[0]?.cursor ?? cursor.current;
        setEvents((old) => {
          const seen = new Set(first ? [] : (old || []).map((event) => event.id));

          return [...newest.filter((event) => !seen.has(event.id)),
            ...(first ? [] : old || [])].slice(0, SHOWN);
        });
        setProblem(null);
      }
      catch (reason) {
        if (!signal.aborted) {
          setProblem(reason);
          throw reason;
        }
      }
    }, 5000);
  }, [paused, turn]);

  const body = () => {
    if (!events) {
      return problem ? html`<${Trouble} problem=${problem} what="The feed could not be read"
        again=${() => setTurn(turn + 1)} holds="" />`
        : html`<${Waits} what="the feed" />`;
    }
    return html`${problem && html`<div class="banner critical flush" role="alert">
      <p>Live updates are cut off. The list below is old.</p>
        <button class="button compact" type="button"
          onClick=${() => setTurn(turn + 1)}>Try now</button></div>`}
      <div role="log" aria-labelledby="feed" tabindex="0" class="scroll">${events.length
    ? html`<ol class="list dense">
      ${events.map((event) => html`<li key=${event.id}><time class="when" datetime=${event.time}>
        ${clock(event.time)}</time>
          <span>${wordsOf(event)}</span><span class="topic">
            ${words(event.source || '').toLowerCase()}</span></li>`)}</ol>`
    : html`<${State} title="Nothing happened yet"><p>Events appear here as agents work.</p>
      </${State}>`}</div>`;
  };

  return html`<${Panel} id="feed" title="Live" note=${paused ? 'Paused' : 'Newest first'}
    kind=${problem && events ? 'is-stale' : ''}
    tools=${html`<button class="button quiet compact" type="button"
      aria-pressed=${paused ? 'true' : 'false'} onClick=${() => setPaused(!paused)}>
        ${paused ? 'Go on' : 'Pause'}</button>`}>${body()}</${Panel}>`;
};

/* ---- Jobs ---- */

const JOBS = {
  queued: ['', 'Queued'], running: ['accent', 'Running'], done: ['good', 'Done'],
  failed: ['critical', 'Failed'], dead: ['critical', 'Given up'], cancelled: ['', 'Cancelled'],
};

const Jobs = ({ jobs }) => {
  const { data, problem, stale, again, at } = jobs;
  const title = (key) => agents.value.find((agent) => agent.key === key)?.title || words(key);
  const body = () => {
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem} what="The jobs could not be read"
        again=${again} holds="" />`
        : html`<${Waits} what="jobs" rows=${3} />`;
    }
    if (!data.jobs.length) {
      return html`<${State} title="No jobs"><p>Long work, such as training, shows up here.</p>
        </${State}>`;
    }
    return html`<ul class="list">${data.jobs.map((job) => {
      const [level, word] = JOBS[job.state] || ['', words(job.state)];

      return html`<li key=${job.job_id}>
        <${Mark} level=${level === 'accent' ? '' : level || 'off'} />
        <div>${title(job.agent)}: ${words(job.action).toLowerCase()}<p>
          ${job.problem?.detail || job.problem?.title
            || moment(job.ended_at || job.started_at || job.created_at)}</p>
        ${job.state === 'running'
          && html`<progress class="progress" max="1" value=${job.progress || 0}
            aria-label=${'Progress of ' + words(job.action)}></progress>`}</div>
        <${Badge} level=${level} mark=${false}>${word}</${Badge}></li>`;
    })}</ul>`;
  };

  return html`<${Panel} id="jobs" title="Jobs"
    note=${data ? number(data.total ?? data.jobs.length) + ' stored' : ''}
      kind=${stale ? 'is-stale' : ''}
    badge=${stale && html`<${StaleBadge} at=${at} />`}>${body()}</${Panel}>`;
};

/* ---- Agents ---- */

const Agent = ({ name, page, status, now }) => {
  const [mark, word] = STATES[status.status] || ['', 'Unknown'];
  const speed = known(status.duration_ms_p50)
    ? number(status.duration_ms_p50) + ' / ' + number(status.duration_ms_p95) + ' ms'
      : 'not run yet';
  const failing = status.errors_total > 0 && status.requests_total > 0
    ? percent(status.errors_total / status.requests_total, 1) + ' errors' : null;
  const content = html`<${Mark} level=${mark} word=${word} /><b>${name}</b><span>
    ${status.last_activity ? moment(status.last_activity) : word.toLowerCase()}</span>
    <span class="sub"><span>${speed}</span><span>
      ${status.status === 'degraded' && failing ? failing : count(status.runs_today || 0, 'run')}
        </span></span>`;

  return page ? html`<a class="agent" href=${page}>${content}</a>` : html`<div class="agent">
    ${content}</div>`;
};

const Agents = ({ status }) => {
  const { data, problem, stale, again, at } = status;
  const states = data ? Object.values(data.agents) : [];
  const sums = Object.entries(STATES).map(([state, [, word]]) =>
    [states.filter((one) => one.status === state).length, word.toLowerCase()]).filter(([n]) => n)
    .map(([n, word]) => n + ' ' + word).join(', ');

  return html`<${Panel} id="agents" title="Agents"
    note="Last run, median / p95 latency, runs today" kind=${stale ? 'is-stale' : ''}
    badge=${stale && html`<${StaleBadge} at=${at} />`}
      tools=${sums && html`<span class="small muted">${sums}</span>`}>
    ${!data ? problem ? html`<${Trouble} problem=${problem}
      what="The agents’ state could not be read" again=${again} holds="" />`
        : html`<${Waits} what="agents" rows=${2} />`
    : states.length ? html`<div class="agents">${Object.entries(data.agents).map(([key, one]) => {
      const agent = agents.value.find((other) => other.key === key);

      return html`<${Agent} key=${key} name=${one.title || agent?.title || words(key)}
        page=${one.page || agent?.page} status=${one} />`;
    })}</div>` : html`<${State} title="No agents are loaded">
      <p>Each agent is one file of the module; none was built in.</p></${State}>`}</${Panel}>`;
};

/* ---- Catalogue ---- */

const bare = (path) => path.replace(/^\/api/, '');

const TryAction = ({ action }) => {
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const schema = action.input || {};
  const slots = [...action.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const whole = useMemo(() => ({
    ...schema,
    properties: { ...Object.fromEntries(slots.map((name) => [name, { type: 'string' }])),
      ...schema.properties },
  }), [action]);

  const send = async (values) => {
    const rest = { ...values };
    const path = bare(action.path).replace(/\{(\w+)\}/g, (_, name) => {
      delete rest[name];
      return encodeURIComponent(values[name]);
    });

    setBusy(true);
    setProblem(null);
    setAnswer(null);
    try {
      setAnswer(action.method === 'GET' ? await get(path, rest)
        : action.method === 'POST' ? await post(path, rest, { headers: { Prefer: 'persist=none' } })
          : await call(action.method, path, { body: rest }));
    }
    catch (reason) {
      setProblem(reason);
    }
    setBusy(false);
  };

  return html`<div class="over-body"><p class="muted">${action.summary}</p>
    <p><code>${action.method} ${action.path}</code> <span class="faint">needs ${action.right}
      </span></p>
    <${SchemaForm} id="try" schema=${whole} needed=${slots} verb=${'Send ' + action.name} primary
      busy=${busy} problem=${problem} onSubmit=${send} />
    ${answer && html`<div><h3 class="small">Answer</h3>
      <pre class="sql answer" tabindex="0" role="group" aria-label="Answer">
        ${JSON.stringify(answer, null, 2)}</pre></div>`}</div>`;
};

const Catalogue = () => {
  const [tried, setTried] = useState(null);
  const all = agents.value.flatMap((agent) => (agent.actions || [])
    .map((action) => ({ agent, action })));

  return html`<${Panel} id="catalogue" title="Catalogue"
    note=${count(all.length, 'action') + ', described by the agents themselves'}>
    <div class="table-frame" tabindex="0" role="group" aria-label="Catalogue"><table class="keep-2">
      <thead><tr><th scope="col">Action</th><th scope="col">Request</th><th scope="col">Right</th>
        <th scope="col">What it does</th><th scope="col"><span class="hidden-text">Try</span></th>
          </tr></thead>
      <tbody>${all.map(({ agent, action }) => html`<tr key=${agent.key + action.name}>
        <th scope="row">${agent.title || agent.name}<span class="sub">
          ${words(action.name).toLowerCase()}</span></th>
        <td class="mono small nowrap">${action.method} ${action.path}</td><td>${action.right}</td>
          <td>${action.summary}</td>
        <td class="number">
          <button class="button compact" type="button" aria-label=${'Try ' + action.name}
            onClick=${() => setTried(action)}>Try</button></td></tr>`)}</tbody></table></div>
    ${agents.value.some((agent) => agent.settings?.length)
      && html`<div class="panel-body over-split"><details class="as-table">
        <summary>Settings in force</summary>
      <div class="table-frame" tabindex="0" role="group" aria-label="Settings in force">
        <table class="dense"><thead><tr><th scope="col">Setting</th><th scope="col">Value</th>
          <th scope="col">Meaning</th></tr></thead>
      <tbody>${agents.value.flatMap((agent) => (agent.settings || []).map((setting) =>
        html`<tr><th scope="row" class="mono">${agent.name || agent.key} ${setting.name}</th>
        <td>${String(setting.value)}</td><td>${setting.help}</td></tr>`))}</tbody></table></div>
          </details></div>`}
    <${Dialog} kind="drawer" open=${Boolean(tried)} onClose=${() => setTried(null)}
      title=${tried ? 'Try ' + tried.name : ''}>
      ${tried && html`<${TryAction} action=${tried} />`}</${Dialog}></${Panel}>`;
};

/* ---- The page ---- */

function finding(health) {
  const { summary, clients, outcome } = health.data || {};

  if (!summary || outcome === 'insufficient_data' || !clients.length) {
    return agents.value.length ? count(agents.value.length, 'agent') + ' loaded.'
      : 'No agents are loaded.';
  }
  const urgent = clients.filter((client) => client.risk_level === 'Critical'
    || client.risk_level === 'High');
  const worth = clients.reduce((sum, client) => sum + (client.revenue_at_risk || 0), 0);

  const all = spelled(clients.length).toLowerCase();
  const some = urgent.length === clients.length ? 'All' : spelled(urgent.length || 0).replace('No',
    'None');

  return html`<strong>
    ${some} of the top ${all} clients</strong> ${urgent.length === 1 ? 'is'
      : 'are'} at risk or critical. The ${all} carry an
    estimated <strong>${money(worth, session.value.msp.currency)} a month</strong>.`;
}

const Today = () => {
  const health = useAnswer((signal) => (hasAgent('client_health')
    ? get('/client-health/clients', { limit: 5, sort: '-revenue_at_risk' }, { signal })
    : Promise.resolve({ clients: [], total: 0 })), []);
  const status = useLive((signal) => get('/agents/status', null, { signal }), 15000);
  const jobs = useLive((signal) => get('/jobs', { limit: 5 }, { signal }), 15000);
  const { today } = session.value;

  return html`
    <header class="page-head"><div><h1>Today</h1>
      <p class="lede">${weekday(today)}. ${finding(health)}</p></div>
      <div class="tools">
        <${CsvButton} name=${'work-queue-' + today + '.csv'} columns=${queueColumns}
          rows=${health.data?.clients} /></div></header>
    <${Figures} health=${health} />
    <div class="grid level"><${Queue} health=${health} />
      <div class="stack fill col-4"><${Jobs} jobs=${jobs} /><${Feed} /></div></div>
    <${Agents} status=${status} />
    <${Catalogue} />
    <p class="foot">Data of ${health.data?.as_of ? date(health.data.as_of)
      : date(today)}${status.data?.status_time && ', agents of '
        + time(status.data.status_time)}.</p>`;
};

start(Today);
