import { get } from './api.js';
import { chart, sparkline } from './charts.js';
import { at, h } from './dom.js';
import { count, day, share, signed, two } from './format.js';
import { back, choices, part, problem, search } from './part.js';

/** The terms that move most. */
export function trendsPart() {
  let order = 'rising';
  let text = '';
  const movers = part({
    id: 'trends',
    title: 'Top movers',
    path: () => `insights/trends?limit=12&order=${order}${text && `&search=${encodeURIComponent(text)}`}`,
    empty: data => (data.moving === 0 ? 'No term has a trend yet. trend-aggregation makes them from signals: run it, or import signals first.' : null),
    render: data => [
      h('p', { class: 'note' }, `${count(data.moving)} terms with momentum, ${count(data.surging)} surging; readings up to ${day(data.lastReadingOn)}.`),
      data.terms.length > 0 ? table(data.terms) : h('p', { class: 'empty' }, order === 'surging' && !text ? 'No term surges now.' : 'No term is like that.'),
    ],
    tools: h('div', { class: 'tools' },
      choices('Order', [['rising', 'Rising'], ['falling', 'Falling'], ['surging', 'Surging']], order, value => {
        order = value;
        movers.refresh();
      }),
      search('Find a term', value => {
        text = value;
        movers.refresh();
      })),
  });
  return movers;
}

function table(terms) {
  return h('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Terms that move most' },
    h('table', { class: 'movers' },
      h('thead', null, h('tr', null,
        h('th', { scope: 'col' }, 'Term'),
        h('th', { scope: 'col' }, 'Last 90 days'),
        h('th', { scope: 'col', class: 'number' }, 'Momentum'),
        h('th', { scope: 'col', class: 'number' }, 'Next 30 days'))),
      h('tbody', null, terms.map(row))));
}

function row(term) {
  const series = term.series[0];
  return h('tr', null,
    h('th', { scope: 'row' }, h('a', { href: `#/terms/${encodeURIComponent(term.term)}` }, term.term), term.surge && surge()),
    h('td', { class: 'spark-cell' }, series
      ? sparkline(series.days, series.scores, `${series.source}: ${two(series.scores[0])} to ${two(series.scores.at(-1))}`)
      : h('span', { class: 'unknown' }, 'no readings')),
    h('td', { class: 'number' }, meter(term.momentum)),
    h('td', { class: `number ${tone(term.expectedGrowth30d)}` }, signed(term.expectedGrowth30d)));
}

export const surge = () => h('span', { class: 'surge', title: 'Well beyond its own ups and downs' }, 'surge');

/** A value of 0–1 as a number with a bar. */
export const meter = value => h('span', { class: 'meter' }, at(h('span', { class: 'meter-bar', 'aria-hidden': 'true' }), '--share', value ?? 0), two(value));

const tone = growth => (growth > 0.005 ? 'up' : growth < -0.005 ? 'down' : '');

/** One term, source by source. */
export function termView(term) {
  const body = h('div', { 'aria-busy': 'true' }, h('div', { class: 'waiting' }));

  async function load() {
    try {
      const { terms: [found] } = await get(`insights/trends?days=400&term=${encodeURIComponent(term)}`);
      body.replaceChildren(...(found ? describe(found) : [h('p', { class: 'empty' }, 'No trend is known of this term.')]));
    } catch (error) {
      body.replaceChildren(problem(error, load));
    }
    body.setAttribute('aria-busy', 'false');
  }

  load();
  return h('section', { class: 'part', 'aria-labelledby': 'view-title' }, back('Top movers', '#/at/trends'), h('h1', { id: 'view-title' }, term), body);
}

const colours = ['accent', 'warm', 'good', 'violet', 'bad', 'muted'];

function describe(term) {
  const days = [...new Set(term.series.flatMap(series => series.days))].sort();
  const fact = (name, value) => h('div', null, h('dt', null, name), h('dd', null, value));
  return [
    h('dl', { class: 'facts' },
      fact('Momentum', two(term.momentum)),
      fact('Expected in 30 days', signed(term.expectedGrowth30d)),
      fact('Confidence', share(term.confidence)),
      fact('Surge', term.surge ? surge() : 'no'),
      fact('Last reading', day(term.lastReadingOn)),
      fact('Sources', term.sources.join(', ') || '–')),
    days.length > 0
      ? chart({
        days,
        height: 280,
        label: `Scores of ${term.term}: ${term.series.map(series => `${series.source} at ${two(series.scores.at(-1))}`).join(', ')}`,
        series: term.series.map((series, i) => {
          const scores = new Map(series.days.map((on, place) => [on, series.scores[place]]));
          return { label: series.source, colour: colours[i % colours.length], values: days.map(on => scores.get(on) ?? null) };
        }),
      })
      : h('p', { class: 'empty' }, 'No readings in the last 400 days.'),
  ];
}
