/* Today: what it shows is what the server answered. */

import { is, ok, run, settled, sound, until } from './browser.mjs';

const problem = (status, code, detail) => (
  { status, contentType: 'application/problem+json',
    body: JSON.stringify({ title: 'No', status, code, detail, request_id: 'abcdef12',
      errors: [] }) });

await run(async ({ open, api }) => {
  await sound(open, 'index.html');

  const [catalogue, health, status] = await Promise.all(
    [api('/agents'), api('/client-health/clients?limit=5&sort=-revenue_at_risk'),
      api('/agents/status')]);
  let tab = await open('');

  is(await tab.textContent('h1'), 'Today', 'the bare address shows Today');
  is(await tab.locator('#nav a[aria-current="page"]').textContent(), 'Today',
    'the navigation says where one is');
  is(await tab.locator('#nav a').count(), catalogue.agents.filter((agent) => agent.page).length
    + 2, 'the navigation has the agents of the catalogue, Today and Patterns');
  is(await tab.locator('.agent').count(), Object.keys(status.agents).length,
    'each agent of the status has its tile');
  is(await tab.locator('section[aria-labelledby="catalogue"] table.keep-2 tbody .sub').count(),
    catalogue.agents.reduce((sum, agent) => sum + agent.actions.length, 0),
      'the catalogue lists every action');
  is(await tab.locator('.action').evaluateAll((all) => all.map((one) => one.dataset.client)),
    health.outcome === 'insufficient_data' ? []
      : health.clients.filter((client) => client.revenue_at_risk !== null).map((client) =>
        client.client_id), 'the queue is the server’s list by revenue at risk');

  /* The queue says why, what it is worth and when it is due. */
  if (health.outcome !== 'insufficient_data') {
    const [top] = health.clients;
    const detail = await api('/client-health/clients/' + top.client_id);
    const action = (await tab.locator('.action').first().textContent()).replace(/\s+/g, ' ');

    ok(action.includes(top.name) && detail.intervention_plan.some((step) =>
      action.includes(step.action.slice(1))), 'the first action is a step of the plan', action);
    ok(/Health (fell from|rose from|is)/.test(action) && action.includes(': '), 'with its reasons',
      action);
    ok(action.includes(top.revenue_at_risk.toLocaleString('en-US', { maximumFractionDigits: 0 }))
      && / × [01]\.\d+/.test(action), 'its value and the basis of that', action);
    ok(/First step (in \d+ days?|today)/.test(action), 'and when it is due', action);
  }
  const tiles = await tab.locator('.kpi-name').allTextContents();

  is(tiles, ['Revenue at risk a month', 'Agreements a month', 'Clients at risk',
    'Health, mean of 0 to 100', 'Runs in 24 hours', 'Latency, p95'],
  'the key figures are those the server measures');
  const fed = await tab.locator('#feed').locator('xpath=ancestor::section').locator('li')
    .allTextContents();

  ok(fed.length > 0 && !fed.some((line) => /[0-9a-f]{8}-[0-9a-f]{4}|client\.health/.test(line)),
    'the feed speaks in words', fed.join('\n'));

  /* The command field */
  await tab.keyboard.press('Control+k');
  await tab.waitForSelector('dialog.palette[open]');
  is(await tab.evaluate(() => document.activeElement.getAttribute('role')), 'combobox',
    'Ctrl K opens the command field with the focus in it');
  const wanted = health.clients[0];

  await tab.keyboard.type(wanted.name.slice(0, 5));
  await tab.waitForSelector(`[role="option"]:has-text("${wanted.name}")`);
  await tab.keyboard.press('ArrowDown');
  ok(await until(async () => await tab.locator('[role="option"][aria-selected="true"]')
    .count() === 1), 'arrow keys move in the results');
  await tab.keyboard.press('ArrowUp');
  await tab.keyboard.press('Enter');
  await tab.waitForURL(/client-health\.html\?client=/);
  ok(tab.url().includes('client='), 'Enter goes to the chosen client');
  await settled(tab);

  /* Keys */
  await tab.keyboard.press('g');
  await tab.keyboard.press('t');
  await tab.waitForURL(/index\.html/);
  await settled(tab);
  ok(true, 'g t goes to Today');
  await tab.keyboard.press('?');
  await tab.waitForSelector('dialog[open] .keys');
  ok((await tab.textContent('dialog[open]')).includes('Single keys'), '? shows the keys');
  await tab.uncheck('dialog[open] input[type="checkbox"]');
  await tab.keyboard.press('Escape');
  await until(async () => await tab.locator('dialog[open]').count() === 0);
  is(await tab.locator('dialog[open]').count(), 0, 'Esc closes the help');
  await tab.keyboard.press('?');
  is(await tab.locator('dialog[open]').count(), 0, 'single keys can be switched off');
  await tab.keyboard.press('Control+k');
  await tab.waitForSelector('dialog.palette[open]');
  ok(true, 'Ctrl K still works');
  await tab.keyboard.press('Escape');

  /* Theme */
  await tab.click('summary.person');
  await tab.check('input[name="theme"][value="dark"]', { force: true });
  await until(() => tab.evaluate(() => document.documentElement.dataset.theme === 'dark'));
  is(await tab.evaluate(() => document.documentElement.dataset.theme), 'dark',
    'the theme can be chosen');
  await tab.reload();
  is(await tab.evaluate(() => document.documentElement.dataset.theme), 'dark',
    'the chosen theme is kept');
  await settled(tab);
  await tab.click('summary.person');
  await tab.check('input[name="theme"][value="system"]', { force: true });
  is(await tab.evaluate(() => document.documentElement.dataset.theme), undefined,
    'and given up again');
  await tab.keyboard.press('Escape');
  is(await tab.evaluate(() => document.activeElement.className), 'person',
    'Esc closes the menu and gives the focus back');

  /* The catalogue tries an action */
  const reading = catalogue.agents[0].actions.find((action) => action.method === 'GET'
    && !action.path.includes('{'));

  await tab.click(`button[aria-label="Try ${reading.name}"] >> nth=0`);
  await tab.waitForSelector('dialog.drawer[open]');
  await tab.click('dialog.drawer[open] button[type="submit"]');
  await tab.waitForSelector('.answer, dialog [role="alert"]');
  ok(await tab.locator('.answer').count() === 1, 'an action can be tried from the catalogue');
  const faults = await tab.faults();

  ok(faults.length === 0, 'all this without a fault', faults.join('\n'));
  await tab.context().close();

  /* States */
  tab = await open('',
    { expect: [/Failed to load/], route: (page) =>
      page.route('**/api/client-health/clients?*', (route) =>
        route.fulfill(problem(500, 'internal', 'The database is away.'))) });
  ok((await tab.locator('#queue').locator('xpath=ancestor::section').textContent())
    .includes('The database is away. Nothing was changed.'),
      'a failed queue says what failed and what holds');
  ok(await tab.locator('.agent').count() > 0, 'the rest of the page stands');
  await tab.context().close();

  tab = await open('',
    { expect: [/Failed to load/], route: (page) =>
      page.route('**/api/client-health/clients?*', (route) =>
        route.fulfill(problem(403, 'forbidden', 'Your role is technician.'))) });
  ok((await tab.textContent('main')).includes('Your role may not see this'),
    'a forbidden queue says so');
  await tab.context().close();

  tab = await open('',
    { route: (page) => page.route('**/api/agents',
      (route) => route.fulfill({ json: { total: 0, agents: [] } })) });
  ok((await tab.textContent('main')).includes('No agent ranks work yet'),
    'a server without agents has a page, too');
  is(await tab.locator('#nav a').count(), 2, 'and a short navigation');
  await tab.context().close();

  let waited = 0;

  tab = await open('',
    { expect: [/Failed to load/], route: (page) =>
      page.route('**/api/client-health/clients?*', async (route) => {
    waited++;
    if (waited === 1) {
      await route.fulfill({ ...problem(503, 'busy', 'Too much at once.'),
        headers: { 'Retry-After': '1', 'Content-Type': 'application/problem+json' } });
      return;
    }
    await route.continue();
  }) });
  await until(async () => await tab.locator('.kpi-value').count() > 0);
  is(waited, 2, 'Retry-After is honoured: the page asks again by itself');
  await tab.context().close();
});
