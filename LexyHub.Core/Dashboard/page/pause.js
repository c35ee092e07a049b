import { send } from './api.js';
import { h } from './dom.js';

/** The way to pause a job, with a reason for whoever wonders, and to resume it. */
export function pauseControl(name, done) {
  const button = h('button', { type: 'button', class: 'quiet', onclick: act });
  const reason = h('input', { required: true, maxlength: '500', 'aria-label': `Why ${name} is paused`, placeholder: 'Why?' });
  const by = h('input', { required: true, maxlength: '100', 'aria-label': 'Your name', placeholder: 'Your name', autocomplete: 'name' });
  const said = h('p', { class: 'bad', role: 'alert' });
  const form = h('form', { class: 'pause', hidden: true, onsubmit: pause }, reason, by,
    h('button', { type: 'submit' }, 'Pause'),
    h('button', { type: 'button', class: 'quiet', onclick: close }, 'Cancel'),
    said);
  let paused = false;

  function act() {
    if (paused) ask('resume');
    else {
      form.hidden = false;
      reason.focus();
    }
  }

  function pause(event) {
    event.preventDefault();
    ask('pause', { reason: reason.value.trim(), by: by.value.trim() });
  }

  function close() {
    form.hidden = true;
    said.textContent = '';
    button.focus();
  }

  async function ask(what, body) {
    try {
      const answer = await send('POST', `jobs/${name}/${what}`, body);
      if (answer.status === 200) {
        form.reset();
        close();
        done();
        return;
      }
      said.textContent = JSON.parse(answer.body).error;
    } catch (error) {
      said.textContent = error.message;
    }
    form.hidden = false;
  }

  function update(isPaused) {
    paused = isPaused;
    const text = isPaused ? 'Resume' : 'Pause';
    if (button.textContent !== text) button.textContent = text;
    button.setAttribute('aria-label', `${text} ${name}`);
  }

  update(false);
  return { button, form, update };
}
