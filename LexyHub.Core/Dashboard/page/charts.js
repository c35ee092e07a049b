import { h, svg } from './dom.js';
import { two } from './format.js';

let library;

// uPlot is fetched with the first chart that comes into view, from beside this file.
function chartLibrary() {
  library ??= Promise.all([
    loaded(h('link', { rel: 'stylesheet', href: beside('uPlot.min.css') })),
    loaded(h('script', { src: beside('uPlot.iife.min.js') })),
  ]).then(() => globalThis.uPlot);
  return library;
}

const beside = name => new URL(name, import.meta.url).href;

const loaded = element => new Promise((done, fail) => {
  element.onload = done;
  element.onerror = () => fail(new Error('The chart library could not be loaded.'));
  document.head.append(element);
});

/** A colour of the page, as it is in light or dark now. */
export const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const halfDay = 43_200;
const dark = matchMedia('(prefers-color-scheme: dark)');

/** Calls `draw` now and whenever the page turns light or dark, for as long as the element is on the page. */
export function onTheme(element, draw) {
  draw();
  const again = () => {
    if (element.isConnected) draw();
    else dark.removeEventListener('change', again);
  };
  dark.addEventListener('change', again);
}

/** Scores of 0–1 over days, in the space of a word. */
export function sparkline(days, scores, label) {
  const width = 120;
  const height = 28;
  const first = Date.parse(days[0]);
  const length = Math.max(1, Date.parse(days.at(-1)) - first);
  const points = scores.map((score, i) => [
    2 + (Date.parse(days[i]) - first) / length * (width - 4),
    height - 3 - Math.min(1, Math.max(0, score)) * (height - 6),
  ].map(n => n.toFixed(1)));
  const line = points.map(point => point.join(' ')).join('L');
  return svg('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    svg('path', { class: 'spark-area', d: `M${points[0][0]} ${height}L${line}L${points.at(-1)[0]} ${height}Z` }),
    svg('path', { class: 'spark-line', d: `M${line}` }),
    svg('circle', { class: 'spark-end', cx: points.at(-1)[0], cy: points.at(-1)[1], r: 2 }));
}

/**
 * A chart over days. `series`: {label, values, colour: a name, bars, scale, format}. What it shows is also in words: `label`.
 */
export function chart({ days, series, label, height = 220 }) {
  const box = h('div', { class: 'chart', role: 'img', 'aria-label': label });
  let plot;

  async function draw() {
    let uPlot;
    try {
      uPlot = await chartLibrary();
    } catch (error) {
      box.replaceChildren(h('p', { class: 'empty' }, error.message));
      return;
    }
    plot?.destroy();
    const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, gap: 8, font: `12px ${colour('font')}` };
    const scales = [...new Set(series.map(one => one.scale ?? 'y'))];
    plot = new uPlot({
      width: Math.max(260, box.clientWidth),
      height,
      // Days are UTC days, whatever the viewer's zone.
      tzDate: seconds => uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC'),
      cursor: { points: { size: 7 } },
      scales: {
        x: { range: (_, low, high) => [low - halfDay, high + halfDay] },
        ...Object.fromEntries(scales.map(scale => [scale, { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] }])),
      },
      axes: [
        { ...axis, grid: { show: false }, values: (_, splits) => splits.map(at => dayOf(at)) },
        ...scales.map((scale, i) => ({
          ...axis,
          scale,
          side: i === 0 ? 3 : 1,
          size: 64,
          grid: i === 0 ? axis.grid : { show: false },
          values: (_, splits) => splits.map(series.find(one => (one.scale ?? 'y') === scale).format ?? two),
        })),
      ],
      series: [
        { label: 'Day', value: (_, at) => (at === null ? '' : dayOf(at)) },
        ...series.map(one => ({
          label: one.label,
          scale: one.scale ?? 'y',
          stroke: colour(one.colour),
          fill: one.bars ? colour(one.colour) : undefined,
          width: one.bars ? 0 : 2,
          paths: one.bars ? uPlot.paths.bars({ size: [0.7, 40], radius: 0.15 }) : undefined,
          points: { show: !one.bars && days.length < 3 },
          spanGaps: true,
          value: (_, value) => (value === null ? '–' : (one.format ?? two)(value)),
        })),
      ],
    }, [days.map(day => Date.parse(day) / 1000), ...series.map(one => one.values)], box);
  }

  // It takes the width that the page gives it, once it is on the page and whenever that changes.
  let width = 0;
  new ResizeObserver(() => {
    if (box.clientWidth === 0 || box.clientWidth === width) return;
    width = box.clientWidth;
    if (plot) plot.setSize({ width: Math.max(260, width), height });
    else onTheme(box, draw);
  }).observe(box);
  return box;
}

const utcDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayOf = seconds => utcDay.format(new Date(seconds * 1000));
