import { accepts, token } from './api.js';
import { h } from './dom.js';

/** Asks for the token; `enter` is called once the server has accepted it. */
export function signIn(enter, message) {
  const field = h('input', {
    id: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true, 'aria-describedby': 'token-help',
  });
  const said = h('p', { class: 'refusal', role: 'alert' }, message);
  const button = h('button', { type: 'submit', class: 'main' }, 'Sign in');

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    said.textContent = '';
    try {
      const candidate = field.value.trim();
      if (candidate && await accepts(candidate)) {
        token.keep(candidate);
        enter();
        return;
      }
      said.textContent = 'That token was refused. It must be one of LEXYHUB_SERVICE_TOKEN in the settings of this app.';
    } catch (error) {
      said.textContent = error.message;
    }
    button.disabled = false;
    field.setAttribute('aria-invalid', 'true');
    field.select();
    field.focus();
  }

  const form = h('form', { class: 'signin', onsubmit: submit },
    h('h1', null, 'Background jobs'),
    h('p', { class: 'lead' }, 'What runs, what it made, and what needs a look.'),
    h('label', { for: 'token' }, 'Service token'),
    field,
    h('p', { id: 'token-help', class: 'help' }, 'Kept in this tab until it is closed, and sent to this server alone.'),
    said,
    button);
  return { element: form, focus: () => field.focus() };
}
