import { get, send } from './api.js';
import { badge, h, put } from './dom.js';
import { ago, ahead, compact, count, duration, indented, span, time } from './format.js';
import { problem } from './part.js';
import { pauseControl } from './pause.js';
import { strip } from './strip.js';

const whileRunning = 1_000;
const atRest = 20_000;

/** The cards of the jobs, kept up to date; `onEnded` is told when a run has ended. */
export function jobsPart(onEnded) {
  const summary = h('p', { class: 'summary', role: 'status' });
  const grid = h('div', { class: 'cards' }, Array.from({ length: 5 }, () => h('div', { class: 'card waiting' })));
  const element = h('section', { id: 'jobs', class: 'part', 'aria-labelledby': 'jobs-title', 'aria-busy': 'true' },
    h('div', { class: 'part-head' }, h('h1', { id: 'jobs-title' }, 'Jobs')), summary, grid);
  const cards = new Map();
  let waiting;
  let live = new Set();
  let asked = 0;

  // A job that was asked to run may take a moment to begin.
  function asking(by) {
    asked += by;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, by > 0 ? 150 : 0);
  }

  async function refresh() {
    clearTimeout(waiting);
    if (!element.isConnected) return;
    let next = atRest;
    try {
      const { jobs } = await get('jobs');
      show(jobs);
      if (live.size + asked > 0) next = whileRunning;
    } catch (error) {
      if (cards.size === 0) grid.replaceChildren(problem(error, refresh));
      put(summary, h('span', { class: 'bad' }, error.message));
    }
    element.setAttribute('aria-busy', 'false');
    clearTimeout(waiting);
    waiting = setTimeout(refresh, next);
  }

  function show(jobs) {
    if (cards.size !== jobs.length) {
      cards.clear();
      for (const job of jobs) cards.set(job.name, card(job, asking));
      grid.replaceChildren(...[...cards.values()].map(one => one.element));
    }
    for (const job of jobs) cards.get(job.name)?.update(job);
    put(summary, sentence(jobs));
    const running = new Set(jobs.filter(job => job.state === 'running').map(job => job.name));
    if ([...live].some(name => !running.has(name))) onEnded();
    live = running;
  }

  // Nobody looks at a tab in the background.
  const seen = () => document.visibilityState === 'visible' && refresh();
  document.addEventListener('visibilitychange', seen);
  return {
    element,
    start: refresh,
    stop: () => { clearTimeout(waiting); document.removeEventListener('visibilitychange', seen); },
  };
}

function sentence(jobs) {
  const of = state => jobs.filter(job => job.state === state);
  const named = (state, is) => of(state).map(job => `${job.name} ${is}`);
  const bad = [...named('failing', 'is failing'), ...named('late', 'is late')];
  const also = [...named('running', 'is running'), ...named('paused', 'is paused'), ...named('idle', 'has not run yet')];
  if (bad.length > 0) return [h('strong', { class: 'bad' }, `${list(bad)}.`), also.length > 0 ? ` ${list(also)}.` : ''];
  return [h('strong', { class: 'good' }, also.length === 0 ? 'Every job is healthy.' : 'Nothing needs a look.'), also.length > 0 ? ` ${list(also)}.` : ''];
}

const list = items => (items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`);

function card(job, asking) {
  const state = h('div', { class: 'card-state' });
  const now = h('div', { class: 'card-now' });
  const figures = h('dl', { class: 'figures' });
  const history = h('div', { class: 'card-history' });
  const times = h('p', { class: 'card-times' });
  const answer = h('div', { class: 'answer', role: 'status' });
  const run = h('button', { type: 'button', onclick: runNow, 'aria-label': `Run now: ${job.name}` }, 'Run now');
  const pause = pauseControl(job.name, () => asking(0));
  let shown = '';

  async function runNow() {
    run.disabled = true;
    put(answer);
    // The run's row is there as soon as the job has begun: its progress is shown while the call waits for its end.
    asking(1);
    try {
      const { status, body } = await send('POST', `jobs/${job.name}${job.paused ? '?force=true' : ''}`);
      put(answer,
        h('div', { class: 'answer-head' },
          h('span', null, 'Answer ', h('b', { class: status < 300 ? 'good' : 'bad' }, status)),
          h('button', { type: 'button', class: 'quiet', 'data-do': 'close' }, 'Close')),
        h('pre', { tabindex: '0', 'aria-label': `Answer of ${job.name}` }, indented(body)));
    } catch (error) {
      put(answer, h('p', { class: 'bad' }, error.message));
    }
    run.disabled = false;
    asking(-1);
  }

  answer.addEventListener('click', event => {
    if (event.target.dataset.do === 'close') {
      put(answer);
      run.focus();
    }
  });

  const element = h('article', { class: 'card', 'aria-labelledby': `job-${job.name}` },
    h('div', { class: 'card-head' },
      h('h2', { id: `job-${job.name}` }, h('a', { href: `#/jobs/${job.name}` }, job.name)),
      state),
    h('p', { class: 'card-what' }, job.description),
    now, figures, history, times,
    h('div', { class: 'card-foot' }, run, pause.button, h('a', { href: `#/jobs/${job.name}`, 'aria-label': `History of ${job.name}` }, 'History')),
    pause.form,
    answer);

  function update(next) {
    job = next;
    element.dataset.state = job.state;
    put(state, badge(job.state));
    pause.update(job.paused !== null);
    put(now, happening(job));
    const last = job.lastRun;
    put(figures,
      figure('processed', compact(last?.processed), last && count(last.processed)),
      figure('failed', compact(last?.failed), null, last?.failed > 0 && 'bad'),
      figure('remaining', compact(last?.remaining)),
      figure('took', last ? duration(last.durationMs ?? Date.now() - new Date(last.startedAt)) : '–'));
    // Only where a run has come or gone, so that the keyboard's place in it is kept.
    const signature = job.runs.map(one => one.runId + one.status).join();
    if (signature !== shown) {
      shown = signature;
      const place = [...history.querySelectorAll('a')].indexOf(document.activeElement);
      history.replaceChildren(job.runs.length > 0 ? strip(job.runs, job.name) : h('p', { class: 'empty' }, 'No run yet.'));
      if (place >= 0) [...history.querySelectorAll('a')].at(place)?.focus();
    }
    put(times,
      h('span', null, last ? ['Last run ', time(last.startedAt, ago)] : 'Never run'),
      h('span', null, job.nextDue ? ['Next ', time(job.nextDue, ahead)] : 'By hand only'));
  }

  return { element, update };
}

// The browser notes when it has painted one (Element Timing): that is the page's first view, as its benchmark measures it.
const figure = (name, value, title, tone) => h('div', null, h('dt', null, name), h('dd', { title, class: tone || null, elementtiming: 'job' }, value));

// What is to be said of a job beyond its state, in one line or two.
function happening(job) {
  const last = job.lastRun;
  if (job.state === 'running') return progress(last);
  if (job.paused) {
    return h('p', { class: 'say' }, `Paused by ${job.paused.by}: ${job.paused.reason}`, ' (', time(job.paused.since, ago), ')');
  }
  if (job.state === 'failing') {
    return h('p', { class: 'say bad' }, last?.error ?? 'Its process ended in the middle of a run; the next run goes on from there.');
  }
  if (job.state === 'late') {
    return h('p', { class: 'say warn' }, job.lastSuccessAt ? ['No success since ', time(job.lastSuccessAt, ago)] : 'No success yet',
      `; expected every ${span(job.cadenceSeconds * 1000)}.`);
  }
  if (last?.status === 'partial') return h('p', { class: 'say' }, `Last run was partial: ${reasons[last.stopReason] ?? last.stopReason ?? 'some is left'}.`);
  if (last?.message) return h('p', { class: 'say' }, last.message);
  return null;
}

const reasons = {
  time: 'its time was up, the next run goes on',
  cap: 'the cap of the day is reached',
  'rate-limit': 'the provider asks for a longer wait',
  shutdown: 'the host shut down, the next run goes on',
  'failed-items': 'some items failed',
};

function progress(run) {
  const left = run?.remaining;
  const known = left !== null && left !== undefined;
  const done = run?.processed ?? 0;
  return h('div', { class: 'progress' },
    h('progress', { 'aria-label': 'Progress', max: known ? Math.max(1, done + left) : null, value: known ? done : null }),
    h('p', null, run?.stage ?? 'starting', ` · ${count(done)} done`, known ? ` · ${count(left)} left` : ''));
}
