/* A model of your own: read a table, train, see how good it is, score rows. */

import { html, useEffect, useRef, useState } from '../../vendor/ui.js';
import { address, go } from '../address.js';
import { get, poll, post } from '../api.js';
import { count, known, number, percent, size, words } from '../format.js';
import {
  Icon, Insufficient, NotAllowed, Panel, State, Trouble, useAnswer, Waits,
} from '../parts.js';
import { may } from '../shell.js';
import { Model, Rows } from './client-health-model.js';
import { Preview, Settings, tableOf } from './client-health-settings.js';

/* The job that learns from the tenant's own clients, opened in the address. */
export async function trainOnHistory() {
  const job = await post('/client-health/train', { from: 'history' });

  go({ model: job.model, job: job.job_id });
}

/* ---- The job ---- */

const Job = ({ id, model, onEnd }) => {
  const [job, setJob] = useState(null);
  const [problem, setProblem] = useState(null);
  const done = useRef(false);

  useEffect(() => {
    done.current = false;
    const stop = poll(async (signal) => {
      try {
        const now = await get('/jobs/' + encodeURIComponent(id), null, { signal });

        setJob(now);
        setProblem(null);
        if (!['queued', 'running'].includes(now.state) && !done.current) {
          done.current = true;
          stop();
          onEnd(now);
        }
      }
      catch (reason) {
        if (!signal.aborted) {
          setProblem(reason);
          throw reason;
        }
      }
    }, 1000);

    return stop;
  }, [id]);

  const progress = job?.state === 'done' ? 1 : job?.progress || 0;
  const text = problem ? 'The progress cannot be read now. The training goes on.'
    : job?.state === 'running' ? percent(progress) + ' done. You can leave this page.'
      : 'The job waits for a free worker. You can leave this page.';

  return html`<${State}
    title=${(job?.state === 'queued' ? 'Waiting to train ' : 'Training ') + model}>
    <p role="status">${text}</p>
    <progress class="progress" max="1" value=${progress} aria-label="Training">${
      percent(progress)}</progress></${State}>`;
};

/* ---- What came of it ---- */

/* The job ended without a model: it found too little, or it failed. */
const Ended = ({ end, name }) => {
  if (end.state === 'done') {
    return html`<${Insufficient} title="Too little history to learn from"
      insufficient=${{ reason: 'The training looked and stopped; no model was made.',
        have: end.result?.have, need: end.result?.need }} />`;
  }
  return html`<${State} mark="critical" title=${'Training ' + name
    + (end.state === 'cancelled' ? ' was cancelled' : ' failed')}>
    <p>${end.problem?.detail || end.problem?.title || 'The job gave no reason.'}
      ${' '}Older versions of the model still answer.</p></${State}>`;
};

const Result = ({ name, end, answer }) => {
  const data = answer.data?.name === name ? answer.data : null;

  if (end && (!data || data.state === 'failed' || end.state === 'done')) {
    return html`<${Ended} end=${end} name=${name} />`;
  }
  if (!name) {
    return html`<${State} title="No model is chosen">
      <p>Read a table and train, or choose a model. You see here how well it predicts rows it has
        not seen.</p></${State}>`;
  }
  if (!data) {
    return answer.problem ? html`<${Trouble} problem=${answer.problem}
      what=${'The model ' + name + ' could not be loaded'} again=${answer.again} />`
      : html`<${Waits} what="the model" />`;
  }
  if (data.state === 'failed') {
    return html`<${State} mark="critical" title=${'Training ' + name + ' failed'}>
      <p>${data.problem?.detail || data.problem?.title || data.problem
        || 'The server gave no reason.'} Nothing was changed.</p></${State}>`;
  }
  if (data.state === 'training') {
    return html`<${State} title=${'Training ' + name} actions=${html`<button class="button"
      type="button" onClick=${answer.again}>Look again</button>`}>
      <p>It is not ready yet.</p></${State}>`;
  }
  return html`<${Model} model=${data} />${may('client_health', 'predict')
    && html`<${Rows} key=${data.name} model=${data} />`}`;
};

/* ---- The models there are ---- */

const OWN = { clients: 'your history, all signs', 'clients-seed': 'your history, three figures' };

const aucOf = (model) => model.auc_holdout ?? model.auc_cv;

const Models = ({ models, chosen }) => html`
  <div class="table-frame short" tabindex="0" role="group" aria-label="Models stored">
  <table class="dense"><caption>Models stored</caption><thead><tr><th scope="col">Model</th>
    <th scope="col">State</th><th scope="col" class="number">Rows</th>
    <th scope="col" class="number">AUC, held out</th></tr></thead>
  <tbody>${models.map((model) => html`<tr key=${model.name}
    class=${model.name === chosen ? 'selected' : null}
    aria-current=${model.name === chosen ? 'true' : null}>
    <th scope="row"><button class="as-link" type="button"
      onClick=${() => go({ model: model.name, job: null })}>${model.name}</button>
      <span class="sub">${OWN[model.name] || 'on ' + model.target}</span></th>
    <td>${words(model.state || '')}</td><td class="number">${number(model.rows)}</td>
    <td class="number">${known(aucOf(model)) ? number(aucOf(model), 3) : '–'}</td></tr>`)}
  </tbody></table></div>`;

const Stored = ({ models, chosen }) => models.data?.models?.length > 0
  ? html`<${Models} models=${models.data.models} chosen=${chosen} />`
  : models.problem && html`<p class="small muted">${models.problem.forbidden
    ? 'Your role may not list models.' : 'The stored models could not be listed.'}</p>`;

/* ---- Reading a file ---- */

const File = ({ table, onRead, history }) => {
  const [fault, setFault] = useState('');
  const read = async (file) => {
    setFault('');
    if (!file) {
      return;
    }
    try {
      const came = await tableOf(file);

      if (came.names.length < 2 || !came.rows.length) {
        setFault('A table needs a line of names, two columns and one row.');
        return;
      }
      onRead(came);
    }
    catch {
      setFault('The file could not be read.');
    }
  };
  const learn = async () => {
    setFault('');
    try {
      await history();
    }
    catch (reason) {
      setFault((reason.detail || reason.message) + ' Nothing was changed.');
    }
  };

  return html`<div class="field"><span class="label" id="file-label">Table</span>
    <div class="button-row"><label class="button"><${Icon} name="upload" />
      <span id="file-text">${table ? 'Read another file' : 'Read a file'}</span>
      <input class="hidden-text" type="file" accept=".csv,text/csv"
        aria-labelledby="file-label file-text" data-train-file
        onChange=${(event) => read(event.currentTarget.files[0])} /></label>
      <button class="button quiet" type="button"
        onClick=${learn}>Learn from your history</button>
    </div>
    <span class="hint" role="status">${table
      ? table.name + ': ' + count(table.rows.length, 'row') + ', '
        + count(table.names.length, 'column') + ', ' + size(table.size) + '.'
      : 'Stays in this browser until you train.'}</span>
    ${fault && html`<span class="error" role="alert">${fault}</span>`}</div>`;
};

/* ---- The section ---- */

export const Train = ({ onTrained }) => {
  const name = address.value.get('model');
  const job = address.value.get('job');
  const [table, setTable] = useState(null);
  const [end, setEnd] = useState(null);
  const models = useAnswer((signal) => get('/client-health/models', null, { signal }), []);
  const model = useAnswer((signal) => (name && !job
    ? get('/client-health/models/' + encodeURIComponent(name), null, { signal })
    : Promise.resolve(null)), [name, job]);
  const ended = (now) => {
    const isMade = now.state === 'done' && now.result?.outcome !== 'insufficient_data';

    setEnd(isMade ? null : now);
    go({ job: null, model: now.state === 'done' && !isMade ? null : name }, { replace: true });
    models.again();
    if (isMade && OWN[name]) {
      onTrained();
    }
  };
  const start = (answer) => {
    setEnd(null);
    go({ model: answer.model, job: answer.job_id });
  };

  useEffect(() => setEnd((now) => (now && job ? null : now)), [job]);
  return html`<${Panel} id="train" title="Train on your own table" kind="col-12 screen"
    note="A CSV file with one row for each client and a column that says who left">
    <div class="split train">
      <div class="panel-body form">
        ${may('client_health', 'train')
          ? html`<${File} table=${table} onRead=${setTable} history=${trainOnHistory} />`
          : html`<${NotAllowed} verb="train models">The stored models can be looked at.
            </${NotAllowed}>`}
        ${table && html`<${Preview} table=${table} />
          <${Settings} key=${table.name + table.size} table=${table} onTrained=${start} />`}
        <${Stored} models=${models} chosen=${name} />
      </div>
      <div data-train-result>${job
        ? html`<${Job} id=${job} model=${name || 'the model'} onEnd=${ended} />`
        : html`<${Result} name=${name} end=${end} answer=${model} />`}</div>
    </div></${Panel}>`;
};
