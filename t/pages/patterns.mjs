/* Every part, in every look, and those that move. */

import { is, ok, run, settled, sound, until } from './browser.mjs';

await run(async ({ open }) => {
  await sound(open, 'patterns.html');

  const tab = await open('patterns.html');

  for (const [id, what] of [['p-load', 'loading'], ['p-empty', 'empty'], ['p-error', 'error'],
    ['p-stale', 'stale'], ['p-perm', 'not permitted'], ['p-data', 'insufficient data']]) {
    is(await tab.locator('#' + id).count(), 1, `the ${what} state is shown`);
  }

  await tab.click('text=Open dialog');
  await tab.waitForSelector('dialog[open]');
  ok(await tab.evaluate(() => document.querySelector('dialog[open]')
    .contains(document.activeElement)), 'the focus moves into the dialog');
  await tab.keyboard.press('Escape');
  await until(() => tab.evaluate(() => document.activeElement.textContent === 'Open dialog'));
  is(await tab.evaluate(() => document.activeElement.textContent), 'Open dialog',
    'Esc closes it and the focus returns');

  await tab.focus('#pt-overview');
  await tab.keyboard.press('ArrowRight');
  await tab.waitForSelector('#pt-tickets[aria-selected="true"]');
  is(await tab.getAttribute('#pt-tickets', 'aria-selected'), 'true', 'arrow keys choose a tab');
  ok(tab.url().includes('tab=tickets'), 'the choice is in the address');
  await tab.reload();
  await settled(tab);
  is(await tab.getAttribute('#pt-tickets', 'aria-selected'), 'true', 'and survives a reload');

  await tab.click('text=Check the form');
  await until(() => tab.evaluate(() => document.activeElement.id === 'p-client'));
  is(await tab.getAttribute('#p-client', 'aria-invalid'), 'true',
    'an empty required field is named');
  is(await tab.evaluate(() => document.activeElement.id), 'p-client', 'and gets the focus');
  await tab.fill('#p-client', 'Harbor');
  await tab.fill('#p-horizon', '99');
  await tab.click('text=Check the form');
  await tab.waitForSelector('#p-horizon-fault');
  is((await tab.textContent('#p-horizon-fault')).trim(), 'Give 1 to 60.',
    'bounds come from the schema');
  await tab.fill('#p-horizon', '60');
  await tab.fill('#p-rows', '{');
  await tab.click('text=Check the form');
  await tab.waitForSelector('#p-rows-fault');
  is((await tab.textContent('#p-rows-fault')).trim(), 'This is not JSON.',
    'JSON is read before it is sent');
  await tab.fill('#p-rows', '');
  await tab.click('text=Check the form');
  await tab.waitForSelector('#p-horizon-fault');
  ok((await tab.textContent('#p-horizon-fault')).includes('36 months'),
    'an error of the server stands at its field');

  await tab.click('text=Show a toast');
  await tab.waitForSelector('.toast');
  ok((await tab.getAttribute('.toasts', 'role')) === 'status', 'a toast is told to screen readers');

  const drawn = () =>
    tab.evaluate(() =>
      [...document.querySelectorAll('.canvas canvas')].map((canvas) => canvas.toDataURL()
        .length > 2000));

  ok((await drawn()).every(Boolean), 'the canvas figures are drawn');
  const before = await tab.evaluate(() => document.querySelector('.canvas canvas').toDataURL());

  await tab.emulateMedia({ colorScheme: 'dark' });
  await until(() => tab.evaluate((old) => document.querySelector('.canvas canvas')
    .toDataURL() !== old, before));
  ok(await tab.evaluate((old) => document.querySelector('.canvas canvas').toDataURL() !== old,
    before), 'they are drawn anew when the theme changes');
  const faults = await tab.faults();

  ok(faults.length === 0, 'all this without a fault', faults.join('\n'));
  await tab.context().close();
});
