import { send } from './api.js';
import { h } from './dom.js';
import { ago, ahead, count, time } from './format.js';
import { part } from './part.js';

/** What a model refused, and a way to have it tried again. */
export function quarantinePart() {
  const said = h('p', { class: 'note', role: 'status' });
  const quarantine = part({
    id: 'quarantine',
    title: 'Quarantine',
    path: () => 'quarantine?limit=20',
    empty: data => (data.items.length === 0 ? 'Nothing is quarantined: no model refuses a keyword or a listing.' : null),
    render: data => [
      h('p', { class: 'note' }, data.totals.filter(one => one.waiting + one.givenUp > 0).map(one =>
        `${one.job}: ${count(one.waiting)} ${one.kind}s wait for another try, ${count(one.givenUp)} are given up. `)),
      said,
      table(data.items),
      h('div', { class: 'tools' }, [...new Set(data.items.map(item => item.job))].map(job =>
        h('button', { type: 'button', onclick: () => retry({ job, all: true }) }, `Retry all of ${job}`))),
      data.next && h('p', { class: 'note' }, 'These are the newest; ', h('code', null, 'lexyhub quarantine list'), ' shows all.'),
    ].filter(Boolean),
  });

  async function retry(what) {
    try {
      const { status, body } = await send('POST', 'quarantine/retry', what);
      const answer = JSON.parse(body);
      said.textContent = status === 200 ? `${count(answer.released)} released: the next run of ${what.job} tries them again.` : answer.error;
    } catch (error) {
      said.textContent = error.message;
    }
    quarantine.refresh();
  }

  const table = items => h('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'What is quarantined' }, h('table', null,
    h('thead', null, h('tr', null, ['Item', 'Refused', 'Tries', 'Last', 'Next'].map((head, i) => h('th', { scope: 'col', class: i === 2 ? 'number' : null }, head)),
      h('td', null, h('span', { class: 'unseen' }, 'Retry')))),
    h('tbody', null, items.map(item => h('tr', null,
      h('th', { scope: 'row' }, `${item.kind} ${item.label ?? item.item}`),
      h('td', { class: 'said' }, item.reason),
      h('td', { class: 'number' }, count(item.attempts)),
      h('td', null, time(item.lastAt, ago)),
      h('td', null, item.retryAt ? time(item.retryAt, ahead) : 'given up'),
      h('td', { class: 'number' }, h('button', {
        type: 'button', class: 'quiet', 'aria-label': `Retry ${item.kind} ${item.label ?? item.item}`,
        onclick: () => retry({ job: item.job, items: [{ kind: item.kind, item: item.item }] }),
      }, 'Retry')))))));
  return quarantine;
}
