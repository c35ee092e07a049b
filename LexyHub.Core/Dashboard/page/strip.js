import { at, h } from './dom.js';
import { duration, moment } from './format.js';

/**
 * A job's last runs as bars, newest on the right: colour and pattern by status, height by how long each took.
 * One stop for the Tab key; arrows go from run to run.
 */
export function strip(runs, job) {
  const longest = Math.max(1, ...runs.map(run => run.durationMs ?? 0));
  const bars = runs.toReversed().map(run => {
    const took = run.durationMs === null ? 'still running' : duration(run.durationMs);
    const words = `${run.status}, ${moment(new Date(run.startedAt))}, ${took}`;
    // By its root: a run of a minute must not flatten those of a second.
    const height = run.durationMs === null ? 1 : Math.sqrt(run.durationMs / longest);
    return at(h('a', {
      href: `#/runs/${run.runId}`, class: 'bar', 'data-state': run.status, title: words, 'aria-label': words, tabindex: '-1',
    }), '--height', height.toFixed(3));
  });
  bars.at(-1)?.setAttribute('tabindex', '0');
  return h('div', { class: 'strip', role: 'group', 'aria-label': `Last ${runs.length} runs of ${job}, newest last`, onkeydown: move }, bars);
}

function move(event) {
  const bars = [...event.currentTarget.children];
  const now = bars.indexOf(document.activeElement);
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: bars.length - 1 }[event.key];
  if (to === undefined || !bars[to]) return;
  event.preventDefault();
  bars[now]?.setAttribute('tabindex', '-1');
  bars[to].setAttribute('tabindex', '0');
  bars[to].focus();
}
