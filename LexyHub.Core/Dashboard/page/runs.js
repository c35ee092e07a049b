import { get } from './api.js';
import { at, badge, h } from './dom.js';
import { count, duration, indented, time } from './format.js';
import { back, choices, problem } from './part.js';

const pageSize = 50;

/** A job's runs, page by page. */
export function jobView(name) {
  const rows = h('tbody');
  const more = h('button', { type: 'button', class: 'quiet', onclick: () => load(false) }, 'Show earlier runs');
  const said = h('div');
  const table = h('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': `Runs of ${name}` },
    h('table', null,
      h('thead', null, h('tr', null, ...['Started', 'Status', 'Trigger', 'Took', 'Processed', 'Failed', 'Remaining', 'Tokens', 'Said']
        .map((head, i) => h('th', { scope: 'col', class: i > 2 && i < 8 ? 'number' : null }, head)))),
      rows));
  let status = '';
  let next = null;

  async function load(anew) {
    more.disabled = true;
    try {
      const before = !anew && next ? `&before=${encodeURIComponent(next)}` : '';
      const page = await get(`jobs/${encodeURIComponent(name)}/runs?limit=${pageSize}${status && `&status=${status}`}${before}`);
      if (anew) rows.replaceChildren();
      rows.append(...page.runs.map(row));
      next = page.next;
      more.hidden = !next;
      table.hidden = rows.children.length === 0;
      said.replaceChildren(...(rows.children.length === 0 ? [h('p', { class: 'empty' }, status ? `No run is ${status}.` : 'It has not run yet.')] : []));
    } catch (error) {
      said.replaceChildren(problem(error, () => load(anew)));
    }
    more.disabled = false;
  }

  more.hidden = true;
  load(true);
  return h('section', { class: 'part', 'aria-labelledby': 'view-title' },
    back(),
    h('div', { class: 'part-head' },
      h('h1', { id: 'view-title' }, name),
      choices('Status', [['', 'All'], ['succeeded', 'Succeeded'], ['partial', 'Partial'], ['failed', 'Failed'], ['abandoned', 'Abandoned']], '', value => {
        status = value;
        load(true);
      })),
    table, said, more);
}

function row(run) {
  return h('tr', null,
    h('td', null, h('a', { href: `#/runs/${run.runId}` }, time(run.startedAt))),
    h('td', null, badge(run.status)),
    h('td', null, run.trigger ?? '–'),
    h('td', { class: 'number' }, duration(run.durationMs)),
    ...[run.processed, run.failed, run.remaining, run.tokens].map(value => h('td', { class: 'number' }, count(value))),
    h('td', { class: 'said' }, run.error ?? run.message ?? run.stopReason ?? ''));
}

/** All that is known of a run. */
export function runView(id) {
  const body = h('div', { 'aria-busy': 'true' }, h('div', { class: 'waiting' }));

  async function load() {
    try {
      const run = await get(`jobs/runs/${encodeURIComponent(id)}`);
      body.replaceChildren(...describe(run));
      if (run.status === 'running' && body.isConnected) setTimeout(load, 1_500);
    } catch (error) {
      body.replaceChildren(problem(error, load));
    }
    body.setAttribute('aria-busy', 'false');
  }

  load();
  return h('section', { class: 'part', 'aria-labelledby': 'view-title' }, back(), h('h1', { id: 'view-title' }, 'Run'), body);
}

function describe(run) {
  const fact = (name, value) => h('div', null, h('dt', null, name), h('dd', null, value));
  return [
    h('p', { class: 'run-of' }, h('a', { href: `#/jobs/${run.job}` }, run.job), ' ', badge(run.status)),
    run.error && h('p', { class: 'say bad' }, run.error),
    run.message && h('p', { class: 'say' }, run.message),
    h('dl', { class: 'facts' },
      fact('Started', time(run.startedAt)),
      fact('Finished', time(run.finishedAt)),
      fact('Took', duration(run.durationMs)),
      fact('Trigger', run.trigger ?? '–'),
      fact('Processed', count(run.processed)),
      fact('Failed', count(run.failed)),
      fact('Remaining', count(run.remaining)),
      fact('Tokens', count(run.tokens)),
      fact('Stopped by', run.stopReason ?? '–'),
      fact('HTTP status', run.statusCode ?? '–'),
      fact('Run', h('code', null, run.runId))),
    h('h2', null, 'Stages'),
    run.stages.length > 0 ? stages(run.stages) : h('p', { class: 'empty' }, 'No stage was timed.'),
    h('h2', null, 'Errors by item'),
    run.errors.length > 0
      ? h('ul', { class: 'errors' }, run.errors.map(error => h('li', null, h('b', null, error.item), ' ', error.error)))
      : h('p', { class: 'empty' }, 'None.'),
    h('h2', null, 'Answer'),
    run.answer ? json('Answer', run.answer) : h('p', { class: 'empty' }, 'It gave none.'),
    h('h2', null, 'Metadata'),
    json('Metadata', run.metadata),
  ].filter(Boolean);
}

function stages(list) {
  const total = Math.max(1, list.reduce((sum, stage) => sum + stage.durationMs, 0));
  return h('ol', { class: 'bars' }, list.map(stage => h('li', null,
    h('span', { class: 'bars-name' }, stage.stage),
    at(h('span', { class: 'bars-bar' }, h('span')), '--share', (stage.durationMs / total).toFixed(4)),
    h('span', { class: 'bars-value' }, duration(stage.durationMs)))));
}

const json = (label, value) => h('pre', { tabindex: '0', 'aria-label': label, role: 'region' }, indented(JSON.stringify(value)));
