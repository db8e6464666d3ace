/* Figures.  Each has a claim as its title, the unit under it, a sentence and
 * "View as table".  Lines with bands are drawn by uPlot on a canvas, the rest
 * is SVG; colours come from the classes of mesh.css, read off a probe. */

import { html, useLayoutEffect, useRef } from '../vendor/ui.js';
import { line, Plot, scaleLinear } from '../vendor/chart.js';
import { known, number, signed } from './format.js';
import { theme } from './look.js';

export const Figure = ({ title, unit, legend, sentence, table, children }) => html`
  <figure class="chart">
    <figcaption><b>${title}</b><span>${unit}</span></figcaption>
    ${legend && html`<ul class="legend">${legend.map(({ label, kind }) => html`
      <li><svg aria-hidden="true"><line class=${'line ' + kind} x2="20" y1="5" y2="5" /></svg>
        ${label}</li>`)}</ul>`}
    ${children}
    <div class="chart-foot"><p>${sentence}</p>
      ${table && html`<details class="as-table"><summary>View as table</summary>
        <div class="table-frame short" tabindex="0" role="group" aria-label=${table.caption}>
          <table class="dense"><caption>${table.caption}</caption>
        <thead><tr>${table.columns.map((name, i) =>
          html`<th scope="col" class=${i ? 'number' : null}>${name}</th>`)}</tr></thead>
        <tbody>${table.rows.map((row) => html`<tr>${row.map((cell, i) => i
    ? html`<td class="number">${cell}</td>` : html`<th scope="row">${cell}</th>`)}</tr>`)}</tbody>
      </table></div></details>`}
    </div>
  </figure>`;

/* The colours and the face of the canvas, from the classes SVG uses. */
function inksOf(probe) {
  const of = (name) => getComputedStyle(probe.querySelector('.' + name));

  return {
    stroke: (name) => of(name).stroke,
    fill: (name) => of(name).fill,
    face: (name) => {
      const style = of(name);

      return { color: style.fill,
        font: `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`,
          size: Number.parseFloat(style.fontSize) };
    },
    surface: getComputedStyle(probe).backgroundColor,
  };
}

const Probe = ({ at }) => html`
  <svg class="probe" width="0" height="0" aria-hidden="true" ref=${at}>
    ${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => html`<path class=${'c' + n} />`)}
    <path class="grid-line" /><path class="base" /><path class="band-80" /><path class="band-95" />
      <path class="event" />
    <text class="tick">0</text><text class="label">0</text><text class="label strong">0</text>
      </svg>`;

function haloed(ctx, text, x, y, face, surface, ratio, align) {
  ctx.save();
  ctx.setLineDash([]);
  ctx.font = face.font.replace(/([\d.]+)px/, (_, n) => n * ratio + 'px');
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * ratio;
  ctx.strokeStyle = surface;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = face.color;
  ctx.fillText(text, x, y);
  ctx.restore();
}

function circle(ctx, x, y, fill, stroke, ratio) {
  ctx.save();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
  ctx.fillStyle = fill;
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 2 * ratio;
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

/* Lines over x, which may be days or plain numbers.
 * series: [{values, kind: 'c1', width?, dash?}]; band: {low, high, kind};
 * references: [{y, text, kind}]; marks: [{x, y, text, strong?, bare?, align?, dy?}],
 * bare without a circle;
 * ticks: {x: [{at, text}], y: [{at, text}]}; range: [low, high]. */
export const Line = ({
  label, x, series, band, references = [], marks = [], ticks, range, height = 104,
}) => {
  const frame = useRef(null);
  const probe = useRef(null);
  const scheme = theme.value;
  const key = JSON.stringify([x, series, band, references, marks, ticks, range]);

  useLayoutEffect(() => {
    const ink = inksOf(probe.current);
    const tick = ink.face('tick');
    const ratio = devicePixelRatio;
    const widest = Math.max(...ticks.y.map(({ text }) => text.length));
    /* A band is painted with its first edge: before the lines over it. */
    const lines = [...(band ? [
      { values: band.high, hidden: true }, { values: band.low, hidden: true }] : []), ...series];

    const draw = (u) => {
      const { ctx } = u;

      /* Words under the first and last tick stay inside the frame; one
       * between them gives way where there is no room. */
      const end = ticks.x.length - 1;
      let taken = -Infinity;

      ctx.save();
      ctx.font = tick.font.replace(/([\d.]+)px/, (_, n) => n * ratio + 'px');
      ctx.fillStyle = tick.color;
      ctx.textAlign = 'left';
      ctx.textBaseline = 'top';
      const room = u.bbox.left + u.bbox.width - ctx.measureText(ticks.x[end].text).width;

      ticks.x.forEach(({ at, text }, i) => {
        const wide = ctx.measureText(text).width;
        const left = u.valToPos(at, 'x', true) - (i === 0 ? 0 : i === end ? wide : wide / 2);

        if (i === 0 || i === end || (left > taken + 6 * ratio && left + wide + 6 * ratio < room)) {
          ctx.fillText(text, left, u.bbox.top + u.bbox.height + 8 * ratio);
          taken = left + wide;
        }
      });
      ctx.restore();

      for (const { y, text, kind = 'c2' } of references) {
        const at = Math.round(u.valToPos(y, 'y', true)) + 0.5;

        ctx.save();
        ctx.strokeStyle = ink.stroke(kind);
        ctx.lineWidth = 1.25 * ratio;
        ctx.setLineDash([5 * ratio, 4 * ratio]);
        ctx.beginPath();
        ctx.moveTo(u.bbox.left, at);
        ctx.lineTo(u.bbox.left + u.bbox.width, at);
        ctx.stroke();
        ctx.restore();
        if (text) {
          haloed(ctx, text, u.bbox.left + 2 * ratio, at + 12 * ratio, tick, ink.surface, ratio,
            'left');
        }
      }
      for (const { x: mx, y, text, strong, bare, align = 'left', dx = 8, dy = -4,
        kind = 'c1' } of marks) {
        const px = u.valToPos(mx, 'x', true);
        const py = u.valToPos(y, 'y', true);

        if (!bare) {
          circle(ctx, px, py, ink.surface, ink.stroke(kind), ratio);
        }
        if (text) {
          haloed(ctx, text, px + dx * ratio * (align === 'right' ? -1 : 1), py + dy * ratio,
            ink.face(strong ? 'strong' : 'label'), ink.surface, ratio, align);
        }
      }
    };

    const u = new Plot({
      width: frame.current.clientWidth || 300,
      height: height + 26,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 5, 0, 0],
      scales: {
        x: { time: false, range: () => [x[0], x.at(-1)] },
        y: { range: () => range },
      },
      axes: [{
        stroke: tick.color, font: tick.font, size: 24, gap: 4,
        grid: { show: false }, ticks: { show: false },
        border: { show: true, stroke: ink.stroke('base'), width: 1 },
        splits: () => ticks.x.map(({ at }) => at),
        values: () => ticks.x.map(() => ''),
      }, {
        stroke: tick.color, font: tick.font, gap: 4,
        size: 12 + widest * tick.size * 0.66,
        grid: { stroke: ink.stroke('grid-line'), width: 1 }, ticks: { show: false },
        splits: () => ticks.y.map(({ at }) => at),
        values: () => ticks.y.map(({ text }) => text),
      }],
      series: [{}, ...lines.map(({ kind, width = 2, dash, hidden }) => ({
        stroke: hidden ? ink.fill('band-95') : ink.stroke(kind),
        width: hidden ? 0 : width,
        dash,
        points: { show: false },
        spanGaps: false,
      }))],
      bands: band ? [{
        series: [1, 2],
        fill: ink.fill(band.kind || 'band-95'),
      }] : [],
      hooks: { draw: [draw] },
    }, [x, ...lines.map(({ values }) => values)], frame.current);
    const watch = new ResizeObserver(() => {
      const width = frame.current?.clientWidth;

      if (width && width !== u.width) {
        u.setSize({ width, height: height + 26 });
      }
    });

    watch.observe(frame.current);
    return () => {
      watch.disconnect();
      u.destroy();
    };
  }, [key, height, scheme]);
  return html`<div class="canvas plot-text" role="img" aria-label=${label}><${Probe} at=${probe} />
    <div ref=${frame}></div></div>`;
};

/* Round ticks for a range of values. */
export function ticksOf(low, high, n, text = number) {
  const pad = high > low ? 0 : Math.max(1, Math.abs(high) / 20);
  const scale = scaleLinear().domain([low - pad, high + pad]).nice(n);

  return {
    range: scale.domain(),
    ticks: scale.ticks(n).map((at) => ({ at, text: text(at) })),
  };
}

/* A course without axes.  Sparks of one column share a span, so that a steep
 * one is steep. */
export const Spark = ({ values, span, target, inline = true }) => {
  if (!values || values.length < 2) {
    return html`<span class="faint small">–</span>`;
  }
  const low = Math.min(...values);
  const high = Math.max(...values);
  const half = Math.max(span || high - low, 1e-9) / 2;
  const middle = (low + high) / 2;
  const y = scaleLinear([middle - half, middle + half], [95, 5]);
  const x = scaleLinear([0, values.length - 1], [0, 100]);
  const path = line((_, i) => x(i), (v) => y(v)).digits(1);

  return html`<svg class=${'spark' + (inline ? ' inline' : '')} viewBox="0 0 100 100"
    preserveAspectRatio="none" aria-hidden="true">
    ${target !== undefined && html`<path class="target" d=${'M0 ' + y(target) + 'H100'} />`}
    <path d=${path(values)} /></svg>`;
};

/* What pushes a probability up and down from the base rate; the parts and
 * the base rate sum to its log-odds.
 * parts: [{words, sub, contribution}], base: {words, sub, contribution}. */
export const Drivers = ({ parts, base, sum, sumWords = 'Sum, in log-odds', sumSub }) => {
  const largest = Math.max(...parts.map((part) => Math.abs(part.contribution)), 1e-9);
  const width = scaleLinear([0, largest], [0, 47]);
  const bar = (value) => html`
    <svg aria-hidden="true">
      <rect class=${value < 0 ? 'down' : 'up'} x=${(value < 0 ? 50 - width(-value) : 50) + '%'}
      y="6" width=${Math.max(width(Math.abs(value)), 0.5) + '%'} height="10" rx="1" />
        <line class="axis" x1="50%" x2="50%" y2="100%" /></svg>`;

  return html`<ul class="drivers">
    ${parts.map((part) => html`<li data-contribution=${part.contribution}><span>
      ${part.words}${part.sub
      && html`<span class="sub">${part.sub}</span>`}</span>${bar(part.contribution)}
      <span class="number">${signed(part.contribution)}</span></li>`)}
    ${base && html`<li class="base-rate" data-contribution=${base.contribution}><span>
      ${base.words}${base.sub
      && html`<span class="sub">${base.sub}</span>`}</span><span></span>
      <span class="number">${signed(base.contribution)}</span></li>`}
    <li class="sum" data-sum=${sum}><span>
      ${sumWords}${sumSub && html`<span class="sub">${sumSub}</span>`}</span><span></span>
      <span class="number">${signed(sum)}</span></li>
  </ul>`;
};

/* How many rows a circle stands for: above it, or below where the frame ends. */
const Rows = ({ x, y, n }) => html`
  <text class=${'halo ' + (x < 4 ? '' : x > 96 ? 'end' : 'mid')} x=${x + '%'} y=${100 - y + '%'}
    dy=${y > 90 ? '1.9em' : '-0.95em'}>${number(n)}</text>`;

/* Predicted against observed, a circle for each bin, larger for more rows. */
export const Calibration = ({ bins, label }) => {
  const top = Math.min(1,
    Math.ceil(Math.max(0.2, ...bins.flatMap((b) => [b.predicted, b.observed])) * 5) / 5);
  const at = scaleLinear([0, top], [0, 100]);
  const most = Math.max(...bins.map((b) => b.n || 1));
  const ticks = [0, top / 2, top];
  const text = (value) => number(value * 100) + (value ? '%' : '');

  return html`<div class="plot" role="img" aria-label=${label}>
    <svg width="40" height="168" aria-hidden="true">${ticks.map((t) => html`
      <text class="end" x="32" y=${100 - at(t) + '%'} dy="0.32em">${text(t)}</text>`)}</svg>
    <svg width="100%" height="168" aria-hidden="true">
      <line class="base" x2="100%" y1="100%" y2="100%" />
      ${ticks.slice(1).map((t) =>
        html`<line class="grid-line" x2="100%" y1=${100 - at(t) + '%'} y2=${100 - at(t) + '%'} />`)}
      <line class="line thin dashed c7" x1="0" y1="100%" x2="100%" y2="0" />
      ${bins.map((b) => html`<circle class="dot c1" cx=${at(b.predicted) + '%'}
        cy=${100 - at(b.observed) + '%'}
        r=${3 + 3.6 * Math.sqrt((b.n || 1) / most)} />`)}
      ${bins.map((b) => known(b.n) && html`<${Rows} x=${at(b.predicted)} y=${at(b.observed)}
        n=${b.n} />`)}</svg>
    <svg class="x-axis" width="100%" height="22" aria-hidden="true"><text x="0%" y="16">0</text>
      <text class="mid" x="50%" y="16">${text(top / 2)} predicted</text>
        <text class="end" x="100%" y="16">${text(top)}</text></svg>
  </div>`;
};

/* Shares as bars, for weights of a model: [{name, value, text}]. */
export const Bars = ({ rows }) => {
  const width = scaleLinear([0, Math.max(...rows.map((row) => Math.abs(row.value)), 1e-9)],
    [0, 100]);

  return html`<ul class="drivers shares">${rows.map((row) => html`<li><span>${row.name}</span>
    <svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%" />
      <rect class="fill" width=${width(Math.abs(row.value)) + '%'} height="100%" /></svg>
    <span class="number">${row.text}</span></li>`)}</ul>`;
};
