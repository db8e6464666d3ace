/* Every part in every state.  What stands here is invented; what the other
 * pages show is not. */

import { html, useState } from '../../vendor/ui.js';
import { address, go } from '../address.js';
import { Problem } from '../api.js';
import { Calibration, Drivers, Figure, Line, Spark } from '../chart.js';
import { SchemaForm } from '../form.js';
import { number, percent } from '../format.js';
import {
  Badge, Dialog, Drop, Icon, Insufficient, Mark, Panel, Score, State, Tabs, Trouble, Waits,
} from '../parts.js';
import { start, toast } from '../shell.js';
import { CsvButton, Table } from '../table.js';

const Ramp = ({ kind, n }) => html`<div class="ramp">${Array.from({ length: n }, (_, i) => html`
  <span><svg aria-hidden="true" width="100%" height="24">
    <rect class=${kind + (i + 1)} width="100%" height="24" /></svg>${i + 1}</span>`)}</div>`;

const Marks = () =>
  html`<${Panel} id="p-status" title="Status" note="A shape and a word go with every colour">
    <div class="panel-body">
  <p class="chips">${[['good', 'Good'], ['watch', 'Watch'], ['risk', 'At risk'],
    ['critical', 'Critical'], ['off', 'Idle'], ['', 'Unknown']].map(([level, word]) => html`
    <span class="status"><${Mark} level=${level} />${word}</span> `)}</p>
  <p class="chips gap-top"><${Badge}>Neutral</${Badge}><${Badge} level="accent">Booked</${Badge}>
    <${Badge} level="good">Good</${Badge}><${Badge} level="watch">Watch</${Badge}>
    <${Badge} level="risk">At risk</${Badge}><${Badge} level="critical">Critical</${Badge}>
      <${Badge} level="line">Listed</${Badge}><span class="count">14</span>
        <span class="count critical">3</span><kbd>Ctrl K</kbd></p></div></${Panel}>`;

const Buttons = () =>
  html`<${Panel} id="p-buttons" title="Buttons"
    note="One primary at a time; the verb says what happens"><div class="panel-body">
  <p class="button-row"><button class="button primary" type="button">Accept plan</button>
    <button class="button" type="button">Compare</button>
      <button class="button quiet" type="button">Snooze</button>
        <button class="button danger" type="button">Delete key</button></p>
  <p class="button-row gap-top">
    <button class="button" type="button" disabled>Not available</button>
      <button class="button" type="button" aria-busy="true" data-specimen>Saving</button>
        <button class="button focus-shown" type="button">With focus</button></p>
  <p class="button-row gap-top">
    <button class="button compact primary" type="button">Compact</button>
      <button class="button compact" type="button"><${Icon} name="download" />CSV</button>
    <button class="icon-button" type="button" aria-label="Snooze"><${Icon} name="snooze" />
      </button><button class="icon-button" type="button" aria-label="Print">
        <${Icon} name="print" /></button>
          <button class="icon-button" type="button" aria-label="Copy link"><${Icon} name="link" />
            </button></p>
  <p class="gap-top"><span class="choice" role="radiogroup" aria-label="Density"><label>
    <input type="radio" name="density" />Dense</label><label>
      <input type="radio" name="density" checked />Normal</label><label>
        <input type="radio" name="density" />Roomy</label></span></p></div></${Panel}>`;

const SCHEMA = {
  required: ['client', 'horizon'],
  properties: {
    client: { type: 'string', title: 'Client', description: 'Two letters are enough' },
    horizon: { type: 'integer', title: 'Horizon, months', minimum: 1, maximum: 60 },
    aim: { type: 'string', title: 'Aim', enum: ['balanced', 'fewest_miles'], default: 'balanced' },
    rows: { type: 'array', title: 'Rows', description: 'A list of objects, as JSON' },
    alert: { type: 'boolean', title: 'Alert me when health falls under 50' },
  },
};
const REFUSED = new Problem(422,
  { title: 'The request is not valid',
    errors: [{ pointer: '/horizon', detail: 'Give 1 to 60; 36 months are known.' }] });

const Forms = () => {
  const [problem, setProblem] = useState(null);

  return html`<${Panel} id="p-form" title="Form"
    note="From an action’s schema: label above, hint below, error in words"><div class="panel-body">
    <${SchemaForm} id="p" schema=${SCHEMA} start=${{ horizon: '24' }} row verb="Check the form"
      problem=${problem} onSubmit=${() => setProblem(REFUSED)} />
    <div class="form gap-top"><div class="form row">
      <div class="field"><label for="px-1">With an error</label>
        <input class="input" id="px-1" value="240" aria-invalid="true" aria-describedby="px-1e" />
          <span class="error" id="px-1e">Give 1 to 60; 36 months are known.</span></div>
      <div class="field"><label for="px-2">Not to be changed</label>
        <input class="input" id="px-2" value="client-churn 7" disabled /></div></div>
      <label class="slider"><span>Price at renewal</span><output>+3%</output>
        <input type="range" min="-10" max="10" value="3" /></label></div></div></${Panel}>`;
};

const Tiles = () =>
  html`<${Panel} id="p-kpi" title="KPI tile" kind="col-12"
    note="Name, value, course, comparison in words; the whole tile is the link to its rows">
      <div class="panel-body"><div class="kpis four">
  <a class="kpi" href="#p-kpi"><span class="kpi-name">Resolved within SLA</span>
    <span class="kpi-value">93.4%</span>
      <${Spark} inline=${false} values=${[97, 96.4, 97.2, 95.8, 96.1, 96.6, 95.2, 95.5, 94, 93.4]}
        target=${95} /><span class="kpi-note"><b class="risk">Below</b> target 95%</span></a>
  <div class="kpi"><span class="kpi-name">Satisfaction</span><span class="kpi-value">No data</span>
    <span class="kpi-note">4 answers, 20 needed</span></div>
  <div class="kpi" aria-busy="true" data-specimen><span class="kpi-name">Service margin</span>
    <span class="wait w-3 kpi-wait"></span><span class="kpi-note">Loading</span></div>
  <div class="kpi"><span class="kpi-name">Utilisation</span><span class="kpi-value">76%</span>
    <span class="kpi-note"><b class="watch">Stale</b> data of 09:10</span></div></div></div>
      </${Panel}>`;

const ROWS = [
  { name: 'Harbor Dental Group', level: 'Critical', health: 0.42, risk: 5136 },
    { name: 'Pinecrest Hotels', level: 'High', health: 0.55, risk: 3762 },
  { name: 'Quillon Manufacturing', level: 'Medium', health: 0.66, risk: 3408 },
    { name: 'Juniper Freight', level: 'Low', health: 0.71, risk: 2091 },
];

const Tables = () => {
  const [chosen, setChosen] = useState(ROWS[0].name);
  const columns = [
    { key: 'name', label: 'Client', sort: 'name', nowrap: true, cell: (row) =>
      html`<button class="as-link" type="button" onClick=${() => setChosen(row.name)}>${row.name}
        </button>` },
    { key: 'health', label: 'Health', sort: 'health', number: false, cell: (row) =>
      html`<${Score} value=${row.health} level=${row.level} />` },
    { key: 'risk', label: 'At risk a month', sort: 'risk', number: true, cell: (row) => '$'
      + number(row.risk) },
    { key: 'course', label: '90 days', spare: true, csv: () => '', cell: (row) =>
      html`<${Spark} span=${20} values=${[60, 58, 59, 55, 50, row.health * 100]} />` },
  ];
  const sort = address.value.get('sort') || '-risk';
  const rows = [...ROWS].sort((a, b) => (a[sort.replace('-', '')] < b[sort.replace('-', '')] ? -1
    : 1) * (sort.startsWith('-') ? -1 : 1));

  return html`<${Panel} id="p-table" title="Table" kind="col-8"
    note="Sticky header, sort in the address, selection, paging; density by class">
    <${Table} label="Clients" caption="Clients, filter: health under 75. 42 rows, data of 10:41."
      frame="short" columns=${columns} rows=${rows} sort=${sort} rowKey=${(row) => row.name}
        selected=${chosen}
      foot=${{ name: 'Sum of 42', health: html`<b>74</b> <span class="faint">mean</span>`,
        risk: '$38,940' }} />
    <div class="panel-foot"><span>1 to 4 of 42</span>
      <${CsvButton} compact name="patterns.csv" columns=${columns} rows=${rows} />
      <${Drop} kind="icon-button compact" label="Actions for the row"
        summary=${html`<${Icon} name="more" />`}>
          <button type="button">Snooze until tomorrow <small>S</small></button>
            <button type="button">Assign <small>A</small></button><hr />
              <button type="button">Dismiss: done elsewhere</button></${Drop}>
      <span class="pages">
        <button class="icon-button compact" type="button" aria-label="Previous page" disabled>
          <${Icon} name="prev" /></button>
            <button class="icon-button compact" type="button" aria-label="Next page">
              <${Icon} name="next" /></button></span></div></${Panel}>`;
};

const PARTS = [{ words: 'Satisfaction 71%', sub: 'was 88%', contribution: 0.94 },
  { words: 'Renewal in 13 days', sub: 'no reply yet', contribution: 0.46 },
    { words: 'Client for 4.2 years', sub: 'longer than most', contribution: -0.22 }];
const BASE = { words: 'Usual client', sub: 'the base rate', contribution: -2.31 };

const Parts = () =>
  html`<${Panel} id="p-score" title="Score and drivers" kind="col-4"
    note="The parts and the base rate sum to the log-odds"><div class="panel-body">
  <p class="chips">${ROWS.map((row) => html`<${Score} value=${row.health} level=${row.level} /> `)}
    </p>
  <${Drivers} parts=${PARTS} base=${BASE}
    sum=${[...PARTS, BASE].reduce((sum, part) => sum + part.contribution, 0)}
      sumSub="that is 24.5%" /></div></${Panel}>`;

const FAILED = new Problem(503,
  { title: 'The database did not answer', detail: 'The database did not answer within 5 s.',
    code: 'unavailable', request_id: '7f3a19c2' }, { path: '/api/forecast' });
const DENIED = new Problem(403,
  { title: 'Not permitted', detail: 'Cost rates are for owners; your role is service manager.',
    code: 'forbidden' });

const States = () => html`
  <${Panel} id="p-load" title="Loading" kind="col-4" note="Shape of what comes, no spinner">
    <div data-specimen><${Waits} what="clients" rows=${5} /></div></${Panel}>
  <${Panel} id="p-job" title="Long work" kind="col-4" note="Progress, and a way out">
    <${State} title="Training client-churn 8"
      actions=${html`<button class="button" type="button">Cancel training</button>`}>
    <p>Fold 3 of 5. You can leave this page.</p>
      <progress class="progress" max="1" value="0.56" aria-label="Training">56%</progress>
        </${State}></${Panel}>
  <${Panel} id="p-empty" title="Empty" kind="col-4" note="Says why and what to do next">
    <${State} title="No threats are open"
      actions=${html`<button class="button" type="button">Analyse text</button>
        <button class="button quiet" type="button">Show closed</button>`}>
    <p>18 were closed this week. New reports arrive every 15 minutes from 3 feeds.</p></${State}>
      </${Panel}>
  <${Panel} id="p-error" title="Error" kind="col-4"
    note="What failed, what still holds, what to do">
      <${Trouble} problem=${FAILED} what="The forecast could not be made"
        again=${() => toast('It would be asked again.')} /></${Panel}>
  <${Panel} id="p-perm" title="Not permitted" kind="col-4"
    note="The data exist, the role may not see them"><${Trouble} problem=${DENIED} what="" />
      </${Panel}>
  <${Panel} id="p-data" title="Not enough data" kind="col-4"
    note="Never a guess in place of a number">
      <${Insufficient} title="Too short for a forecast"
        insufficient=${{ reason: 'Seasons need a whole year of invoices.', have: { months: 7 },
          need: { months: 12 } }}
    actions=${html`<button class="button" type="button">Import invoices</button>`} /></${Panel}>`;

const Stale = () =>
  html`<${Panel} id="p-stale" title="Stale" kind="is-stale" note="Dimmed, dated, still usable"
    badge=${html`<${Badge} level="watch">Data of 09:10</${Badge}>`}
      tools=${html`<button class="button compact" type="button">Reconnect</button>`}>
  <div class="panel-body"><dl class="facts"><div><dt>Open tickets</dt><dd>138</dd></div><div>
    <dt>Breached today</dt><dd>4</dd></div><div><dt>Unassigned</dt><dd>7</dd></div></dl></div>
      </${Panel}>`;

const TABS = [{ key: 'overview', title: 'Overview' },
  { key: 'tickets', title: 'Tickets', count: 12 }, { key: 'agreements', title: 'Agreements' },
    { key: 'history', title: 'History' }];

const TabsShown = () => {
  const chosen = TABS.find(({ key }) => key === address.value.get('tab'))?.key || 'overview';

  return html`<${Panel} id="p-tabs" title="Tabs"
    note="Arrow keys move, the choice is in the address">
      <${Tabs} id="pt" label="Client" tabs=${TABS} chosen=${chosen}
        onChoose=${(key) => go({ tab: key === 'overview' ? null : key }, { replace: true })}>
    <p class="muted">The panel of ${TABS.find(({ key }) => key === chosen)
      .title.toLowerCase()}.</p></${Tabs}></${Panel}>`;
};

const Banners = () =>
  html`<${Panel} id="p-banner" title="Banner and toast"
    note="A banner stays until its cause is gone; a toast leaves after 6 s">
      <div class="panel-body"><div class="stack">
  <div class="banner info"><p>Import of 1,204 tickets finished; 3 rows need a look.</p>
    <a href="#p-banner">Show rows</a></div>
  <div class="banner watch"><p>7 of 42 clients have no cost rate. Margins leave them out.</p>
    <a href="#p-banner">Add rates</a></div>
  <div class="banner critical"><p>Live updates are cut off. Trying again in 20 s.</p>
    <a href="#p-banner">Try now</a></div>
  <div class="button-row">
    <button class="button" type="button"
      onClick=${() => toast('Plan accepted. 2 tickets moved.')}>Show a toast</button></div></div>
        </div></${Panel}>`;

const WEEKS = Array.from({ length: 24 }, (_, i) => i);
const COURSE = WEEKS.map((i) => 58 + 2 * Math.sin(i / 2) + i * 0.8);

const Charts = () => html`
  <section class="panel col-6" aria-label="Line with a band">
    <${Figure} title="Revenue passes the plan in week 15" unit="Revenue a week, thousand dollars"
      sentence="Known to week 16, then estimated; the band holds 95 of 100 courses."
    legend=${[{ label: 'Known', kind: 'c1' }, { label: 'Estimated', kind: 'c1 dotted' },
      { label: 'Plan', kind: 'thin dashed c2' }]}
    table=${{ caption: 'Revenue a week', columns: ['Week', 'Revenue'],
      rows: WEEKS.map((i) => [i + 1, number(COURSE[i], 1)]) }}>
    <${Line} label="Revenue rises from 58 to 75 thousand dollars in 24 weeks." height=${150}
      x=${WEEKS} range=${[50, 90]}
      series=${[{ values: COURSE.map((v, i) => (i <= 16 ? v : null)), kind: 'c1' },
        { values: COURSE.map((v, i) => (i >= 16 ? v : null)), kind: 'c1', dash: [2, 4] }]}
      band=${{ low: COURSE.map((v, i) => (i >= 16 ? v - (i - 16) * 1.2 : null)),
        high: COURSE.map((v, i) => (i >= 16 ? v + (i - 16) * 1.2 : null)) }}
      references=${[{ y: 70, text: 'plan 70', kind: 'c2' }]}
        marks=${[{ x: 16, y: COURSE[16], text: 'today', dy: 18 }]}
      ticks=${{ x: [{ at: 0, text: 'week 1' }, { at: 11, text: '12' }, { at: 23, text: '24' }],
        y: [50, 70, 90].map((at) => ({ at, text: String(at) })) }} /></${Figure}></section>
  <section class="panel col-6" aria-label="Predicted and observed">
    <${Figure} title="Predictions match what happened"
      unit="Observed against predicted, n 1,672 held out" sentence="Largest difference 3 points."
    table=${{ caption: 'Calibration', columns: ['Predicted', 'Observed'],
      rows: [[percent(0.05), percent(0.05)], [percent(0.25), percent(0.27)],
        [percent(0.55), percent(0.53)], [percent(0.75), percent(0.72)]] }}>
    <${Calibration} label="Predicted and observed agree within 3 points."
      bins=${[{ predicted: 0.05, observed: 0.05, n: 612 },
        { predicted: 0.25, observed: 0.27, n: 260 }, { predicted: 0.55, observed: 0.53, n: 60 },
          { predicted: 0.75, observed: 0.72, n: 22 }]} /></${Figure}></section>`;

const CELLS = [['CSF 2.0', [['m2', '61'], ['m3', '72'], ['m4', '84'], ['m4', '78']]],
  ['HIPAA', [['m1', '48'], ['m0', 'n/a'], ['m0', 'n/a'], ['m0', 'n/a']]],
    ['SOC 2', [['m0', 'n/a'], ['m3', '70'], ['m3', '75'], ['m5', '93']]]];

const Matrix = () =>
  html`<${Panel} id="p-matrix" title="Matrix" note="Every cell carries its number">
    <div class="table-frame" tabindex="0" role="group" aria-label="Matrix">
      <table class="dense matrix">
  <thead><tr>${['Framework', 'Harbor', 'Juniper', 'Quillon', 'Saltmarsh'].map((name) =>
    html`<th scope="col">${name}</th>`)}</tr></thead>
  <tbody>${CELLS.map(([name, cells]) => html`<tr><th scope="row">${name}</th>
    ${cells.map(([kind, text]) => html`<td class=${kind}>${text}</td>`)}</tr>`)}</tbody></table>
      </div></${Panel}>`;

const Evidence = () =>
  html`<${Panel} id="p-evidence" title="Evidence in text" note="Each kind has its own underline">
    <div class="panel-body">
  <p class="reading"><mark class="ev">An encoded command fetches the second stage<sup>3</sup>
    </mark> from <mark class="ev indicator">update-cdn[.]example</mark> through <mark
      class="ev cve">CVE-2099-20417</mark> on <mark
        class="ev client">Ridgeway VPN 9.1</mark>. <mark
          class="ev not">No files were encrypted</mark>. <mark
            class="ev selected">Chosen from the table.</mark></p>
  <blockquote class="quote gap-top">“We intend to require MFA for all accounts by June.” <${Badge}
    level="watch" mark=${false}>Planned, not met</${Badge}></blockquote></div></${Panel}>`;

const Job = ({ kind = '', x, width, text, thin }) =>
  html`<svg class=${'job ' + kind} x=${x} y="5" width=${width} height="32">
    <rect x="0.75" y="0.75" height="30" rx="4" /><text x="7" y="14">${text}
      </text> <text class="thin" x="7" y="27">${thin}</text></svg>`;

const Timeline = () =>
  html`<${Panel} id="p-time" title="Timeline" kind="col-12"
    note="Words in the bar, travel dotted, now in red">
      <div class="table-frame" tabindex="0" role="group" aria-label="Timeline"><div class="gantt">
  <div class="who"><b>Dana Ruiz</b><span>network, 84%</span></div>
  <svg class="track" role="img"
    aria-label=${'Dana Ruiz: locked #4312, job #4290, moved #4340, urgent #4401, '
      + 'near its limit #4404'}>
    <rect class="off" width="5%" height="100%" /><line class="clock" x1="34%" x2="34%" y2="100%" />
    <${Job} kind="locked" x="5%" width="12%" text="Locked" thin="#4312" />
      <line class="travel" x1="17%" x2="21%" y1="50%" y2="50%" />
        <${Job} x="21%" width="12%" text="Job" thin="#4290" />
          <rect class="pause" x="34%" y="15" width="5%" height="12" rx="2" />
    <${Job} kind="moved" x="41%" width="14%" text="Moved" thin="#4340" />
      <${Job} kind="urgent" x="57%" width="14%" text="Urgent" thin="#4401" />
        <${Job} kind="late" x="74%" width="16%" text="Near its limit" thin="#4404" /></svg></div>
          </div></${Panel}>`;

const Answer = () =>
  html`<${Panel} id="p-ask" title="Answer block"
    note="Answer first, then how it was understood, then the proof"><div class="turn">
      <h3 class="question">And for Harbor Dental?<time>10:40</time></h3><p class="answer-line">
        <strong>87.5%</strong>: 84 of 96 tickets in time.</p>
  <p class="understood">Follow-up: same question, client <b>Harbor Dental Group</b>.</p>
    <div class="proof"><details><summary>SQL as run<span>read-only, 6 ms</span></summary>
      <pre class="sql" tabindex="0" role="group"
        aria-label="SQL as run">select count(*) from mesh.ticket</pre></details></div></div>
          </${Panel}>`;

const Overs = () => {
  const [open, setOpen] = useState('');
  const close = () => setOpen('');

  return html`<${Panel} id="p-over" title="Drawer and dialog"
    note="Focus moves in, Esc closes, focus returns"><div class="panel-body">
    <p class="button-row">
      <button class="button" type="button" onClick=${() => setOpen('drawer')}>Open drawer</button>
        <button class="button" type="button"
          onClick=${() => setOpen('dialog')}>Open dialog</button></p></div>
    <${Dialog} kind="drawer" open=${open === 'drawer'} onClose=${close} title="#4401 Gateway patch"
      foot=${html`<button class="button" type="button" onClick=${close}>Lock</button>
        <button class="button primary" type="button" onClick=${close}>Reassign</button>`}>
      <div class="over-body"><dl class="pairs"><dt>Client</dt><dd>Juniper Freight</dd>
        <dt>Technician</dt><dd>Dana Ruiz, 12:18 to 14:12</dd><dt>Window</dt><dd>12:00 to 15:00</dd>
          </dl></div></${Dialog}>
    <${Dialog} open=${open === 'dialog'} onClose=${close} title="Isolate 3 hosts?"
      foot=${html`<button class="button" type="button" onClick=${close}>Keep online</button>
        <button class="button primary" type="button" onClick=${close}>Isolate 3 hosts</button>`}>
      <div class="over-body"><p>They lose the network until you release them.</p></div></${Dialog}>
        </${Panel}>`;
};

const Lists = () =>
  html`<${Panel} id="p-list" title="Short list and log" note="Mark, words, time; newest above">
    <ul class="list">
  <li><${Mark} level="critical" word="Critical" /><div><b>Beaconing at Juniper Freight</b>
    <p>3 hosts, 214 connections in 3 h</p></div><span class="when">10:38</span></li>
  <li><${Mark} level="risk" word="At risk" /><div><b>Backup failed twice at Tessel Architects</b>
    <p>NAS-02, last good copy 16 Nov</p></div><span class="when">03:12</span></li></ul>
  <ol class="list dense over-split"><li><time class="when">10:42:07</time>
    <span>Sighting matched at Juniper Freight</span><span class="topic">threat</span></li><li>
      <time class="when">10:41:52</time><span>42 clients scored in 0.3 s</span>
        <span class="topic">health</span></li></ol></${Panel}>`;

const Colours = () =>
  html`<${Panel} id="p-ramps" title="Chart colours" note="Series, little to much, worse to better">
    <div class="panel-body"><${Ramp} kind="f" n=${8} /><${Ramp} kind="q" n=${7} />
      <${Ramp} kind="d" n=${7} /></div></${Panel}>`;

const Patterns = () => html`
  <header class="page-head"><div><h1>Patterns</h1>
    <p
      class="lede">Every part in every state.
        If a page needs something else, it belongs here first.</p></div></header>
  <div class="grid level">
    <div class="stack fill col-6"><${Marks} /><${Buttons} /><${Colours} /></div>
      <div class="stack fill col-6"><${Forms} /></div>
    <${Tiles} /><${Tables} /><${Parts} /><${States} />
    <div class="stack fill col-6"><${Stale} /><${TabsShown} /></div><div class="stack fill col-6">
      <${Banners} /></div>
    <${Charts} /><div class="stack fill col-6"><${Matrix} /><${Answer} /></div>
      <div class="stack fill col-6"><${Evidence} /><${Overs} /></div>
    <${Timeline} /><div class="stack fill col-12"><${Lists} /></div></div>
  <p class="foot">Examples: every name and number on this page is invented.</p>`;

start(Patterns);
