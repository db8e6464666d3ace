/* CSV in both directions.  What leaves is safe to open in a spreadsheet. */

/* Rows of cells, quotes as RFC 4180 has them; the separator is whichever of
 * comma, semicolon and tab the first line has most of. */
export function parse(text, limit = Infinity) {
  const source = text.replace(/^\uFEFF/, '');
  const head = source.slice(0, source.search(/[\r\n]|$/));
  const separator = [',', ';', '\t'].reduce((best, mark) =>
    head.split(mark).length > head.split(best).length ? mark : best);
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;

  const endRow = () => {
    row.push(cell);
    if (row.length > 1 || row[0] !== '') {
      rows.push(row);
    }
    row = [];
    cell = '';
  };

  for (let i = 0; i < source.length && rows.length < limit; i++) {
    const c = source[i];

    if (quoted) {
      if (c !== '"') {
        cell += c;
      }
      else if (source[i + 1] === '"') {
        cell += c;
        i++;
      }
      else {
        quoted = false;
      }
    }
    else if (c === '"' && cell === '') {
      quoted = true;
    }
    else if (c === separator) {
      row.push(cell);
      cell = '';
    }
    else if (c === '\n') {
      endRow();
    }
    else if (c !== '\r') {
      cell += c;
    }
  }
  if (rows.length < limit && (cell !== '' || row.length)) {
    endRow();
  }
  return rows;
}

/* The same as objects, by the names in the first row.  Empty cells are
 * null; figures become numbers. */
export function records(text, limit = Infinity) {
  const [names = [], ...rows] = parse(text, limit + 1);

  return rows.map((row) => Object.fromEntries(names.map((name, i) => {
    const cell = (row[i] ?? '').trim();

    if (cell === '') {
      return [name, null];
    }
    return [name, /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(cell)
      ? Number(cell) : cell];
  })));
}

/* A text that starts like a formula would be run by a spreadsheet: it gets
 * an apostrophe.  Numbers are numbers and stay. */
export function cellOf(value) {
  if (value === null || value === undefined) {
    return '';
  }
  let text = String(value);

  if (typeof value !== 'number' && /^[=+\-@\t\r]/.test(text)) {
    text = "'" + text;
  }
  return /[",;\r\n\t]/.test(text) ? '"' + text.replaceAll('"', '""') + '"'
    : text;
}

export function write(rows) {
  return rows.map((row) => row.map(cellOf).join(',')).join('\r\n') + '\r\n';
}

export function save(name, rows) {
  const link = document.createElement('a');

  link.href = URL.createObjectURL(new Blob(['\uFEFF', write(rows)],
    { type: 'text/csv;charset=utf-8' }));
  link.download = name.replace(/[^\w.-]+/g, '-');
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
