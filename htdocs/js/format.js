/* Numbers, money and time in words.  A missing value is null and stays
 * visible as a dash; nothing stands in for it. */

const LOCALE = navigator.languages?.find((l) => l.startsWith('en')) || 'en';
const NONE = '–';

let zone;                       /* the tenant's time zone, else the reader's */

export function setZone(name) {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone: name });
    zone = name;
  }
  catch {
    zone = undefined;
  }
}

const made = new Map();

/* Intl formats are dear to make and asked for again and again. */
function format(kind, options) {
  const key = kind.name + JSON.stringify(options) + zone;

  if (!made.has(key)) {
    made.set(key, new kind(LOCALE, options));
  }
  return made.get(key);
}

export const known = (value) =>
  value !== null && value !== undefined && !Number.isNaN(value);

const minus = (text) => text.replace(/^-/, '−').replace(/-(?=[\d.$€£])/, '−');

export function number(value, digits = 0) {
  return known(value)
    ? minus(format(Intl.NumberFormat, {
      maximumFractionDigits: digits, minimumFractionDigits: digits,
    }).format(value))
    : NONE;
}

/* As many digits as the value needs, at most three significant ones. */
export function figure(value) {
  if (!known(value)) {
    return NONE;
  }
  if (typeof value !== 'number') {
    return String(value);
  }
  return minus(format(Intl.NumberFormat, Number.isInteger(value)
    ? {}
    : { maximumSignificantDigits: Math.abs(value) >= 100 ? 4 : 3 })
    .format(value));
}

export function signed(value, digits = 2) {
  if (!known(value)) {
    return NONE;
  }
  return minus(format(Intl.NumberFormat, {
    maximumFractionDigits: digits, minimumFractionDigits: digits,
    signDisplay: 'exceptZero',
  }).format(value));
}

/* What is not nothing is not called nothing, and what is not all not all. */
export function percent(value, digits = 0) {
  if (!known(value)) {
    return NONE;
  }
  const text = (share) => minus(format(Intl.NumberFormat, {
    style: 'percent', maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(share));
  const least = 10 ** -(digits + 2);

  return value > 0 && value < least ? 'under ' + text(least)
    : value < 1 && value > 1 - least ? 'over ' + text(1 - least)
      : text(value);
}

/* A probability is an estimate: never none and never all. */
export const chance = (p, digits = 0) =>
  known(p) ? percent(Math.min(Math.max(p, 1e-9), 1 - 1e-9), digits) : NONE;

/* The same as a factor in a product: 0.86, 0.998. */
export function factor(p) {
  if (!known(p)) {
    return NONE;
  }
  const digits = p > 0.995 || p < 0.005 ? 3 : 2;

  return number(Math.min(Math.max(p, 10 ** -digits), 1 - 10 ** -digits), digits);
}

export function signedPercent(value) {
  return known(value) ? minus(format(Intl.NumberFormat, {
    style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero',
  }).format(value)) : NONE;
}

/* 0..1 as 0..100, the way health is spoken of. */
export function score(value) {
  return known(value) ? number(value * 100) : NONE;
}

export function money(value, currency, digits = 0) {
  if (!known(value)) {
    return NONE;
  }
  if (!/^[A-Z]{3}$/.test(currency || '')) {
    return number(value, digits);
  }
  return minus(format(Intl.NumberFormat, {
    style: 'currency', currency, currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: digits, minimumFractionDigits: digits,
  }).format(value));
}

/* A day without a time is a day everywhere: read as UTC, shown as UTC. */
function day(on) {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(on) ? on + 'T00:00:00Z' : on);
}

function shown(on, options) {
  if (!on) {
    return NONE;
  }
  const when = day(on);
  const timeZone = /^\d{4}-\d{2}-\d{2}$/.test(on) ? 'UTC' : zone;

  return Number.isNaN(when.getTime())
    ? NONE
    : format(Intl.DateTimeFormat, { timeZone, ...options }).format(when);
}

export const date = (on) => shown(on, { day: 'numeric', month: 'short' });

export const fullDate = (on) =>
  shown(on, { day: 'numeric', month: 'short', year: 'numeric' });

/* With its year where that is not the one of today. */
export const dateFrom = (today, on) =>
  String(on || '').slice(0, 4) === String(today || '').slice(0, 4) ? date(on) : fullDate(on);

export const month = (on) => shown(on, { month: 'long' });

export const shortMonth = (on) => shown(on, { month: 'short' });

export const weekday = (on) =>
  shown(on, { weekday: 'long', day: 'numeric', month: 'long' });

export const time = (at) =>
  shown(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export const clock = (at) => shown(at, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});

/* The time today, the day before today. */
export function moment(at, text = time) {
  if (!at) {
    return NONE;
  }
  return fullDate(new Date(at).toISOString())
    === fullDate(new Date().toISOString()) ? text(at) : date(at);
}

export function daysFrom(today, on) {
  if (!today || !on) {
    return null;
  }
  return Math.round((day(on) - day(today)) / 86400000);
}

/* "in 13 days", "today", "3 days ago" */
export function distance(today, on) {
  const days = daysFrom(today, on);

  if (days === null || Number.isNaN(days)) {
    return '';
  }
  if (days === 0) {
    return 'today';
  }
  const words = count(Math.abs(days), 'day');

  return days > 0 ? 'in ' + words : words + ' ago';
}

export const count = (n, one, many = one + 's') =>
  number(n) + ' ' + (n === 1 ? one : many);

/* "A, b and c" */
export const listed = (parts) => parts.length < 2 ? parts.join('')
  : parts.slice(0, -1).join(', ') + ' and ' + parts.at(-1);

/* How long something took. */
export const lasted = (ms) => ms < 1000 ? number(ms) + ' ms'
  : ms < 60000 ? number(ms / 1000, 1) + ' s' : number(ms / 60000) + ' min';

/* "ticket_volume" as "Ticket volume" */
export function words(name) {
  const text = String(name).replace(/[_.\s]+/g, ' ').trim();

  return text.charAt(0).toUpperCase() + text.slice(1);
}

const SMALL = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven',
  'Eight', 'Nine', 'Ten'];

/* A sentence does not start with a digit. */
export const spelled = (n) => SMALL[n] || number(n);

export function size(bytes) {
  return bytes < 1024 ? count(bytes, 'byte')
    : bytes < 1048576 ? number(bytes / 1024) + ' kB'
      : number(bytes / 1048576, 1) + ' MB';
}
