import { chart } from './charts.js';
import { at, h } from './dom.js';
import { compact, count, day, share, time, usd } from './format.js';
import { part } from './part.js';

/** Intents, and the stages of a purchase, as distributions. */
export const intentsPart = () => part({
  id: 'intents',
  title: 'Intents',
  path: () => 'insights/intents',
  empty: data => (data.intents.length === 0 ? 'Nothing is classified yet. intent-classify does it, daily at 01:30 UTC or by hand.' : null),
  render: data => [
    h('p', { class: 'note' },
      `${count(data.keywords.classified)} of ${count(data.keywords.total)} keywords and ${count(data.listings.classified)} of ${count(data.listings.total)} listings`,
      data.keywords.quarantined + data.listings.quarantined > 0 && `, ${count(data.keywords.quarantined + data.listings.quarantined)} quarantined`,
      '; last ', time(data.classifiedAt), '.'),
    distribution(data.intents, 'intent'),
    data.purchaseStages.length > 0 && [h('h3', null, 'Stage of purchase'), distribution(data.purchaseStages, 'purchaseStage')],
    h('p', { class: 'note' }, 'By ', data.models.map(model => model.model).join(', '), '.'),
  ].flat().filter(Boolean),
});

function distribution(rows, name) {
  const most = Math.max(1, ...rows.map(row => row.keywords + row.listings));
  const total = Math.max(1, rows.reduce((sum, row) => sum + row.keywords + row.listings, 0));
  return h('ol', { class: 'bars' }, rows.map(row => h('li', { title: `${count(row.keywords)} keywords, ${count(row.listings)} listings, mean confidence ${share(row.confidence)}` },
    h('span', { class: 'bars-name' }, row[name]),
    at(h('span', { class: 'bars-bar' }, h('span')), '--share', ((row.keywords + row.listings) / most).toFixed(4)),
    h('span', { class: 'bars-value' }, `${compact(row.keywords + row.listings)}`, h('small', null, share((row.keywords + row.listings) / total))))));
}

/** What has its vector. */
export const coveragePart = () => part({
  id: 'coverage',
  title: 'Embedding coverage',
  patient: true,
  path: () => 'insights/coverage',
  empty: data => (data.keywords.total + data.listings.total === 0 ? data.problem ?? 'There is no keyword and no listing yet.' : null),
  render: data => [
    kind('Keywords', data.keywords),
    kind('Listings', data.listings),
    h('p', { class: data.problem ? 'say warn' : 'note' }, data.problem ?? `Vectors of ${data.model}.`),
  ],
});

function kind(name, of) {
  const parts = [['have', of.have], ['missing', of.missing], ['quarantined', of.quarantined]];
  return h('div', { class: 'cover' },
    h('h3', null, name, ' ', h('span', { class: 'cover-share' }, of.total > 0 ? share(Math.floor(of.have / of.total * 1000) / 1000) : '–')),
    h('div', { class: 'stack', 'aria-hidden': 'true' }, parts.map(([part, value]) => at(h('span', { 'data-part': part }), 'flex-grow', value))),
    h('dl', { class: 'legend' }, parts.map(([part, value]) => h('div', { 'data-part': part }, h('dt', null, part), h('dd', { title: count(value) }, compact(value))))),
    of.givenUp > 0 && h('p', { class: 'note' }, `${count(of.givenUp)} are not tried again: lexyhub quarantine list names them.`));
}

/** Tokens and what they cost. */
export const usagePart = () => part({
  id: 'usage',
  title: 'Tokens and cost',
  path: () => 'insights/usage?days=30',
  empty: data => (data.requests === 0 ? 'No model was called in the last 30 days.' : null),
  render: data => [
    h('dl', { class: 'figures wide' },
      h('div', null, h('dt', null, 'tokens in 30 days'), h('dd', { title: count(data.tokens) }, compact(data.tokens))),
      h('div', null, h('dt', null, 'estimated cost'), h('dd', null, usd(data.estimatedCostUsd))),
      h('div', null, h('dt', null, 'requests'), h('dd', { title: count(data.requests) }, compact(data.requests)))),
    chart({
      days: data.days.map(one => one.day),
      label: `Tokens and cost per day from ${day(data.from)} to ${day(data.to)}: ${count(data.tokens)} tokens for ${usd(data.estimatedCostUsd)}; the last day ${count(data.days.at(-1).tokens)}`,
      series: [
        { label: 'Tokens', colour: 'accent', bars: true, values: data.days.map(one => one.tokens), format: compact },
        { label: 'Cost', colour: 'warm', scale: 'usd', values: data.days.map(one => one.estimatedCostUsd), format: usd },
      ],
    }),
    h('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Cost by model' }, h('table', null,
      h('thead', null, h('tr', null, ['Model', 'Job', 'Tokens', 'Cost'].map((head, i) => h('th', { scope: 'col', class: i > 1 ? 'number' : null }, head)))),
      h('tbody', null, data.models.map(one => h('tr', null,
        h('th', { scope: 'row' }, one.model),
        h('td', null, one.job),
        h('td', { class: 'number' }, count(one.tokens)),
        h('td', { class: 'number' }, usd(one.estimatedCostUsd))))))),
    h('p', { class: 'note' }, 'Estimated by list prices; days are UTC days.'),
  ],
});
