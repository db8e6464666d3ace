/* What happens now: events, jobs and how the agents run. */

import { html, useEffect, useRef, useState } from '../../vendor/ui.js';
import { get, poll } from '../api.js';
import {
  chance, clock, count, known, lasted, moment, number, percent, score, words,
} from '../format.js';
import { Badge, Mark, Panel, StaleBadge, State, Trouble, Waits } from '../parts.js';
import { agents } from '../shell.js';

const STATES = {
  active: ['good', 'Good'], idle: ['off', 'Idle'], degraded: ['watch', 'Watch'],
};

/* Ask now and then; {data, problem, at, again} as useAnswer gives it. */
export function useLive(ask, pace) {
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
  return {
    ...state,
    stale: Boolean(state.problem && state.data),
    again: () => setTurn((n) => n + 1),
  };
}

/* The agent of "client-health", "client_health" or "/mspmesh/client-health". */
function titleOf(name) {
  const key = String(name || '').split('/').pop().replaceAll('-', '_');

  return agents.value?.find((agent) => agent.key === key)?.title || words(key.replaceAll('_', ' '));
}

/* ---- Events ---- */

const SHOWN = 12;

const quoted = (name) => '“' + name + '”';

/* What each kind of event says; others are told by their type. */
const SAID = {
  'client.health.scored': (data, who) => (who || 'A client') + ' scored'
    + (known(data.health_score) ? ': health ' + score(data.health_score) + ', churn '
      + chance(data.churn_probability) : ''),
  'client.health.training': (data) => 'Training' + (data.model ? ' of ' + quoted(data.model) : '')
    + ' asked for',
  'client.health.trained': (data) => data.outcome === 'insufficient_data'
    ? 'Training stopped: too little history'
    : 'Model' + (data.model ? ' ' + quoted(data.model) : '') + ' trained' + (data.version
      ? ', version ' + data.version : ''),
};

function wordsOf(event, nameOf) {
  const data = event.data || {};
  const say = SAID[event.type];

  return say ? say(data, nameOf(event.client_id))
    : data.words || data.summary || data.message || data.title
      || words(event.type) + (nameOf(event.client_id) ? ': ' + nameOf(event.client_id) : '');
}

const Event = ({ event, nameOf }) => html`<li>
  <time class="when" datetime=${event.time}>${moment(event.time, clock)}</time>
  <span>${wordsOf(event, nameOf)}</span>
  <span class="topic">${titleOf(event.source).toLowerCase()}</span></li>`;

/* The newest first, each once. */
const merged = (came, old) => [
  ...[...came].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
    .filter((event) => !old.some((other) => other.id === event.id)),
  ...old].slice(0, SHOWN);

export const Feed = ({ nameOf }) => {
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

        cursor.current = answer.next_cursor ?? came[0]?.cursor ?? cursor.current;
        setEvents((old) => merged(came, first ? [] : old || []));
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

  const again = () => setTurn(turn + 1);
  const body = () => {
    if (!events) {
      return problem ? html`<${Trouble} problem=${problem} what="The feed could not be read"
        again=${again} holds="" />` : html`<${Waits} what="the feed" />`;
    }
    return html`${problem && html`<div class="banner critical flush" role="alert">
        <p>Live updates are cut off. The list below is old.</p>
        <button class="button compact" type="button" onClick=${again}>Try now</button></div>`}
      <div role="log" aria-labelledby="feed" tabindex="0" class="scroll">${events.length
        ? html`<ol class="list dense">${events.map((event) =>
          html`<${Event} key=${event.id} event=${event} nameOf=${nameOf} />`)}</ol>`
        : html`<${State} title="Nothing happened yet">
            <p>Events appear here as agents work.</p></${State}>`}</div>`;
  };

  return html`<${Panel} id="feed" title="Live" note=${paused ? 'Paused' : 'Newest first'}
    kind=${problem && events ? 'is-stale' : ''}
    tools=${html`<button class="button quiet compact" type="button"
      aria-pressed=${paused ? 'true' : 'false'} onClick=${() => setPaused(!paused)}>${paused
        ? 'Go on' : 'Pause'}</button>`}>${body()}</${Panel}>`;
};

/* ---- Jobs ---- */

const JOBS = {
  queued: ['', 'Queued'], running: ['accent', 'Running'], done: ['good', 'Done'],
  failed: ['critical', 'Failed'], dead: ['critical', 'Given up'], cancelled: ['', 'Cancelled'],
};
const WORK = { fit: 'training' };

function stateOf(job) {
  return job.state === 'done' && job.result?.outcome === 'insufficient_data'
    ? ['watch', 'Too little data'] : JOBS[job.state] || ['', words(job.state)];
}

function noteOf(job) {
  const { have = {}, need = {} } = job.result || {};
  const took = job.started_at && job.ended_at
    ? ', took ' + lasted(Date.parse(job.ended_at) - Date.parse(job.started_at)) : '';
  const missing = Object.keys(need).map((name) => number(have[name] || 0) + ' of '
    + number(need[name]) + ' ' + words(name).toLowerCase()).join(', ');

  return job.problem?.detail || job.problem?.title
    || moment(job.ended_at || job.started_at || job.created_at)
      + (missing ? ', has ' + missing : took);
}

const Job = ({ job }) => {
  const [level, word] = stateOf(job);
  const work = WORK[job.action] || words(job.action).toLowerCase();

  return html`<li><${Mark} level=${level === 'accent' ? '' : level || 'off'} />
    <div>${titleOf(job.agent)}: ${work}${job.result?.model && ' of ' + quoted(job.result.model)}
      <p>${noteOf(job)}</p>
      ${job.state === 'running' && html`<progress class="progress" max="1"
        value=${job.progress || 0} aria-label=${'Progress of ' + work}></progress>`}</div>
    <${Badge} level=${level} mark=${false}>${word}</${Badge}></li>`;
};

export const Jobs = ({ jobs }) => {
  const { data, problem, stale, again, at } = jobs;
  const body = () => {
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem} what="The jobs could not be read"
        again=${again} holds="" />` : html`<${Waits} what="jobs" rows=${3} />`;
    }
    return data.jobs.length
      ? html`<ul class="list">${data.jobs.map((job) =>
        html`<${Job} key=${job.job_id} job=${job} />`)}</ul>`
      : html`<${State} title="No jobs"><p>Long work, such as training, shows up here.</p>
        </${State}>`;
  };

  return html`<${Panel} id="jobs" title="Jobs" kind=${stale ? 'is-stale' : ''}
    note=${data && data.jobs.length > 0 ? 'Newest ' + number(data.jobs.length) + ' of '
      + number(data.total ?? data.jobs.length) : ''}
    badge=${stale && html`<${StaleBadge} at=${at} />`}>${body()}</${Panel}>`;
};

/* ---- Agents ---- */

const Agent = ({ name, page, status }) => {
  const [mark, word] = STATES[status.status] || ['', 'Unknown'];
  const speed = known(status.duration_ms_p50)
    ? number(status.duration_ms_p50) + ' / ' + number(status.duration_ms_p95) + ' ms'
    : 'not asked yet';
  const failing = status.status === 'degraded' && status.requests_total > 0
    ? percent(status.errors_total / status.requests_total, 1) + ' errors' : null;
  const content = html`<${Mark} level=${mark} word=${word} /><b>${name}</b>
    <span>${status.last_activity ? moment(status.last_activity) : word.toLowerCase()}</span>
    <span class="sub"><span>${speed}</span>
      <span>${failing || count(status.runs_today || 0, 'run')}</span></span>`;

  return page ? html`<a class="agent" href=${page}>${content}</a>`
    : html`<div class="agent">${content}</div>`;
};

export const Agents = ({ status }) => {
  const { data, problem, stale, again, at } = status;
  const states = data ? Object.values(data.agents) : [];
  const sums = Object.entries(STATES).map(([state, [, word]]) =>
    [states.filter((one) => one.status === state).length, word.toLowerCase()])
    .filter(([n]) => n).map(([n, word]) => n + ' ' + word).join(', ');
  const body = () => {
    if (!data) {
      return problem ? html`<${Trouble} problem=${problem}
        what="The agents’ state could not be read" again=${again} holds="" />`
        : html`<${Waits} what="agents" rows=${2} />`;
    }
    return states.length ? html`<div class="agents">
      ${Object.entries(data.agents).map(([key, one]) =>
      html`<${Agent} key=${key} name=${one.title || titleOf(key)} status=${one}
        page=${one.page || agents.value.find((agent) => agent.key === key)?.page} />`)}</div>`
      : html`<${State} title="No agents are loaded">
          <p>Each agent is one file of the module; none was built in.</p></${State}>`;
  };

  return html`<${Panel} id="agents" title="Agents" kind=${stale ? 'is-stale' : ''}
    note="Last run, median / p95 latency of requests, runs in 24 hours"
    badge=${stale && html`<${StaleBadge} at=${at} />`}
    tools=${sums && html`<span class="small muted">${sums}</span>`}>${body()}</${Panel}>`;
};
