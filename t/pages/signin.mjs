/* Signing in, signing out, and the way back to the page that was wanted. */

import { is, ok, run, settled, sound, until } from './browser.mjs';

await run(async ({ url, open, user, password }) => {
  await sound(open, 'signin.html', { signedIn: false });
  await sound(open, '404.html', { signedIn: false });

  let tab = await open('client-health.html?sort=name',
    { signedIn: false, wait: false, expect: [/401/] });

  await tab.waitForURL(/signin\.html/);
  is(new URL(tab.url()).searchParams.get('next'), 'client-health.html?sort=name',
    'who is not signed in comes to the sign-in page, which knows the way back');
  is(await tab.evaluate(() => document.activeElement.id), 'email', 'the email field has the focus');

  await tab.keyboard.type(user);
  await tab.keyboard.press('Tab');
  await tab.keyboard.type(password + ' wrong');
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('[role="alert"]');
  ok(/email or the password/.test(await tab.textContent('[role="alert"]')),
    'a wrong password is said in words');
  is(await tab.getAttribute('#password', 'aria-invalid'), 'true', 'the field is marked');
  is(await tab.inputValue('#email'), user, 'the email is kept');

  await tab.fill('#password', password);
  await tab.keyboard.press('Enter');
  await tab.waitForURL(/client-health\.html\?sort=name/);
  await settled(tab);
  is(await tab.textContent('h1'), 'Client health', 'signing in leads to the wanted page');

  await tab.click('summary.person');
  await tab.click('text=Sign out');
  await tab.waitForURL(/signin\.html/);
  await tab.goto(url + '/index.html');
  await until(() => /signin\.html/.test(tab.url()));
  ok(/signin\.html/.test(tab.url()), 'after signing out the pages are closed');
  await tab.context().close();

  tab = await open('signin.html?next=' + encodeURIComponent('https://elsewhere.example/'),
    { signedIn: false });
  await tab.fill('#email', user);
  await tab.fill('#password', password);
  await tab.keyboard.press('Enter');
  await tab.waitForURL(/\/index\.html/);
  ok(tab.url().startsWith(url + '/index.html'), 'a way back to elsewhere is not taken');
  await tab.context().close();

  tab = await open('signin.html', {
    signedIn: false, expect: [/401/],
    route: (page) => page.route('**/api/session', (route) => {
      const { code } = JSON.parse(route.request().postData() || '{}');

      return route.fulfill({ status: 401, contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'Not signed in', status: 401, detail: 'A code is needed.',
          code: code ? 'bad_code' : 'code_required', errors: [] }) });
    }),
  });
  await tab.fill('#email', user);
  await tab.fill('#password', password);
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('#code');
  is(await until(() => tab.evaluate(() => document.activeElement.id === 'code')), true,
    'a second factor is asked for where the account has one');
  await tab.keyboard.type('123456');
  await tab.keyboard.press('Enter');
  await tab.waitForSelector('[role="alert"]');
  ok(/code is wrong/.test(await tab.textContent('[role="alert"]')),
    'a wrong code is said in words');
  await tab.context().close();
});
