/* What moves a score, in words: "Satisfaction 5 of 10", under it "mean of 90
 * days".  The words are the server's; here they are set in type. */

import { chance, count, figure, known, number, words } from './format.js';

const MOST = 7;

function tidy(text) {
  return text.replace(/(\d)\.0\b/g, '$1')
    .replace(/ changed by [+-]0(?=%|,|$)%?/, ' unchanged')
    .replace(/^1 (urgent )?(ticket|addition)s\b/, '1 $1$2')
    .replace(/ 1 (day|month)s\b/, ' 1 $1')
    .replace(/(^|\s)-(?=\d)/g, '$1−');
}

/* The first part of the words is the name of the bar, the rest stands under
 * it.  A model of posted rows knows only the name of the column. */
export function wordsOf(factor) {
  const given = factor.words && factor.words !== factor.feature;
  const text = given ? tidy(factor.words)
    : factor.feature + (known(factor.value) ? ' ' + figure(factor.value) : ' not known');
  const at = given ? text.search(/[,;] /) : -1;

  return at > 0
    ? { words: text.slice(0, at), sub: text.slice(at + 2).replace(/ (not known)$/, ', $1') }
    : { words: text, sub: '' };
}

const weight = (factor) => Math.abs(factor.contribution);

export const strongest = (factors) => (factors || [])
  .filter((factor) => factor.feature !== 'base_rate' && known(factor.contribution))
  .sort((a, b) => weight(b) - weight(a));

/* The parts of a figure of drivers: those that weigh most, the others in one,
 * the base, and the sum. */
export function driversOf(factors, { most = MOST, base: baseWords = 'Average client' } = {}) {
  const base = factors.find((factor) => factor.feature === 'base_rate');
  const all = strongest(factors);
  const shown = all.slice(0, all.length > most + 1 ? most : all.length);
  const others = all.slice(shown.length);
  const parts = shown.map((factor) => ({ ...wordsOf(factor), contribution: factor.contribution }));

  if (others.length) {
    parts.push({
      words: count(others.length, 'other sign'),
      sub: 'none above ' + number(weight(others[0]), 2),
      contribution: others.reduce((sum, factor) => sum + factor.contribution, 0),
    });
  }
  return {
    parts,
    base: base && {
      words: baseWords,
      sub: known(base.value) ? 'has ' + chance(base.value) : 'where the sum starts',
      contribution: base.contribution,
    },
    sum: factors.reduce((sum, factor) => sum + (factor.contribution || 0), 0),
  };
}

/* "satisfaction 5 of 10", to stand within a sentence. */
const within = (text) => /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;

/* What speaks most for leaving, as parts of one sentence. */
export const reasonsOf = (factors, most = 3) => strongest(factors)
  .filter((factor) => factor.contribution > 0 && known(factor.value))
  .slice(0, most).map((factor) => within(wordsOf(factor).words));
