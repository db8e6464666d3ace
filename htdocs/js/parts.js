/* The small parts every page uses; patterns.html shows them all. */

import {
  html, useEffect, useLayoutEffect, useRef, useState,
} from '../vendor/ui.js';
import { clock, known, number, time, words } from './format.js';

export const Icon = ({ name }) => html`
  <svg class="icon" aria-hidden="true"><use href=${'icons.svg#i-' + name} /></svg>`;

/* A level is a shape, a colour and a word. */
export const LEVELS = {
  Critical: { mark: 'critical', word: 'Critical' },
  High: { mark: 'risk', word: 'At risk' },
  Medium: { mark: 'watch', word: 'Watch' },
  Low: { mark: 'good', word: 'Good' },
};

export const levelOf = (name) => LEVELS[name] || { mark: '', word: 'Unknown' };

export const Mark = ({ level, word }) => html`
  <i class=${'mark ' + level} role=${word ? 'img' : null} aria-label=${word}></i>`;

export const Badge = ({ level = '', mark = true, children }) => html`
  <span class=${'badge ' + level}>${mark && level && level !== 'accent' && level !== 'line'
    ? html`<i class=${'mark ' + level}></i>` : null}${children}</span>`;

export const Score = ({ value, level }) => {
  const { mark, word } = levelOf(level);

  return value === null || value === undefined
    ? html`<span class="faint">no score</span>`
    : html`<span class="score"><${Mark} level=${mark} word=${word} /><b>${number(value * 100)}</b>
        <svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%" />
        <rect class=${'fill ' + mark} width=${value * 100 + '%'} height="100%" /></svg></span>`;
};

export const Panel = ({
  id, title, note, tools, badge, as = 'section', kind = '', heading = 'h2', children,
}) => html`
  <${as} class=${'panel ' + kind} aria-labelledby=${id}>
    <div class="panel-head"><${heading} id=${id} tabindex="-1">${title}</${heading}>${badge}
      ${note && html`<span class="note">${note}</span>`}
      ${tools && html`<div class="tools">${tools}</div>`}</div>
    ${children}
  </${as}>`;

export const Waits = ({ what, rows = 4 }) => html`
  <div class="waits" aria-busy="true">
    ${Array.from({ length: rows }, (_, i) => html`<span class=${'wait w-' + (3 - i % 3)}></span>`)}
    <span class="hidden-text" role="status">Loading ${what}</span></div>`;

export const State = ({ title, mark, icon, level = 'h3', children, actions }) => html`
  <div class="state"><${level}>${mark && html`<${Mark} level=${mark} />`}${icon
    && html`<${Icon} name=${icon} />`}${title}</${level}>
    ${children}${actions && html`<div class="button-row">${actions}</div>`}</div>`;

const detailsOf = (problem) => [
  problem.message, problem.detail,
  problem.status && 'Status ' + problem.status,
  problem.code && 'Code ' + problem.code,
  problem.requestId && 'Request ' + problem.requestId,
  problem.path, problem.at?.toISOString(),
].filter(Boolean).join('\n');

export const NotAllowed = ({ verb = 'see this', level, children }) => html`
  <${State} icon="lock" title=${'Your role may not ' + verb} level=${level}>
    <p>${children || 'It is there.'} Ask an administrator of this tenant if you need it.</p>
  </${State}>`;

/* What failed, what still holds, what to do.  `what` is a whole title:
 * "The clients could not be loaded". */
export const Trouble = ({ problem, what, again, holds = 'Nothing was changed.', level }) => {
  const [copied, setCopied] = useState(false);
  const [wait, setWait] = useState(problem.retryAfter || 0);

  useEffect(() => {
    if (wait > 0) {
      const timer = setTimeout(() => setWait(wait - 1), 1000);

      return () => clearTimeout(timer);
    }
  }, [wait]);

  if (problem.forbidden) {
    return html`<${NotAllowed} level=${level}>${problem.detail}</${NotAllowed}>`;
  }
  const copy = async () => {
    await navigator.clipboard.writeText(detailsOf(problem));
    setCopied(true);
  };

  return html`<${State} mark="critical" title=${what} level=${level} actions=${html`
    ${again && html`<button class="button" type="button" disabled=${wait > 0} onClick=${again}>
      ${wait > 0
      ? 'Try again in ' + wait + ' s' : 'Try again'}</button>`}
    ${navigator.clipboard && html`<button class="button quiet" type="button" onClick=${copy}>
      ${copied ? 'Copied' : 'Copy details'}</button>`}`}>
    <p role="alert">${problem.detail || problem.message} ${holds}${problem.requestId
      && html` Error <span class="mono">${problem.requestId.slice(0, 8)}</span>,`} ${clock(
        problem.at?.toISOString())}.</p>
  </${State}>`;
};

const COUNTED = { leavers: 'Clients that left', client_months: 'Months of clients' };

/* The server counted and says what is missing: never a guess in its place. */
export const Insufficient = ({ title, insufficient, actions, children, level }) => {
  const { reason, have = {}, need = {} } = insufficient || {};
  const names = Object.keys(need);

  return html`<${State} title=${title} level=${level} actions=${actions}>
    ${reason && html`<p>${reason}</p>`}
    ${names.length > 0 && html`<dl class="pairs">${names.map((name) => html`
      <dt>${COUNTED[name] || words(name)}</dt><dd>
        ${number(have[name] ?? 0)} stored, ${number(need[name])} needed</dd>`)}</dl>`}
    ${children}</${State}>`;
};

export const StaleBadge = ({ at }) => html`
  <${Badge} level="watch">Data of ${at ? time(at.toISOString()) : 'earlier'}</${Badge}>`;

/* Ask and keep what came: {data, problem, busy, at, again}.  A later failure
 * leaves the old data, then `stale` is true. */
export function useAnswer(ask, deps) {
  const [state, setState] = useState({ data: null, problem: null, busy: true, at: null });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const stop = new AbortController();

    setState((old) => ({ ...old, busy: true }));
    ask(stop.signal).then(
      (data) => stop.signal.aborted
        || setState({ data, problem: null, busy: false, at: new Date() }),
      (problem) => stop.signal.aborted
        || setState((old) => ({ ...old, problem, busy: false })));
    return () => stop.abort();
  }, [...deps, turn]);
  return {
    ...state,
    stale: Boolean(state.problem && state.data),
    again: () => setTurn((n) => n + 1),
  };
}

/* A value that has stood still for `ms`. */
export function useSettled(value, ms) {
  const [settled, setSettled] = useState(value);

  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);

    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/* A button that opens a small sheet under itself.  Esc and a press elsewhere
 * close it; Esc gives the focus back. */
export const Drop = ({ label, summary, kind = 'button', children }) => {
  const box = useRef(null);

  useEffect(() => {
    const close = (event) => {
      if (!box.current?.open) {
        return;
      }
      if (event.type === 'keydown' && event.key === 'Escape') {
        box.current.open = false;
        box.current.querySelector('summary').focus();
      }
      else if (event.type !== 'keydown' && !box.current.contains(event.target)) {
        box.current.open = false;
      }
    };

    for (const type of ['keydown', 'pointerdown', 'focusin']) {
      document.addEventListener(type, close);
    }
    return () => {
      for (const type of ['keydown', 'pointerdown', 'focusin']) {
        document.removeEventListener(type, close);
      }
    };
  }, []);
  return html`<details class="drop" ref=${box}>
    <summary class=${kind} aria-label=${label}>${summary}</summary>
    <div class="menu">${children}</div></details>`;
};

/* A real <dialog>: focus moves in, Esc closes, focus returns. */
export const Dialog = ({ open, onClose, title, kind = 'dialog', label, children, foot }) => {
  const box = useRef(null);

  useLayoutEffect(() => {
    if (open && !box.current.open) {
      box.current.showModal();
    }
    else if (!open && box.current.open) {
      box.current.close();
    }
  }, [open]);
  return html`<dialog class=${kind} ref=${box} aria-label=${label || title} onClose=${onClose}
    onClick=${(event) => event.target === box.current && box.current.close()}>
    ${open && html`${title && html`<div class="over-head"><h2>${title}</h2>
      <button class="icon-button" type="button" aria-label="Close"
        onClick=${() => box.current.close()}><${Icon} name="close" /></button></div>`}
    ${children}${foot && html`<div class="over-foot">${foot}</div>`}`}
  </dialog>`;
};

/* Tabs: arrow keys move, Home and End jump.  tabs: [{key, title, count?}]. */
export const Tabs = ({ id, label, tabs, chosen, onChoose, children }) => {
  const onKeyDown = (event) => {
    const at = tabs.findIndex(({ key }) => key === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];

    if (to !== undefined) {
      const next = tabs[(to + tabs.length) % tabs.length];

      event.preventDefault();
      onChoose(next.key);
      document.getElementById(id + '-' + next.key)?.focus();
    }
  };

  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
    ${tabs.map((tab) => html`
    <button role="tab" type="button" id=${id + '-' + tab.key}
      aria-selected=${tab.key === chosen ? 'true' : 'false'} aria-controls=${id + '-panel'}
      tabindex=${tab.key === chosen ? 0 : -1} onClick=${() => onChoose(tab.key)}>
        ${tab.title}${known(tab.count)
  && html` <span class="count">${number(tab.count)}</span>`}</button>`)}</div>
    <div role="tabpanel" id=${id + '-panel'} aria-labelledby=${id + '-' + chosen} tabindex="0"
      class="panel-body">${children}</div>`;
};

export const rowsShown = (offset, shown, total) => shown === 0
  ? 'None' : number(offset + 1) + ' to ' + number(offset + shown) + ' of ' + number(total);
