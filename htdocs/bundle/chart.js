/* What figures are drawn with, as one file: vendor/chart.js. */

export { default as Plot } from 'uplot';
export { scaleLinear, scaleSqrt, scaleUtc } from 'd3-scale';
export { area, curveMonotoneX, curveStepAfter, line } from 'd3-shape';
