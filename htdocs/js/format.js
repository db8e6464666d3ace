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

export function percent(value, digits = 0) {
  if (!known(value)) {
    return NONE;
  }
  const few = value > 0 && value < 0.01 && digits === 0;

  return few ? '<1%' : minus(format(Intl.NumberFormat, {
    style: 'percent', maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(value));
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
export function moment(at) {
  if (!at) {
    return NONE;
  }
  return fullDate(new Date(at).toISOString())
    === fullDate(new Date().toISOString()) ? time(at) : date(at);
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
