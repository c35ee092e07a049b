import { apiView } from './about.js';
import { token, whenRefused } from './api.js';
import { clusterView, clustersPart } from './clusters.js';
import { h } from './dom.js';
import { jobsPart } from './jobs.js';
import { coveragePart, intentsPart, usagePart } from './made.js';
import { quarantinePart } from './quarantine.js';
import { jobView, runView } from './runs.js';
import { signIn } from './signin.js';
import { termView, trendsPart } from './trends.js';

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const leave = document.getElementById('leave');
let leaveView = () => {};
let overviewShown = false;

const views = {
  api: apiView,
  jobs: jobView,
  runs: runView,
  terms: termView,
  clusters: clusterView,
};

function show() {
  const signedIn = token.get() !== null;
  nav.hidden = leave.hidden = !signedIn;
  if (!signedIn) return showSignIn();

  const [, kind = '', argument = ''] = location.hash.split('/');
  const view = views[kind];
  if (view && (argument || kind === 'api')) {
    change(view(decodeURIComponent(argument)));
    window.scrollTo(0, 0);
    main.focus({ preventScroll: true });
  } else {
    if (!overviewShown) showOverview();
    if (kind === 'at') goTo(argument);
  }
}

function change(...elements) {
  leaveView();
  leaveView = () => {};
  overviewShown = false;
  main.replaceChildren(...elements);
}

function showOverview() {
  const parts = [trendsPart(), intentsPart(), clustersPart(), coveragePart(), usagePart(), quarantinePart()];
  const [trends, intents, clusters, coverage, usage, quarantine] = parts.map(part => part.element);
  const jobs = jobsPart(() => parts.forEach(part => part.refreshIfShown()));
  change(jobs.element, h('div', { class: 'pair' }, trends, intents), clusters, h('div', { class: 'pair even' }, coverage, usage), quarantine);
  overviewShown = true;
  leaveView = jobs.stop;
  jobs.start();
}

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
  token.forget();
  nav.hidden = leave.hidden = true;
  showSignIn(message);
}

leave.addEventListener('click', () => signOut());
whenRefused(() => signOut('The token is no longer accepted. Sign in with one that is set now.'));
window.addEventListener('hashchange', show);
show();
