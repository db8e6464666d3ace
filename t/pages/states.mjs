/* A server that is slow, cut off or gone: the page says so and comes back. */

import { is, ok, run, settled, until } from './browser.mjs';

const expect = [/Failed to load/, /ERR_/];

await run(async ({ open }) => {
  /* Loading */
  let release;
  const held = new Promise((done) => { release = done; });
  let tab = await open('client-health.html',
    { wait: false, route: (page) => page.route('**/api/client-health/clients?*', async (route) => {
    await held;
    await route.continue();
  }) });

  await tab.waitForSelector('[data-list] .waits');
  ok((await tab.textContent('[data-list] [role="status"]')).includes('Loading clients'),
    'while the list loads its shape is shown, and said');
  is(await tab.textContent('h1'), 'Client health', 'the title stands already');
  release();
  await settled(tab);
  is(await tab.locator('[data-list] .waits').count(), 0, 'then the list takes its place');
  await tab.context().close();

  /* Cut off, and back */
  tab = await open('', { expect });
  await tab.context().setOffline(true);
  await until(async () => await tab.locator('#feed').locator('xpath=ancestor::section')
    .locator('[role="alert"]').count() > 0);
  ok((await tab.textContent('main')).includes('Live updates are cut off'),
    'a feed that is cut off says so');
  ok((await tab.textContent('.live')).includes('Cut off'), 'and so does the top bar');
  ok(await tab.locator('#feed').locator('xpath=ancestor::section').locator('li').count() > 0,
    'the old events stay');
  await tab.context().setOffline(false);
  await tab.click('button:has-text("Try now")');
  await until(async () => (await tab.textContent('.live')).includes('Live')
    && await tab.locator('main [role="alert"]').count() === 0);
  is(await tab.locator('main [role="alert"]').count(), 0, 'trying now brings it back');

  /* Pause */
  await tab.click('button:has-text("Pause")');
  let asked = 0;

  tab.on('request', (request) => { asked += request.url().includes('/api/events') ? 1 : 0; });
  await tab.waitForTimeout(6000);
  is(asked, 0, 'a paused feed asks for nothing');
  await tab.click('button:has-text("Go on")');
  await until(() => asked > 0);
  ok(asked > 0, 'and goes on');
  await tab.context().close();

  /* The frame itself */
  tab = await open('client-health.html',
    { expect, route: (page) => page.route('**/api/agents',
      (route) => route.fulfill({ status: 500, contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'No', detail: 'The catalogue is away.', status: 500,
          errors: [] }) })) });
  await tab.waitForSelector('main [role="alert"]');
  ok((await tab.textContent('main')).includes('This page could not be opened'),
    'without a catalogue the page says so');
  await tab.unroute('**/api/agents');
  await tab.click('text=Try again');
  await tab.waitForSelector('[data-list] tbody tr');
  ok(true, 'and opens when it is there again');
  await tab.context().close();

  tab = await open('client-health.html',
    { expect, route: (page) => page.route('**/api/session',
      (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<p>Not JSON' })) });
  await tab.waitForSelector('main [role="alert"]');
  ok((await tab.textContent('main')).includes('could not be opened'),
    'an answer that is no JSON is an error, not a blank page');
  await tab.context().close();

  /* Without JavaScript */
  tab = await open('client-health.html', { wait: false, javaScriptEnabled: false });
  ok((await tab.textContent('main')).includes('switched off'),
    'without JavaScript there is a sentence');
  await tab.context().close();
});
