/* Tables: the server sorts, filters and pages; the address says how.
 *
 * A column is {key, label, sort?, number?, spare?, extra?, cell(row), csv?,
 * unit?}: `sort` is the server's name to sort by, `spare` leaves first on a
 * narrow screen, `extra` is shown only when chosen, `csv` gives the raw value
 * where the cell shows a picture. */

import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { address, go } from './address.js';
import { save } from './csv.js';
import { Drop, Icon, rowsShown, useSettled } from './parts.js';

/* What the address asks for. */
export function useChoice({ sort, limit }) {
  const parts = address.value;

  return {
    sort: parts.get('sort') || sort,
    offset: Math.max(0, Number.parseInt(parts.get('offset'), 10) || 0),
    q: parts.get('q') || '',
    limit,
  };
}

export function shownColumns(columns) {
  const chosen = address.value.get('columns')?.split(',');

  return columns.filter((column, i) => i === 0
    || (chosen ? chosen.includes(column.key) : !column.extra));
}

export const Filter = ({ label, placeholder = 'Filter' }) => {
  const asked = address.value.get('q') || '';
  const [text, setText] = useState(asked);
  const settled = useSettled(text, 250);
  const sent = useRef(asked);

  useEffect(() => {
    if (settled !== sent.current) {
      sent.current = settled;
      go({ q: settled.trim(), offset: null }, { replace: true });
    }
  }, [settled]);
  useEffect(() => {
    if (asked !== sent.current.trim()) {
      sent.current = asked;
      setText(asked);
    }
  }, [asked]);
  return html`<input class="input compact" type="search" aria-label=${label}
    placeholder=${placeholder} size="10"
    data-filter value=${text} onInput=${(event) => setText(event.currentTarget.value)} />`;
};

export const ColumnPicker = ({ columns }) => {
  const shown = shownColumns(columns).map((column) => column.key);
  const turn = (key, on) => {
    const next = columns.map((column) => column.key)
      .filter((k) => (k === key ? on : shown.includes(k)));
    const usual = columns.filter((column, i) => i === 0 || !column.extra)
      .map((column) => column.key);

    go({ columns: next.join() === usual.join() ? null : next.join(',') });
  };

  return html`<${Drop} summary=${html`<${Icon} name="columns" />Columns`}>
    <fieldset class="checks"><legend>Columns shown</legend>
    ${columns.map((column, i) => html`<label class="check">
      <input type="checkbox" disabled=${i === 0}
      checked=${shown.includes(column.key)}
        onChange=${(event) => turn(column.key, event.currentTarget.checked)} />
      <span>${column.name || column.label}</span></label>`)}</fieldset></${Drop}>`;
};

export function exportRows(columns, rows) {
  return [
    columns.map((column) => (column.name || column.label) + (column.unit ? ', ' + column.unit
      : '')),
    ...rows.map((row) => columns.map((column) =>
      column.csv ? column.csv(row) : row[column.key])),
  ];
}

export const CsvButton = ({ name, columns, rows, compact }) => html`
  <button class=${'button' + (compact ? ' compact' : '')} type="button" disabled=${!rows?.length}
    onClick=${() => save(name, exportRows(columns, rows))}><${Icon} name="download" />CSV</button>`;

const direction = (column, sort) => sort === column.sort ? 'ascending'
  : sort === '-' + column.sort ? 'descending' : null;

/* A press on a figure starts with the largest, on a name with the first. */
function turned(column, sort) {
  if (direction(column, sort)) {
    return sort.startsWith('-') ? column.sort : '-' + column.sort;
  }
  return column.number || column.big ? '-' + column.sort : column.sort;
}

export const Table = ({
  columns, rows, sort, rowKey, selected, onRow, foot, caption, label, kind = '', frame = '', about,
}) => html`
  <div class=${'table-frame ' + frame} tabindex="0" role="group" aria-label=${label}>
  <table class=${kind}>
    ${caption && html`<caption>${caption}</caption>`}
    ${about && html`<caption class="hidden-text">${about}</caption>`}
    <thead><tr>${columns.map((column) => html`
      <th scope="col" class=${[column.number && 'number', column.spare && 'spare'].filter(Boolean)
        .join(' ') || null}
        aria-sort=${column.sort && sort ? direction(column, sort) : null}>${column.sort && sort
  ? html`<button class="sort" type="button"
    onClick=${() => go({ sort: turned(column, sort), offset: null })}>${column.label}</button>`
  : column.label}</th>`)}</tr></thead>
    <tbody>${rows.map((row, n) => {
      const key = rowKey ? rowKey(row) : n;
      const chosen = selected !== undefined && key === selected;

      return html`<tr key=${key} class=${chosen ? 'selected' : null}
        aria-current=${chosen ? 'true' : null}
        onClick=${onRow && ((event) => event.target.closest('a, button, input') || onRow(row))}>
        ${columns.map((column, i) => {
    const kinds = [column.number && 'number', column.spare && 'spare', column.nowrap && 'nowrap']
      .filter(Boolean).join(' ') || null;
    const content = column.cell ? column.cell(row) : row[column.key];

    return i === (columns.head || 0)
      ? html`<th scope="row" class=${kinds}>${content}</th>`
      : html`<td class=${kinds}>${content}</td>`;
  })}</tr>`;
    })}</tbody>
    ${foot && html`<tfoot><tr>${columns.map((column, i) => i === 0
      ? html`<th scope="row">${foot[column.key]}</th>`
      : html`<td class=${[column.number && 'number', column.spare && 'spare'].filter(Boolean)
        .join(' ') || null}>${foot[column.key]}</td>`)}</tr></tfoot>`}
  </table></div>`;

export const Pager = ({ offset, limit, shown, total, what = 'page' }) => html`
  <span role="status">${rowsShown(offset, shown, total)}</span>
  <span class="pages">
    <button class="icon-button compact" type="button" aria-label=${'Previous ' + what}
      disabled=${offset === 0}
      onClick=${() => go({ offset: Math.max(0, offset - limit) || null })}><${Icon} name="prev" />
        </button>
    <button class="icon-button compact" type="button" aria-label=${'Next ' + what}
      disabled=${offset + shown >= total}
      onClick=${() => go({ offset: offset + limit })}><${Icon} name="next" /></button></span>`;
