/* Sign in, with a second factor where the account has one. */

import { html, render, useLayoutEffect, useRef, useState } from '../../vendor/ui.js';
import { post, wayBack } from '../api.js';
import { faultsOf } from '../form.js';
import '../look.js';

const next = wayBack(new URLSearchParams(location.search).get('next'));

const WORDS = {
  bad_credentials: 'The email or the password is wrong.',
  bad_code: 'This code is wrong or too old.',
  unreachable: 'The server cannot be reached.',
};

function wordsOf(problem) {
  const text = WORDS[problem.code] || problem.detail || problem.message;

  return problem.retryAfter
    ? text + ' Try again in ' + problem.retryAfter + ' s.' : text;
}

const Form = () => {
  const [texts, setTexts] = useState({ email: '', password: '', code: '' });
  const [asksCode, setAsksCode] = useState(false);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  const faults = faultsOf(problem);

  useLayoutEffect(() => {
    form.current.elements[asksCode ? 'code' : 'email']?.focus();
  }, [asksCode]);
  useLayoutEffect(() => {
    if (problem) {
      form.current.querySelector('[aria-invalid="true"]')?.focus();
    }
  }, [problem]);

  const submit = async (event) => {
    event.preventDefault();
    /* A password manager may fill the fields without an input event. */
    const fields = form.current.elements;
    const body = { email: fields.email.value.trim(), password: fields.password.value };

    if (asksCode) {
      body.code = fields.code.value.trim();
    }
    setTexts({ ...texts, ...body });
    setBusy(true);
    setProblem(null);
    try {
      await post('/session', body, { stay: true });
      location.assign(next);
    }
    catch (reason) {
      setBusy(false);
      if (reason.code === 'code_required' && !asksCode) {
        setAsksCode(true);
      }
      else {
        setProblem(reason);
      }
    }
  };
  const general = problem && !Object.keys(faults).some((name) => name in texts);
  const wrong = (name) => faults[name]
    || (general && problem.code === 'bad_credentials' && name === 'password')
    || (general && problem.code === 'bad_code' && name === 'code') ? 'true' : null;
  const field = (name, label, type, complete, more = {}) => html`
    <div class="field"><label for=${name}>${label}</label>
      <input class="input" id=${name} name=${name} type=${type} autocomplete=${complete} required
        value=${texts[name]}
        aria-invalid=${wrong(name)}
          aria-describedby=${faults[name] ? name + '-fault' : general ? 'fault' : null}
        onInput=${(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
          ...${more} />
      ${faults[name] && html`<span class="error" id=${name + '-fault'}>${faults[name]}</span>`}
        </div>`;

  return html`<form class="form" ref=${form} onSubmit=${submit}>
    ${field('email', 'Email', 'email', 'username')}
    ${field('password', 'Password', 'password', 'current-password')}
    ${asksCode && field('code', 'Code of your second factor', 'text', 'one-time-code',
      { inputmode: 'numeric', maxlength: 10 })}
    ${general && html`<p class="banner critical" role="alert" id="fault">${wordsOf(problem)}</p>`}
    <button class="button primary" type="submit" disabled=${busy}
      aria-busy=${busy ? 'true' : null}>${busy ? 'Signing in' : 'Sign in'}</button>
  </form>`;
};

const where = document.querySelector('#form');

where.replaceChildren();
render(html`<${Form} />`, where);
