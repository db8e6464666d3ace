/* Light, dark or as the system has it; and whether single keys are shortcuts.
 * Kept in the browser, by everybody for themselves. */

import { effect, signal } from '../vendor/ui.js';

function kept(name, otherwise) {
  try {
    return localStorage.getItem('mesh.' + name) || otherwise;
  }
  catch {
    return otherwise;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem('mesh.' + name, value);
  }
  catch {
    /* Storage is switched off: the choice lasts as long as the page. */
  }
}

export const choice = signal(kept('theme', 'system'));
export const keysOn = signal(kept('keys', 'on') === 'on');

const paper = matchMedia('print');       /* always light */
const dark = matchMedia('(prefers-color-scheme: dark)');
const system = signal(dark.matches ? 'dark' : 'light');
const printing = signal(paper.matches);

dark.addEventListener('change', () => {
  system.value = dark.matches ? 'dark' : 'light';
});

paper.addEventListener('change', () => {
  printing.value = paper.matches;
});

/* What is shown now: canvas figures draw anew when it changes. */
export const theme = signal('');

effect(() => {
  const root = document.documentElement;

  if (choice.value === 'system') {
    delete root.dataset.theme;
  }
  else {
    root.dataset.theme = choice.value;
  }
  keep('theme', choice.value);
  theme.value = printing.value ? 'print'
    : choice.value === 'system' ? system.value : choice.value;
});

effect(() => keep('keys', keysOn.value ? 'on' : 'off'));
