import { get } from './api.js';
import { h } from './dom.js';

// A part far down need not be asked for before somebody scrolls towards it.
const near = new IntersectionObserver(entries => {
  for (const entry of entries.filter(one => one.isIntersecting)) {
    near.unobserve(entry.target);
    entry.target.dispatchEvent(new Event('near'));
  }
}, { rootMargin: '400px' });

const underWay = new Set();

/**
 * A part of the page that asks for its data by itself and shows that it waits, that there is nothing yet, or what went wrong.
 * `render(data)` gives the content; `empty(data)` gives a sentence where there is nothing, else null. One that is `patient`
 * lets the others go first: its answer costs the database most.
 */
export function part({ id, title, tools, path, render, empty, patient = false }) {
  const body = h('div', { class: 'part-body' }, h('div', { class: 'waiting' }, h('span', { class: 'unseen' }, 'Loading …')));
  const element = h('section', { id, class: 'part', 'aria-labelledby': `${id}-title`, 'aria-busy': 'true' },
    h('div', { class: 'part-head' }, h('h2', { id: `${id}-title` }, title), tools),
    body);
  let asked = false;
  let latest = 0;

  async function refresh() {
    asked = true;
    const mine = ++latest;
    element.setAttribute('aria-busy', 'true');
    try {
      if (patient) await othersAnswered();
      const data = await answer(path());
      if (mine !== latest) return;
      const sentence = empty?.(data);
      body.replaceChildren(...[sentence ? h('p', { class: 'empty' }, sentence) : render(data)].flat());
    } catch (error) {
      if (mine === latest) body.replaceChildren(problem(error, refresh));
    }
    element.setAttribute('aria-busy', 'false');
  }

  element.addEventListener('near', refresh);
  near.observe(element);
  return { element, refresh, refreshIfShown: () => asked && refresh() };
}

async function answer(path) {
  const asking = get(path);
  underWay.add(asking);
  try {
    return await asking;
  } finally {
    underWay.delete(asking);
  }
}

async function othersAnswered() {
  // Parts that come near at the same time ask in the order of the page: the ones below this one have to have asked, too.
  await null;
  await Promise.allSettled(underWay);
}

/** What went wrong, and a way to try again. */
export function problem(error, again) {
  return h('div', { class: 'problem', role: 'alert' },
    h('p', null, error.message),
    again && h('button', { type: 'button', class: 'quiet', onclick: again }, 'Try again'));
}

/** The way back from a view. */
export const back = (text = 'All jobs', to = '#/') => h('p', { class: 'back' }, h('a', { href: to }, `← ${text}`));

/** Buttons of which one is chosen. */
export function choices(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) => h('button', {
    type: 'button',
    'aria-pressed': String(value === chosen),
    onclick: event => {
      for (const button of buttons) button.setAttribute('aria-pressed', String(button === event.currentTarget));
      choose(value);
    },
  }, text));
  return h('div', { class: 'choices', role: 'group', 'aria-label': label }, buttons);
}

/** A field that searches while one types. */
export function search(label, find) {
  let waiting;
  return h('input', {
    type: 'search',
    'aria-label': label,
    placeholder: label,
    autocomplete: 'off',
    oninput: event => {
      clearTimeout(waiting);
      const text = event.target.value;
      waiting = setTimeout(() => find(text.trim()), 200);
    },
  });
}
