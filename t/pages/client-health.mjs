/* Client health: the list, one client, what-if, training, and the states. */

import { readFileSync } from 'node:fs';
import { is, ok, run, settled, sound, until } from './browser.mjs';

const problem = (status, code, detail, headers = {}) => (
  { status, headers, contentType: 'application/problem+json',
    body: JSON.stringify({ title: 'No', status, code, detail, request_id: 'abcdef12',
      errors: [] }) });
const CLIENTS = '**/api/client-health/clients?*';
const CLIENT = '**/api/client-health/clients/*';

/* A probability as the pages say it: never none and never all. */
const percent = (p) => (p < 0.01 ? 'under 1%' : p > 0.99 ? 'over 99%'
  : Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0 }).format(p));
const names = (tab) => tab.locator('[data-list] tbody th').allTextContents();
const listed = (answer) => answer.clients.map((client) => client.name);
const chance = (z) => 1 / (1 + Math.exp(-z));
const path = (sort, more = '') => `/client-health/clients?limit=15&sort=${sort}${more}`;

/* The list shows what the server answers to PATH. */
async function shows(tab, api, where, name) {
  const wanted = listed(await api(where));

  await until(async () => JSON.stringify(await names(tab)) === JSON.stringify(wanted));
  is(await names(tab), wanted, name);
}

/* A table to learn from: who has many tickets and a short contract leaves. */
function table() {
  const rows = ['id,tickets,contract,tenure,churned'];
  let state = 7;
  const dice = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };

  for (let i = 1; i <= 400; i++) {
    const tickets = Math.floor(dice() * 20);
    const contract = dice() < 0.5 ? 'monthly' : 'yearly';
    const tenure = Math.floor(dice() * 60);
    const left = dice() < chance(tickets / 4 - 3.5 + (contract === 'monthly' ? 1
      : -1) - tenure / 40);

    rows.push([i, tickets, contract, tenure, left ? 'yes' : 'no'].join());
  }
  return rows.join('\n') + '\n';
}

await run(async ({ url, open, api, mocked }) => {
  await sound(open, 'client-health.html');

  /* ---- The list ---- */
  const first = await api(path('-revenue_at_risk'));
  const scored = first.outcome !== 'insufficient_data';
  let tab = await open('client-health.html');

  ok(scored, 'the server under test has a model for its clients', first.outcome);
  await shows(tab, api, path('-revenue_at_risk'), 'the list comes by revenue at risk');
  is(await tab.getAttribute('th[aria-sort]', 'aria-sort'), 'descending', 'aria-sort says so');
  if (first.summary.clients > 10) {
    ok((await tab.textContent('.lede')).includes(percent(first.summary.top10_share)),
      'the finding is computed from the summary');
  }
  if (first.summary.biggest_fall) {
    ok((await tab.textContent('.lede')).includes(first.summary.biggest_fall.name),
      'and names who fell most');
  }

  for (const [head, ...ways] of [['Client', 'name', '-name'],
    ['Health', 'health_score', '-health_score'],
      ['Churn', '-churn_probability', 'churn_probability']]) {
    for (const way of ways) {
      await tab.click(`th button.sort:text-is("${head}")`);
      await shows(tab, api, path(way), `a press on ${head} sorts by ${way} at the server`);
      await until(async () => await tab.getAttribute('th[aria-sort]',
        'aria-sort') === (way.startsWith('-') ? 'descending' : 'ascending'));
      is(await tab.getAttribute('th[aria-sort]', 'aria-sort'), way.startsWith('-') ? 'descending'
        : 'ascending', `aria-sort follows (${way})`);
      ok(new URL(tab.url()).searchParams.get('sort') === way, `the address holds ${way}`);
    }
  }
  await tab.goBack();
  await shows(tab, api, path('-churn_probability'), 'the back button undoes a sort');

  await tab.goto(url + '/client-health.html');
  await settled(tab);
  if (first.total > 15) {
    await tab.click('button[aria-label="Next page"]');
    await shows(tab, api, path('-revenue_at_risk', '&offset=15'),
      'the next page comes from the server');
    is(new URL(tab.url()).searchParams.get('offset'), '15', 'the address holds the page');
    await tab.reload();
    await settled(tab);
    await shows(tab, api, path('-revenue_at_risk', '&offset=15'), 'a reload shows the same page');
    await tab.click('button[aria-label="Previous page"]');
    await shows(tab, api, path('-revenue_at_risk'), 'and back');
    ok(await tab.isDisabled('button[aria-label="Previous page"]'),
      'there is nothing before the first page');
  }

  const word = first.clients.at(-1).name.replace(/[^\w\s].*/, '').trim().slice(0, 6).trim();

  await tab.fill('[data-filter]', word);
  await shows(tab, api, path('-revenue_at_risk', '&q=' + encodeURIComponent(word)),
    `the filter “${word}” is the server’s`);
  is(new URL(tab.url()).searchParams.get('q'), word, 'the address holds the filter');
  await tab.fill('[data-filter]', 'zzzz no such client');
  await tab.waitForSelector('text=No client fits');
  ok(true, 'a filter without a hit says so');
  await tab.click('text=Show all clients');
  await shows(tab, api, path('-revenue_at_risk'), 'and offers the way back');
  await until(async () => await tab.inputValue('[data-filter]') === '');
  is(await tab.inputValue('[data-filter]'), '', 'the filter is empty again');

  /* Columns and CSV */
  await tab.click('summary:has-text("Columns")');
  await tab.check('.drop[open] label:has-text("Seats") input');
  await tab.uncheck('.drop[open] label:has-text("Churn") input');
  await tab.keyboard.press('Escape');
  const heads = () => tab.locator('[data-list] thead th').allTextContents();

  await until(async () => (await heads()).includes('Seats') && !(await heads()).includes('Churn'));
  ok((await heads()).includes('Seats') && !(await heads()).includes('Churn'),
    'columns can be picked');
  ok(new URL(tab.url()).searchParams.get('columns').includes('seats'),
    'the address holds the columns');
  const [download] = await Promise.all([tab.waitForEvent('download'),
    tab.click('.page-head button:has-text("CSV")')]);
  const text = readFileSync(await download.path(), 'utf8').replace(/^\uFEFF/, '');
  const lines = text.trimEnd().split('\r\n');

  is(lines.length, first.clients.length + 1, 'the CSV has the rows that are shown');
  is(lines[0], 'Client,Health,At risk a month,"Health, 90 days ago and now",Seats,Currency',
    'and the columns that are shown');
  ok(lines[1].includes(String(first.clients[0].revenue_at_risk)),
    'with the values of the server, not rounded');
  ok(!/^[=+@]/m.test(text), 'no line starts a formula');
  ok(/^clients-\d{4}-\d\d-\d\d\.csv$/.test(download.suggestedFilename()),
    'the file is named by its day');
  let faults = await tab.faults();

  ok(faults.length === 0, 'the list works without a fault', faults.join('\n'));
  await tab.context().close();

  /* ---- One client ---- */
  const someone = first.clients[Math.min(2, first.clients.length - 1)];
  const detail = await api('/client-health/clients/' + someone.client_id);

  tab = await open('client-health.html?client=' + someone.client_id);
  is(await tab.textContent('#client'), someone.name, 'a deep link opens the client');
  ok((await tab.textContent('article .facts')).includes(percent(detail.churn_probability)),
    'with its churn probability');
  is(await tab.getAttribute('[data-list] tr[aria-current]', 'class'), 'selected',
    'its row is marked');

  const parts = await tab.locator('article .drivers li[data-contribution]').evaluateAll((all) =>
    all.map((one) => Number(one.dataset.contribution)));
  const sum = parts.reduce((total, part) => total + part, 0);

  ok(Math.abs(sum - Number(await tab.getAttribute('article .drivers .sum', 'data-sum'))) < 1e-9,
    'the drivers shown sum to the sum shown');
  ok(Math.abs(chance(sum) - detail.churn_probability) < 0.002,
    'the sum is the log-odds of the probability', `${chance(sum)} and ${detail.churn_probability}`);
  is(await tab.locator('article .drivers .base-rate').count(), 1, 'the base rate stands apart');
  is(await tab.locator('article .drivers li[data-contribution]:not(.base-rate)')
    .locator('.up, .down').count(), parts.length - 1, 'each other part has its bar');
  is(await tab.locator('section[aria-labelledby="plan"] tbody tr').count(),
    detail.intervention_plan.length, 'the plan has the steps of the server');
  is(await tab.locator('article figure').count(),
    [detail.trend, detail.survival].filter((points) => points?.length > 1).length,
      'course and survival are drawn');
  await tab.locator('article .as-table summary').first().click();
  ok(await until(async () => await tab.locator('article .as-table[open] tbody tr').count() > 1),
    'a figure can be read as a table');
  is(await tab.locator('section[aria-label^="Calibration"] circle').count(),
    detail.calibration?.bins?.length || 0, 'the calibration has the bins of the server');

  const list = first.clients;
  const at = list.indexOf(someone);

  if (at > 0) {
    await tab.keyboard.press('[');
    await until(async () => await tab.textContent('#client') === list[at - 1].name);
    is(await tab.textContent('#client'), list[at - 1].name, '[ goes to the client before');
    await tab.keyboard.press(']');
    await until(async () => await tab.textContent('#client') === someone.name);
    is(await tab.textContent('#client'), someone.name, '] to the next');
    await tab.goBack();
    await until(async () => await tab.textContent('#client') === list[at - 1].name);
    is(await tab.textContent('#client'), list[at - 1].name,
      'the back button goes back to the client before');
    await tab.goForward();
    await until(async () => await tab.textContent('#client') === someone.name);
  }
  await settled(tab);

  /* What if */
  const slider = tab.locator('#whatif').locator('xpath=ancestor::section')
    .locator('input[type="range"]').first();

  const labels = await tab.locator('.slider > span').allTextContents();
  const inputs = detail.inputs.filter((input) => input.value !== null);

  ok(labels.length === Math.min(5, inputs.length)
    && labels.every((label) => inputs.some((input) => input.label === label)),
  'the sliders are figures of the server, five at most at first', labels.join('\n'));
  {
    const before = await tab.textContent('[data-whatif]');
    const asked = tab.waitForRequest((request) => request.url().endsWith('/client-health/predict'));
    const name = await slider.getAttribute('name');

    await slider.focus();
    await slider.press('Home');
    const request = await asked;
    const answer = await (await request.response()).json();

    is(request.headers().prefer, 'persist=none', 'a what-if is not stored');
    ok(name in request.postDataJSON().what_if && request.postDataJSON()
      .client_id === someone.client_id, 'it asks about this client with the moved input');
    await until(async () => (await tab.textContent('[data-whatif]')).includes('was '
      + percent(detail.churn_probability)));
    ok((await tab.textContent('[data-whatif]')).includes(percent(answer.churn_probability)),
      'it shows what the server answered');
    await tab.click('text=Reset');
    await until(async () => await tab.textContent('[data-whatif]') === before);
    is(await tab.textContent('[data-whatif]'), before, 'and can be reset');

    let asks = 0;

    tab.on('request', (one) => { asks += one.url().endsWith('/client-health/predict') ? 1 : 0; });
    await slider.evaluate((input) => {
      for (let i = 0; i < 5; i++) {
        input.stepUp();
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
    await until(async () => asks > 0
      && (await tab.getAttribute('[data-whatif]', 'aria-busy')) === 'false');
    ok(asks >= 1 && asks <= 2, 'five quick steps are one question or two', asks);
  }

  /* The three figures */
  await tab.click('text=Estimate churn');
  ok(await until(async () => await tab.locator('#seed-ticket_volume[aria-invalid="true"]')
    .count() === 1), 'the three figures are required');
  for (const [name, value] of [['client_id', 'walk-in'], ['ticket_volume', '60'],
    ['resolution_time', '20'], ['satisfaction_score', '2.5']]) {
    await tab.fill('#seed-' + name, value);
  }
  const [seed] = await Promise.all(
    [tab.waitForResponse((one) => one.url().endsWith('/client-health/predict')),
      tab.click('text=Estimate churn')]);
  const estimate = await seed.json();

  if (seed.ok() && estimate.outcome !== 'insufficient_data') {
    await tab.waitForSelector('[data-seed-answer]');
    ok((await tab.textContent('[data-seed-answer]')).includes(percent(estimate.churn_probability)),
      'three figures give an estimate');
    is(await tab.locator('[data-seed-answer] .drivers li[data-contribution]').count(),
      estimate.risk_factors.length, 'with its drivers');
  }
  else {
    await until(async () =>
      /Too little history|Nothing was changed/.test(
        await tab.textContent('section[aria-labelledby="three"]')));
    ok(/Too little history|Nothing was changed/.test(
      await tab.textContent('section[aria-labelledby="three"]')),
        'without a model the three figures say so');
  }
  faults = await tab.faults();
  ok(faults.length === 0, 'one client works without a fault', faults.join('\n'));
  await tab.context().close();

  /* ---- From the keyboard alone ---- */
  tab = await open('client-health.html');
  const focused = () =>
    tab.evaluate(() => document.activeElement.textContent.trim()
      || document.activeElement.getAttribute('aria-label') || document.activeElement.id);
  const tabTo = async (pattern, most = 60) => {
    for (let i = 0; i < most; i++) {
      await tab.keyboard.press('Tab');
      if (pattern.test(await focused())) {
        return true;
      }
    }
    return false;
  };

  await tab.keyboard.press('Tab');
  is(await focused(), 'Skip to content', 'the first stop is the way past the navigation');
  await tab.keyboard.press('Enter');
  await until(() => tab.evaluate(() => document.activeElement.id === 'main'));
  is(await tab.evaluate(() => document.activeElement.id), 'main', 'it leads to the content');
  ok(await tabTo(/^Filter clients$/), 'the filter can be reached');
  ok(await tabTo(/^Health$/), 'a column head can be reached');
  await tab.keyboard.press('Enter');
  await shows(tab, api, path('health_score'), 'Enter on it sorts');
  is(await focused(), 'Health', 'the focus stays where it was');
  const lowest = listed(await api(path('health_score')));

  ok(await tabTo(new RegExp('^' + lowest[1].replace(/[^\w\s]/g, '.') + '$')),
    'a client can be reached');
  await tab.keyboard.press('Enter');
  await until(async () => await tab.textContent('#client') === lowest[1]);
  is(await tab.textContent('#client'), lowest[1], 'Enter opens it');
  const outline = await tab.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);

  is(outline, 'solid', 'the focus can be seen');
  await tab.context().close();

  /* ---- Training ---- */
  tab = await open('client-health.html');
  await tab.setInputFiles('[data-train-file]',
    { name: 'pages test.csv', mimeType: 'text/csv', buffer: Buffer.from(table()) });
  await tab.waitForSelector('#t-target');
  is(await tab.inputValue('#t-target'), 'churned', 'the column that says who left is found');
  is(await tab.inputValue('#t-positive'), 'yes', 'and the value that means so');
  is(await tab.inputValue('#t-id'), 'id', 'and the id');
  is(await tab.inputValue('#t-model'), 'pages-test', 'the model is named by the file');
  await tab.selectOption('#t-target', 'tenure');
  ok(await until(() => tab.isDisabled('button:has-text("Train on 400 rows")')),
    'a column of many values cannot be the target');
  await tab.selectOption('#t-target', 'churned');
  const sent = tab.waitForRequest((request) => request.url().endsWith('/client-health/train'));
  const asked = tab.waitForRequest('**/api/jobs/*');
  let release;
  const held = new Promise((done) => { release = done; });

  /* A quick server must not be done before we have looked. */
  await tab.route('**/api/jobs/*', async (route) => {
    await held;
    await route.fallback();
  });

  await tab.click('button:has-text("Train on 400 rows")');
  const body = (await sent).postDataJSON();

  is([body.model, body.target, body.positive, body.id], ['pages-test', 'churned', 'yes', 'id'],
    'the choice is sent');
  is(body.csv, table(), 'the file goes as one string');
  await asked;
  await tab.waitForSelector('progress');
  ok(/Waiting|Training/.test(await tab.textContent('[data-train-result]')),
    'the progress is shown');
  ok(/job=/.test(tab.url()), 'the address holds the job: one can leave');
  await tab.unroute('**/api/jobs/*');
  release();
  await tab.reload();
  await tab.waitForSelector('[data-model]', { timeout: 60000 });
  await settled(tab);
  const model = await api('/client-health/models/pages-test');

  is(model.state, 'ready', 'the model is ready');
  ok((await tab.textContent('[data-model]')).includes(model.auc_holdout.toFixed(3)),
    'its AUC on held-out rows is shown');
  is(await tab.locator('[data-leak]').count(), (model.leak_warnings || []).length,
    'leak warnings are shown, and no others');
  await tab.fill('#rows-text', 'id,tickets,contract,tenure\nq1,18,monthly,2\nq2,1,yearly,50\n');
  await tab.click('button:has-text("Score 2 rows")');
  await tab.waitForSelector('[data-row-results] tbody tr');
  is(await tab.locator('[data-row-results] tbody tr').count(), 2, 'pasted rows are scored');
  const [scores] = await Promise.all([tab.waitForEvent('download'),
    tab.click('section[aria-labelledby="rows"] button:has-text("CSV")')]);

  is(readFileSync(await scores.path(), 'utf8').trimEnd().split('\r\n').length, 3,
    'the scores can be exported');
  await tab.setInputFiles('[data-rows-file]',
    { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(table()) });
  await until(async () => (await tab.locator('button:has-text("Score 400 rows")').count()) === 1);
  await tab.click('button:has-text("Score 400 rows")');
  await until(async () => await tab.locator('[data-row-results] tbody tr').count() === 50);
  ok((await tab.textContent('[data-row-results]')).includes('The first 50 of 400'),
    'a file of rows is scored, too');
  await tab.setInputFiles('[data-train-file]',
    { name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.from('only\n') });
  await tab.waitForSelector('text=A table needs');
  ok(true, 'a file that is no table is refused in words');
  faults = await tab.faults();
  ok(faults.length === 0, 'training works without a fault', faults.join('\n'));
  await tab.context().close();

  await sound(open, 'client-health.html?model=pages-test', { after: async (page) => {
    await page.setInputFiles('[data-train-file]',
      { name: 'pages test.csv', mimeType: 'text/csv', buffer: Buffer.from(table()) });
    await page.waitForSelector('#t-target');
    await page.waitForSelector('[data-model]');
  } });

  /* ---- Words and roles ---- */
  const sure = { ...detail, churn_probability: 0.9981, health_score: 0.0019, survival:
    [{ day: 30, p: 1, base: 1 }, { day: 90, p: 0.0019, base: 0.8 }] };

  tab = await open('client-health.html?client=' + someone.client_id,
    { route: (page) => page.route(CLIENT, (route) => route.fulfill({ json: sure })) });
  const said = (await tab.textContent('article')).replace(/\s+/g, ' ');

  ok(said.includes('over 99%') && !/\b100%/.test(said)
    && said.includes('Under 1 in 100 such clients stay 90 days'),
  'what is all but sure is said so, not as 100%', said.slice(0, 600));
  const left = Math.round(detail.calibration.bins.reduce((sum, bin) =>
    sum + bin.n * bin.observed, 0));

  if (left < 50) {
    ok(/Too few left/.test(await tab.textContent('section[aria-label^="Calibration"]')),
      'a calibration of few leavers says that it is one');
  }
  is((await tab.locator('section[aria-label^="Calibration"] .halo').allTextContents()).join(),
    detail.calibration.bins.map((bin) => bin.n.toLocaleString('en-US')).join(),
    'each circle says how many rows it stands for');
  await tab.emulateMedia({ media: 'print' });
  ok(!await tab.isVisible('#whatif') && !await tab.isVisible('#train')
    && await tab.isVisible('#plan'), 'paper gets the list, the client and the plan, no forms');
  await tab.context().close();

  tab = await open('client-health.html?model=pages-test', { route: (page) =>
    page.route('**/api/session', async (route) => {
      const answer = await route.fetch();
      const who = await answer.json();

      await route.fulfill({ response: answer, json: { ...who, user: { ...who.user,
        role: 'viewer' } } });
    }) });
  const barred = (await tab.locator('.state h3').allTextContents())
    .filter((title) => title.startsWith('Your role may not'));

  is(barred, ['Your role may not ask what if', 'Your role may not ask for an estimate',
    'Your role may not train models'], 'who may only read is told what the role may not do');
  is(await tab.locator('input[type="range"], #rows-text, [data-train-file]').count(), 0,
    'and is offered no form for it');
  await tab.context().close();

  /* ---- States ---- */
  const expect = [/Failed to load/];
  const text2 = async (where) => (await tab.textContent(where)).replace(/\s+/g, ' ');

  tab = await open('client-health.html',
    { expect, route: (page) => page.route(CLIENTS,
      (route) => route.fulfill(problem(500, 'internal', 'The database did not answer.'))) });
  ok((await text2('[data-list]')).includes('The clients could not be loaded'),
    'a failed list says what failed');
  ok((await text2('[data-list]')).includes('Nothing was changed.') && (await text2('[data-list]'))
    .includes('abcdef12'), 'what holds, and the number of the request');
  await tab.unroute(CLIENTS);
  await tab.click('[data-list] button:has-text("Try again")');
  await shows(tab, api, path('-revenue_at_risk'), 'trying again brings the list');

  await tab.route(CLIENTS, (route) => route.fulfill(problem(500, 'internal', 'Away.')));
  await tab.click('th button.sort:text-is("Client")');
  await tab.waitForSelector('.panel.is-stale');
  ok((await text2('.panel.is-stale .panel-head')).includes('Data of'),
    'old data stay, dimmed and dated, when the server fails later');
  await tab.unroute(CLIENTS);
  await tab.click('.panel.is-stale button:has-text("Reconnect")');
  await until(async () => await tab.locator('.panel.is-stale').count() === 0);
  is(await tab.locator('.panel.is-stale').count(), 0, 'and come fresh with the next answer');
  await tab.context().close();

  const few = { ...first, outcome: 'insufficient_data', model: null,
    insufficient: { reason: 'Nothing to learn from.', have: { clients_that_left: 3 },
      need: { clients_that_left: 20 } },
    summary: { clients: first.total, revenue_at_risk: null,
      monthly_revenue: first.summary.monthly_revenue, mean_health_score: null, base_rate: null,
        top10_share: null, biggest_fall: null },
    clients: first.clients.map(
      (client) => ({ ...client, health_score: null, churn_probability: null, revenue_at_risk: null,
        risk_level: null, trend: [], health_score_30d_ago: null })) };
  const withRoutes = (list) => async (page) => {
    for (const [pattern, answer] of list) {
      await page.route(pattern, (route) => route.fulfill(answer));
    }
  };

  for (const [name, routes, where, wanted] of [
    ['without a model the page says what is missing', [[CLIENTS, { json: few }]], 'article',
      'Clients that left3 stored, 20 needed'],
    ['who may not see the list is told so',
      [[CLIENTS, problem(403, 'forbidden', 'Client health is for account managers.')]],
        '[data-list]', 'Client health is for account managers.'],
    ['an empty tenant is told what to do',
      [[CLIENTS, { json: { ...first, clients: [], total: 0,
        summary: { ...first.summary, clients: 0 } } }]], '[data-list]', 'No clients are stored'],
    ['a client that failed says so', [[CLIENT, problem(500, 'internal', 'The model is away.')]],
      'article', 'The client could not be loaded'],
    ['a client that is not stored says so', [[CLIENT, problem(404, 'not_found', 'Unknown.')]],
      'article', 'This client is not stored'],
    ['a client with too little data says so',
      [[CLIENT, { json: { ...detail, outcome: 'insufficient_data',
        insufficient: { reason: 'Ninety days of tickets are needed.', have: { days: 12 },
          need: { days: 90 } }, risk_factors: [], survival: null } }]], 'article',
            'Days12 stored, 90 needed'],
    ['fields that are missing or null break nothing',
      [[CLIENT, { json: { client_id: detail.client_id, name: detail.name, outcome: 'ok',
        health_score: null, churn_probability: null, risk_factors: null } }]], 'article',
          'The model gave no parts'],
  ]) {
    for (const look of [{}, { colorScheme: 'dark', width: 320, height: 640 }]) {
      tab = await open('client-health.html?client=' + someone.client_id,
        { expect, route: withRoutes(routes), ...look });
      if (!look.width) {
        ok((await tab.textContent(where)).includes(wanted), name, await tab.textContent(where));
      }
      const sideways = await tab.evaluate(() =>
        document.documentElement.scrollWidth - document.documentElement.clientWidth);
      const faultsNow = await tab.faults();

      ok(sideways === 0 && faultsNow.length === 0, `${name}, soundly at ${look.width || 1440} px`,
        [sideways, ...faultsNow].join('\n'));
      await tab.context().close();
    }
  }

  tab = await open('client-health.html?model=gone&job=77',
    { expect, route: withRoutes(
      [['**/api/jobs/77',
        { json: { job_id: '77', agent: 'client_health', action: 'train', state: 'failed',
          progress: 0.3, result: null,
            problem: { title: 'Failed', detail: 'The target has one value only.' } } }],
              ['**/api/client-health/models/gone', problem(404, 'not_found', 'Unknown.')]]) });
  await tab.waitForSelector('text=Training gone failed');
  ok((await tab.textContent('[data-train-result]')).includes('The target has one value only.'),
    'a failed training says why');
  await tab.context().close();

  tab = await open('client-health.html', { signedIn: false, wait: false, expect: [/401/] });
  await tab.waitForURL(/signin\.html\?next=client-health\.html/);
  ok(true, 'who is not signed in is sent to the sign-in page');
  await tab.context().close();

  if (mocked) {
    tab = await open('client-health.html?sort=name&offset=30');
    const [file] = await Promise.all([tab.waitForEvent('download'),
      tab.click('.page-head button:has-text("CSV")')]);
    const all = await api(path('name', '&offset=0'));

    ok(all.total > 0 && !/(^|,)=/m.test(readFileSync(await file.path(), 'utf8')),
      'a client whose name is a formula cannot run in a spreadsheet');
    await tab.context().close();
  }
});
