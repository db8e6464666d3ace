/* A form from an action's JSON Schema: the server's words, bounds and errors.
 * Checks here only save a round trip; the server decides. */

import { html, useLayoutEffect, useRef, useState } from '../vendor/ui.js';
import { figure, words } from './format.js';

const typeOf = (schema) => (Array.isArray(schema.type)
  ? schema.type.find((type) => type !== 'null') : schema.type) || 'string';

const numeric = (schema) => ['number', 'integer'].includes(typeOf(schema));

export const labelOf = (name, schema) => schema.title || words(name);

function boundsOf(schema) {
  const { minimum: low, maximum: high } = schema;

  return low !== undefined && high !== undefined ? figure(low) + ' to ' + figure(high)
    : low !== undefined ? 'At least ' + figure(low)
      : high !== undefined ? 'At most ' + figure(high) : '';
}

const hintOf = (schema) => [schema.description, numeric(schema) && boundsOf(schema)]
  .filter(Boolean).map((part) => part.replace(/\.$/, '')).join('. ');

/* The value a field's text stands for; undefined when left empty. */
export function valueOf(text, schema) {
  const type = typeOf(schema);

  if (type === 'boolean') {
    return Boolean(text);
  }
  if (text === '' || text === undefined || text === null) {
    return undefined;
  }
  if (numeric(schema)) {
    return Number(text);
  }
  return type === 'array' || type === 'object' ? JSON.parse(text) : text;
}

function faultOf(text, schema, required) {
  const type = typeOf(schema);
  let value;

  try {
    value = valueOf(text, schema);
  }
  catch {
    return 'This is not JSON.';
  }
  if (value === undefined) {
    return required && type !== 'boolean' ? 'Fill this in.' : '';
  }
  if (numeric(schema)) {
    if (Number.isNaN(value)) {
      return 'Give a number.';
    }
    if (type === 'integer' && !Number.isInteger(value)) {
      return 'Give a whole number.';
    }
    if (value < schema.minimum || value > schema.maximum) {
      return 'Give ' + boundsOf(schema).toLowerCase() + '.';
    }
  }
  if (type === 'array' && !Array.isArray(value)) {
    return 'Give a list: [ … ].';
  }
  if (schema.maxLength && typeof value === 'string' && value.length > schema.maxLength) {
    return 'At most ' + figure(schema.maxLength) + ' characters.';
  }
  return '';
}

/* Errors of a problem body, by the first name in their pointer. */
export function faultsOf(problem) {
  const faults = {};

  for (const { pointer, detail } of problem?.errors || []) {
    const name = String(pointer || '').replace(/^#?\//, '').split('/')[0]
      .replaceAll('~1', '/').replaceAll('~0', '~');

    faults[name] = faults[name] || detail;
  }
  return faults;
}

export const Field = ({ id, name, schema, required, text, fault, onInput, children }) => {
  const type = typeOf(schema);
  const hint = hintOf(schema);
  const told = [hint && id + '-hint', fault && id + '-fault'].filter(Boolean).join(' ') || null;
  const shared = {
    id, name, class: 'input', 'aria-describedby': told, 'aria-invalid': fault ? 'true' : null,
    'aria-required': required ? 'true' : null,
    onInput: (event) => onInput(event.currentTarget.value),
  };

  if (type === 'boolean') {
    return html`<div class="field"><label class="check">
      <input type="checkbox" id=${id} name=${name} checked=${Boolean(text)}
      aria-describedby=${told} onChange=${(event) => onInput(event.currentTarget.checked)} /><span>
        ${labelOf(name, schema)}</span></label>
      ${hint && html`<span class="hint" id=${id + '-hint'}>${hint}</span>`}</div>`;
  }
  return html`<div class="field"><label for=${id}>
    ${labelOf(name, schema)}${required ? '' : html` <span class="faint small">optional</span>`}
      </label>
    ${children ? children(shared)
    : schema.enum ? html`<select ...${shared} value=${text ?? ''}>
      ${!required && !schema.default && html`<option value="">Not given</option>`}
        ${schema.enum.map((value) => html`<option value=${value} selected=${value === text}>
          ${words(value)}</option>`)}</select>`
      : type === 'array' || type === 'object'
        ? html`<textarea ...${shared} class="input mono" rows="4" spellcheck="false"
          value=${text ?? ''}></textarea>`
        : numeric(schema) ? html`<input ...${shared} type="text" inputmode="decimal"
          autocomplete="off" value=${text ?? ''} />`
          : html`<input ...${shared} type="text" autocomplete="off" maxlength=${schema.maxLength}
            value=${text ?? ''} />`}
    ${fault && html`<span class="error" id=${id + '-fault'}>${fault}</span>`}
    ${hint && html`<span class="hint" id=${id + '-hint'}>${hint}</span>`}</div>`;
};

/* `only` picks and orders the fields; `needed` are required besides those of
 * the schema; `onSubmit` gets the values, `problem` is what came back. */
export const SchemaForm = ({
  id, schema, only, needed = [], start = {}, problem, busy, verb, row, primary, onSubmit, children,
}) => {
  const properties = schema.properties || {};
  const names = (only || Object.keys(properties)).filter((name) => properties[name]);
  const must = (name) => needed.includes(name) || Boolean(schema.required?.includes(name));
  const [texts, setTexts] = useState(() => Object.fromEntries(names.map((name) =>
    [name, start[name] ?? properties[name].default ?? ''])));
  const [own, setOwn] = useState({});
  const [tried, setTried] = useState(0);
  const form = useRef(null);
  const told = faultsOf(problem);
  const faults = { ...told, ...own };
  const elsewhere = (problem?.errors || []).length
    ? Object.entries(told).filter(([name]) => !names.includes(name)) : [];

  useLayoutEffect(() => {
    form.current.querySelector('[aria-invalid="true"]')?.focus();
  }, [problem, tried]);

  const submit = (event) => {
    event.preventDefault();
    const found = {};
    const values = {};

    for (const name of names) {
      const fault = faultOf(texts[name], properties[name], must(name));

      if (fault) {
        found[name] = fault;
      }
      else if (valueOf(texts[name], properties[name]) !== undefined) {
        values[name] = valueOf(texts[name], properties[name]);
      }
    }
    setOwn(found);
    setTried((n) => n + 1);
    if (Object.keys(found).length === 0 && !busy) {
      onSubmit(values);
    }
  };

  return html`<form class="form" novalidate ref=${form} onSubmit=${submit}>
    <div class=${'form' + (row ? ' row' : '')}>
      ${names.map((name) =>
        html`<${Field} key=${name} id=${id + '-' + name} name=${name} schema=${properties[name]}
      required=${must(name)} text=${texts[name]} fault=${faults[name]} onInput=${(text) => {
  setTexts((old) => ({ ...old, [name]: text }));
  setOwn((old) => ({ ...old, [name]: undefined }));
}} />`)}</div>
    ${problem && (elsewhere.length > 0 || !problem.errors.length)
      && html`<div class="banner critical" role="alert"><p>${elsewhere.length
    ? elsewhere.map(([name, detail]) => words(name) + ': ' + detail).join(' ')
    : problem.detail || problem.message} Nothing was changed.</p></div>`}
    ${children}
    <div class="button-row">
      <button class=${'button' + (primary ? ' primary' : '')} type="submit"
        aria-busy=${busy ? 'true' : null}>${verb}</button></div>
  </form>`;
};
