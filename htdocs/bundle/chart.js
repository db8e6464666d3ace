/* What figures are drawn with, as one file: vendor/chart.js. */

export { default as Plot } from 'uplot';
export { scaleLinear } from 'd3-scale';
export { area, line } from 'd3-shape';
