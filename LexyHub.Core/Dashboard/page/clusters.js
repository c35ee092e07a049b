import { get } from './api.js';
import { h, put } from './dom.js';
import { compact, count, share, time, two } from './format.js';
import { clusterMap } from './map.js';
import { back, part, problem, search } from './part.js';
import { meter, surge } from './trends.js';

/** The clusters as a map and, beside it, as a list. */
export function clustersPart() {
  let text = '';
  const list = h('div', { class: 'cluster-list' });
  const clusters = part({
    id: 'clusters',
    title: 'Clusters',
    path: () => 'insights/clusters/map',
    empty: data => (data.clusters.length + data.withoutPlace === 0 ? 'There are no clusters yet. rebuild-clusters makes them from the keywords’ vectors.' : null),
    render: data => {
      fillList(list, text);
      return [
        h('p', { class: 'note' }, `${count(data.clusters.length + data.withoutPlace)} clusters`,
          data.withoutPlace > 0 && `, ${count(data.withoutPlace)} of them not on the map until the next rebuild`,
          '. Near on the map is near in meaning; larger has more keywords, stronger more momentum.'),
        h('div', { class: 'cluster-both' },
          data.clusters.length > 0 ? clusterMap(data.clusters) : h('p', { class: 'empty' }, 'No cluster has a place on the map yet.'),
          list),
      ];
    },
    tools: h('div', { class: 'tools' }, search('Find a cluster', value => {
      text = value;
      fillList(list, text);
    })),
  });
  return clusters;
}

async function fillList(list, text, next = null) {
  const path = `insights/clusters?limit=20${text && `&search=${encodeURIComponent(text)}`}${next ? `&before=${encodeURIComponent(next)}` : ''}`;
  try {
    const page = await get(path);
    const rows = page.clusters.map(cluster => h('li', null,
      h('a', { href: `#/clusters/${cluster.id}` }, cluster.label), h('span', { class: 'number' }, compact(cluster.memberCount))));
    if (next) list.querySelector('ol').append(...rows);
    else list.replaceChildren(page.clusters.length > 0 ? h('ol', { 'aria-label': 'Clusters, largest first' }, rows) : h('p', { class: 'empty' }, 'No cluster is called like that.'));
    list.querySelector('button')?.remove();
    if (page.next) list.append(h('button', { type: 'button', class: 'quiet', onclick: () => fillList(list, text, page.next) }, 'Show more'));
  } catch (error) {
    list.replaceChildren(problem(error, () => fillList(list, text)));
  }
}

/** One cluster with its members. */
export function clusterView(id) {
  const title = h('h1', { id: 'view-title' }, 'Cluster');
  const body = h('div', { 'aria-busy': 'true' }, h('div', { class: 'waiting' }));

  async function load() {
    try {
      const cluster = await get(`insights/clusters/${encodeURIComponent(id)}`);
      put(title, cluster.label);
      body.replaceChildren(...describe(cluster));
    } catch (error) {
      body.replaceChildren(problem(error, load));
    }
    body.setAttribute('aria-busy', 'false');
  }

  load();
  return h('section', { class: 'part', 'aria-labelledby': 'view-title' }, back('Clusters', '#/at/clusters'), title, body);
}

function describe(cluster) {
  const fact = (name, value) => h('div', null, h('dt', null, name), h('dd', null, value));
  const intents = Object.entries(cluster.intents ?? {}).sort((a, b) => b[1] - a[1]);
  return [
    cluster.description && h('p', { class: 'lead' }, cluster.description),
    h('dl', { class: 'facts' },
      fact('Members', count(cluster.memberCount)),
      fact('Market', cluster.market ?? '–'),
      fact('Average momentum', two(cluster.momentum)),
      fact('Cohesion', two(cluster.cohesion)),
      fact('Confidence', share(cluster.confidence)),
      fact('Updated', time(cluster.updatedAt)),
      intents.length > 0 && fact('Intents', intents.map(([intent, of]) => `${intent} ${count(of)}`).join(', '))),
    h('h2', null, 'Members'),
    cluster.members.length < cluster.memberCount && h('p', { class: 'note' }, `The ${count(cluster.members.length)} nearest to its centre.`),
    h('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Its members' }, h('table', null,
      h('thead', null, h('tr', null, ['Term', 'Similarity', 'Momentum'].map((head, i) => h('th', { scope: 'col', class: i > 0 ? 'number' : null }, head)))),
      h('tbody', null, cluster.members.map(member => h('tr', null,
        h('th', { scope: 'row' }, h('a', { href: `#/terms/${encodeURIComponent(member.term)}` }, member.term), member.surge && surge()),
        h('td', { class: 'number' }, two(member.similarity)),
        h('td', { class: 'number' }, member.momentum === null ? '–' : meter(member.momentum))))))),
  ].filter(Boolean);
}
