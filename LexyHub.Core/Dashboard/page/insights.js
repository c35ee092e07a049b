import { clustersPart } from './clusters.js';
import { h } from './dom.js';
import { coveragePart, intentsPart, usagePart } from './made.js';
import { quarantinePart } from './quarantine.js';
import { trendsPart } from './trends.js';

/** What the jobs made, part by part, and how they stand on the page. */
export function insights() {
  const parts = [trendsPart(), intentsPart(), clustersPart(), coveragePart(), usagePart(), quarantinePart()];
  const [trends, intents, clusters, coverage, usage, quarantine] = parts.map(part => part.element);
  return { parts, elements: [h('div', { class: 'pair' }, trends, intents), clusters, h('div', { class: 'pair even' }, coverage, usage), quarantine] };
}
