import { token, whenRefused } from './api.js';
import { h } from './dom.js';
import { jobsPart } from './jobs.js';
import { problem } from './part.js';
import { signIn } from './signin.js';

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const leave = document.getElementById('leave');
let leaveView = () => {};
let turn = 0;
let overview = null;

// Only what the first view needs is fetched with the page.
const views = {
  api: async () => (await import('./about.js')).apiView,
  jobs: async () => (await import('./runs.js')).jobView,
  runs: async () => (await import('./runs.js')).runView,
  terms: async () => (await import('./trends.js')).termView,
  clusters: async () => (await import('./clusters.js')).clusterView,
};

async function show() {
  const mine = ++turn;
  const signedIn = token.get() !== null;
  nav.hidden = leave.hidden = !signedIn;
  if (!signedIn) return showSignIn();

  const [, kind = '', argument = ''] = location.hash.split('/');
  if (views[kind] && (argument || kind === 'api')) {
    const view = await views[kind]().catch(() => notLoaded);
    if (mine !== turn) return;
    change(view(decodeURIComponent(argument)));
    window.scrollTo(0, 0);
    main.focus({ preventScroll: true });
  } else {
    overview ??= showOverview();
    if (kind === 'at') {
      await overview;
      if (mine === turn) goTo(argument);
    }
  }
}

function change(...elements) {
  leaveView();
  leaveView = () => {};
  overview = null;
  main.replaceChildren(...elements);
}

/** The jobs; once they are on the screen, what they made. */
async function showOverview() {
  let parts = [];
  const jobs = jobsPart(() => parts.forEach(part => part.refreshIfShown()));
  const rest = h('div', { class: 'waiting', 'aria-hidden': 'true' });
  change(jobs.element, rest);
  leaveView = jobs.stop;
  await jobs.start();
  await painted();
  try {
    const made = (await import('./insights.js')).insights();
    parts = made.parts;
    rest.replaceWith(...made.elements);
  } catch {
    rest.replaceWith(notLoaded());
  }
}

// A frame with what was just changed has been handed over.
const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));

const notLoaded = () => problem(new Error('A part of this page could not be loaded: the server cannot be reached.'), () => location.reload());

function goTo(id) {
  const part = document.getElementById(id);
  if (!part) return;
  part.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  part.setAttribute('tabindex', '-1');
  part.focus({ preventScroll: true });
}

function showSignIn(message) {
  const form = signIn(show, message);
  change(form.element);
  form.focus();
}

function signOut(message) {
  turn++;
  token.forget();
  nav.hidden = leave.hidden = true;
  showSignIn(message);
}

leave.addEventListener('click', () => signOut());
whenRefused(() => signOut('The token is no longer accepted. Sign in with one that is set now.'));
window.addEventListener('hashchange', show);
show();
