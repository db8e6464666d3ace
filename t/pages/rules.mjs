/* What holds for the files themselves, without a browser. */

import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const HTDOCS = fileURLToPath(new URL('../../htdocs/', import.meta.url));
const BUDGET = 120 * 1024;
let count = 0;
let failures = 0;

function ok(good, name, note = '') {
  count++;
  failures += good ? 0 : 1;
  process.stdout.write(`${good ? 'ok' : 'not ok'} ${count} - ${name}\n`);
  if (!good) {
    process.stdout.write(String(note).split('\n').map((line) => `# ${line}\n`).join(''));
  }
}

const files = (folder) => readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile()).map((entry) =>
    join(entry.parentPath || entry.path, entry.name));
const own = files(HTDOCS).filter((name) => !name.includes('/vendor/')
  && /\.(js|css|html|svg)$/.test(name));
const hits = (pattern, names) => names.flatMap((name) => readFileSync(name, 'utf8').split('\n')
  .map((line, i) => [line, `${name.slice(HTDOCS.length)}:${i + 1}: ${line.trim().slice(0, 100)}`])
  .filter(([line]) => pattern.test(line)).map(([, text]) => text)).join('\n');
const never = (pattern, names, text) => {
  const found = hits(pattern, names);

  ok(!found, text, found);
};

const scripts = own.filter((name) => name.endsWith('.js'));
const pages = own.filter((name) => name.endsWith('.html'));

never(/\b(fetch|XMLHttpRequest|EventSource|WebSocket)\s*\(/,
  scripts.filter((name) => !name.endsWith('js/api.js')), 'only api.js fetches');
never(
  /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerously|\beval\s*\(|new Function/,
    scripts, 'no script makes HTML of text');
never(/Math\.random/, scripts, 'no number is invented');
never(/\sstyle=|\.style\b|<style/, [...scripts, ...pages], 'no style attribute');
never(/<script(?![^>]*\ssrc=)|\son[a-z]+="/, pages, 'no inline script');
never(/#[0-9a-f]{3,8}\b(?!\w)|\brgba?\(|\bhsla?\(/i,
  own.filter((name) => name.endsWith('.css') && !name.endsWith('tokens.css')),
    'colours stand in tokens.css only (styles)');
never(/["'`(\s:]#([0-9a-f]{6}|[0-9a-f]{8}|(?=\d{0,2}[a-f])[0-9a-f]{3})\b|\brgba?\(|\bhsla?\(/i,
  [...scripts, ...own.filter((name) => name.endsWith('.svg'))],
    'colours stand in tokens.css only (scripts, icons)');
never(/https?:\/\//, own.filter((name) => !name.endsWith('.svg')), 'no page names another origin');

const icons = readFileSync(join(HTDOCS, 'icons.svg'), 'utf8');
const used = new Set(scripts.flatMap((name) =>
  [...readFileSync(name, 'utf8').matchAll(/(?:name=|icon=)"([a-z]+)"|icon: '([a-z]+)'/g)].map(
    (m) => m[1] || m[2])));

for (const [, name] of readFileSync(join(HTDOCS, 'js/shell.js'), 'utf8')
  .matchAll(/\['[A-Z]?[a-z]*', '([a-z]+)'\]/g)) {
  used.add(name);
}
const missing = [...used].filter((name) => !['theme', 'density'].includes(name)
  && !icons.includes(`id="i-${name}"`));

ok(missing.length === 0, 'every icon that is used exists', missing.join(' '));

const lock = readFileSync(join(HTDOCS, 'package-lock.json'), 'utf8');

ok(!lock.includes('"resolved"'), 'the lock file names no place to download from');

/* What one page loads: its module and all that is imported from there. */
function loaded(module, seen = new Set()) {
  if (!seen.has(module)) {
    seen.add(module);
    for (const [, next] of readFileSync(module, 'utf8')
      .matchAll(/(?:from|import)\s+'(\.[^']+)'/g)) {
      loaded(join(dirname(module), next), seen);
    }
  }
  return seen;
}

if (existsSync(join(HTDOCS, 'vendor/ui.js'))) {
  for (const page of pages) {
    const [, module] = readFileSync(page, 'utf8')
      .match(/<script type="module" src="([^"]+)"/) || [];

    if (!module) {
      continue;                 /* the page of an error needs none */
    }
    const sum = [...loaded(join(HTDOCS, module))].reduce((total, name) => total
      + gzipSync(readFileSync(name), { level: 9 }).length, 0);

    ok(sum <= BUDGET, `${page.slice(HTDOCS.length)} loads ${(sum / 1024)
      .toFixed(1)} kB of JavaScript (gzip), at most ${BUDGET / 1024}`, sum);
  }
}

/* CSV in both directions. */
const csv = await import(pathToFileURL(join(HTDOCS, 'js/csv.js')));
const same = (got, wanted, name) => ok(JSON.stringify(got) === JSON.stringify(wanted), name,
  `got    ${JSON.stringify(got)}\nwanted ${JSON.stringify(wanted)}`);

for (const [value, wanted, name] of [
  ['=1+1', "'=1+1", 'a formula is disarmed'], ['+49 30', "'+49 30", 'a plus is disarmed'],
    ['-x', "'-x", 'a minus in a text is disarmed'],
  ['@sum', "'@sum", 'an at sign is disarmed'], ['\tx', '"\'\tx"', 'a tab is disarmed and quoted'],
    [-5.5, '-5.5', 'a negative number stays a number'],
  ['a "b"', '"a ""b"""', 'quotes are doubled'], ['a,b', '"a,b"', 'a comma is quoted'],
    [null, '', 'nothing is empty'], [0, '0', 'zero is zero'],
]) {
  same(csv.cellOf(value), wanted, 'CSV: ' + name);
}
same(csv.parse('a,b\r\n"1,5","x ""y"""\r\n'), [['a', 'b'], ['1,5', 'x "y"']],
  'CSV: quoted cells are read');
same(csv.parse('a;b\n1;2\n\n3;4'), [['a', 'b'], ['1', '2'], ['3', '4']],
  'CSV: semicolons and empty lines');
same(csv.parse('\uFEFFa\tb\n"x\ny"\t2'), [['a', 'b'], ['x\ny', '2']],
  'CSV: tabs, a mark at the start, a line end in a cell');
same(csv.records('id,n,t\n007,1.50,\nx,-2,yes'),
  [{ id: '007', n: 1.5, t: null }, { id: 'x', n: -2, t: 'yes' }],
    'CSV: figures become numbers, leading zeros stay');
same(csv.parse(csv.write([['a', 'b'], ['x,"y"', -1]])), [['a', 'b'], ['x,"y"', '-1']],
  'CSV: what is written can be read');

process.stdout.write(`1..${count}\n`);
process.exitCode = failures ? 1 : 0;
