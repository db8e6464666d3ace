/* The figures of one client and of the model: course, survival, calibration. */

import { html } from '../../vendor/ui.js';
import { Calibration, Figure, Line, ticksOf } from '../chart.js';
import {
  chance, count, date, known, month, number, percent, score, shortMonth, spelled,
} from '../format.js';
import { State } from '../parts.js';

const DAY = 86400000;

/* ---- Course ---- */

function dayTicks(points) {
  const n = Math.min(4, points.length);
  const first = Date.parse(points[0].on);
  const last = Date.parse(points.at(-1).on);
  const near = last - first < 200 * DAY;

  return Array.from({ length: n }, (_, i) => {
    const at = first + (last - first) * (n === 1 ? 0 : i / (n - 1));
    const on = new Date(at).toISOString().slice(0, 10);

    return { at, text: near ? date(on) : shortMonth(on) };
  });
}

/* "Down 85 points since May", and where the course turned. */
function courseWords(points) {
  const first = points[0];
  const last = points.at(-1);
  const change = Math.round(last.health_score * 100) - Math.round(first.health_score * 100);
  const low = points.reduce((least, point) =>
    (point.health_score < least.health_score ? point : least));
  const high = points.reduce((most, point) =>
    (point.health_score > most.health_score ? point : most));
  const isLevel = score(high.health_score) - score(low.health_score) < 3;

  return {
    title: (Math.abs(change) < 2 ? 'Level' : (change < 0 ? 'Down ' : 'Up ')
      + count(Math.abs(change), 'point')) + ' since ' + month(first.on),
    label: 'Health went from ' + score(first.health_score) + ' on ' + date(first.on) + ' to '
      + score(last.health_score) + ' on ' + date(last.on) + '.',
    sentence: isLevel ? 'Between ' + score(low.health_score) + ' and '
      + score(high.health_score) + ' all the time.' : low === last && change < 0
        ? 'Lowest now, at ' + score(low.health_score) + '.'
      : 'Lowest ' + score(low.health_score) + ' on ' + date(low.on) + '.',
  };
}

/* At least this many points of health from top to bottom: what hardly moves
 * looks as if it hardly moves. */
const LEAST_SPAN = 20;

export const Course = ({ client }) => {
  const points = (client.trend || []).filter((point) => known(point.health_score) && point.on);

  if (points.length < 2) {
    return html`<${State} title="No course yet">
      <p>Health is kept from the first score on; two days are needed.</p></${State}>`;
  }
  const values = points.map((point) => point.health_score * 100);
  const { title, label, sentence } = courseWords(points);
  const high = Math.max(...values);
  const { range, ticks } = ticksOf(
    Math.max(0, Math.min(...values, high - LEAST_SPAN)), Math.min(high, 100), 3);
  const top = [range[0], Math.min(range[1], 100)];

  return html`<${Figure} title=${title}
    unit=${'Health score, 0 to 100' + (top[0] > 0 ? '; the axis starts at ' + number(top[0]) : '')}
    sentence=${sentence}
    table=${{ caption: 'Health by day', columns: ['Day', 'Health'],
      rows: points.map((point) => [date(point.on), score(point.health_score)]) }}>
    <${Line} label=${label} x=${points.map((point) => Date.parse(point.on))}
      series=${[{ values, kind: 'c1' }]} range=${top}
      ticks=${{ x: dayTicks(points), y: ticks.filter(({ at }) => at <= 100) }} /></${Figure}>`;
};

/* ---- Survival ---- */

const low = (point) => point.p_low ?? point.low ?? point.lower;
const high = (point) => point.p_high ?? point.high ?? point.upper;

/* "14 in 100", never none and never all. */
const inHundred = (p) => chance(p).replace('%', ' in 100').replace(/^./, (c) => c.toUpperCase());

function survivalTicks(points, near) {
  const last = points.at(-1).day;
  const days = [points[0].day, ...(near.day > 0 && near.day < last ? [near.day] : []), last];

  return {
    x: days.map((at, i) => ({ at, text: at === 0 ? 'today' : i === days.length - 1
      ? count(at, 'day') : number(at) })),
    y: [{ at: 0, text: '0' }, { at: 0.5, text: '50%' }, { at: 1, text: '100%' }],
  };
}

function survivalTable(points, based, banded) {
  return {
    caption: 'Chance to stay, by day',
    columns: ['Day', 'This client', ...(based ? ['One of its age'] : []),
      ...(banded ? ['95% band'] : [])],
    rows: points.map((point) => [point.day, chance(point.p),
      ...(based ? [chance(point.base)] : []),
      ...(banded ? [chance(low(point)) + ' to ' + chance(high(point))] : [])]),
  };
}

/* The words at the end of the dashed line: under it, unless the other one is
 * there. */
const baseMark = ({ day, p, base }) => ({
  x: day, y: base, text: 'one of its age', bare: true, align: 'right', dx: 0,
  dy: base > 0.7 && p > 0.7 ? 36 : base < 0.2 || (p < base && base - p < 0.3) ? -7 : 16,
});

export const Survival = ({ client }) => {
  const told = (client.survival || []).filter((point) => known(point.p));

  if (told.length < 2) {
    return html`<${State} title="No survival estimate">
      <p>It needs clients that stayed and clients that left.</p></${State}>`;
  }
  const banded = told.every((point) => known(low(point)) && known(high(point)));
  const based = told.every((point) => known(point.base));
  /* Today the client is there. */
  const points = told[0].day > 0
    ? [{ day: 0, p: 1, base: 1, p_low: 1, p_high: 1 }, ...told] : told;
  const near = told.reduce((best, point) =>
    (Math.abs(point.day - 90) < Math.abs(best.day - 90) ? point : best));
  const last = told.at(-1);
  const stays = chance(near.p) + ' at ' + count(near.day, 'day');

  return html`<${Figure} title=${inHundred(near.p) + ' such clients stay ' + count(near.day, 'day')}
    unit=${'Estimated chance to stay' + (banded ? ', with 95% band' : '')}
    sentence=${'After ' + count(last.day, 'day') + ' ' + chance(last.p)
      + (based ? '; of clients of its age ' + chance(last.base) : '') + '.'}
    table=${survivalTable(told, based, banded)}>
    <${Line} label=${'Chance that ' + client.name + ' stays: ' + stays + ', '
      + chance(last.p) + ' at ' + count(last.day, 'day') + '.'}
      x=${points.map((point) => point.day)} range=${[0, 1]}
      band=${banded ? { low: points.map(low), high: points.map(high), kind: 'band-95' } : undefined}
      series=${[
        ...(based ? [{ values: points.map((point) => point.base), kind: 'c7', dash: [5, 4] }] : []),
        { values: points.map((point) => point.p), kind: 'c1' },
      ]}
      marks=${[...(based ? [baseMark(last)] : []), {
        x: near.day, y: near.p, text: stays, strong: true,
        align: near.day > last.day * 0.55 ? 'right' : 'left', dy: near.p > 0.85 ? 18 : -6 }]}
      ticks=${survivalTicks(points, near)} /></${Figure}>`;
};

/* ---- Calibration ---- */

const FEW_LEAVERS = 50;         /* held out; below, no bin can be trusted */
const FULL_BIN = 20;

/* What the bins allow to be said.  With few leavers only the sum is. */
function calibrationWords({ bins, rows, left }) {
  const wanted = bins.reduce((sum, bin) => sum + bin.n * bin.predicted, 0);
  const full = bins.filter((bin) => bin.n >= FULL_BIN);
  const worst = Math.max(0, ...full.map((bin) => Math.abs(bin.predicted - bin.observed)));
  const points = Math.round(worst * 100);

  if (left < FEW_LEAVERS) {
    return {
      title: spelled(left) + ' of ' + number(rows) + ' left, '
        + number(wanted, wanted < 10 ? 1 : 0) + ' were predicted',
      sentence: 'Too few left to judge a single circle: most stand for '
        + (bins.filter((bin) => bin.n < 6).length > bins.length / 2 ? 'five rows or fewer.'
          : 'few rows.'),
    };
  }
  return {
    title: worst <= 0.05 ? 'Predictions match what happened'
      : 'Predictions are up to ' + points + ' points off',
    sentence: 'Largest difference ' + count(points, 'point') + ' where at least '
      + FULL_BIN + ' rows are.',
  };
}

export const CalibrationFigure = ({ calibration, model }) => {
  const bins = (calibration?.bins || []).filter((bin) =>
    known(bin.predicted) && known(bin.observed)).map((bin) => ({ ...bin, n: bin.n || 0 }));

  if (bins.length < 2) {
    return html`<${State} title="No calibration yet">
      <p>It is measured on rows held out from training; there are too few of them.</p></${State}>`;
  }
  const rows = calibration.n ?? bins.reduce((sum, bin) => sum + bin.n, 0);
  const left = Math.round(bins.reduce((sum, bin) => sum + bin.n * bin.observed, 0));
  const { title, sentence } = calibrationWords({ bins, rows, left });
  const measures = [known(calibration.ece) && 'ECE ' + number(calibration.ece, 3),
    known(calibration.brier) && 'Brier ' + number(calibration.brier, 3)].filter(Boolean);

  return html`<${Figure} title=${title}
    unit=${'Share that left against prediction, ' + count(rows, 'row')
      + ' held out, count at each circle'}
    sentence=${[sentence, measures.length && measures.join(', ') + '.', model]
      .filter(Boolean).join(' ')}
    table=${{ caption: 'Predicted and observed', columns: ['Predicted', 'Left', 'Rows'],
      rows: bins.map((bin) => [percent(bin.predicted), percent(bin.observed), number(bin.n)]) }}>
    <${Calibration} bins=${bins} label=${'Share that left against prediction. ' + bins.map((bin) =>
      percent(bin.predicted) + ' predicted, ' + percent(bin.observed) + ' of '
        + count(bin.n, 'row') + ' left').join('; ') + '.'} /></${Figure}>`;
};
