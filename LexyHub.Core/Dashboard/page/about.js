import { get } from './api.js';
import { h } from './dom.js';
import { back, problem } from './part.js';

/** The API behind the page, from its own description. */
export function apiView() {
  const body = h('div', { 'aria-busy': 'true' }, h('div', { class: 'waiting' }));

  async function load() {
    try {
      const description = await get('openapi.json');
      body.replaceChildren(
        h('p', { class: 'lead' }, description.info.description),
        h('p', { class: 'note' }, 'The whole of it, with parameters and answers: ', h('code', null, 'GET /api/openapi.json'), ' (OpenAPI ', description.openapi, ').'),
        h('dl', { class: 'routes' }, Object.entries(description.paths).flatMap(([path, methods]) => Object.entries(methods)
          .filter(([, one]) => one.summary)
          .map(([method, one]) => [h('dt', null, `${method.toUpperCase()} /api${path}`), h('dd', null, one.summary)]))));
    } catch (error) {
      body.replaceChildren(problem(error, load));
    }
    body.setAttribute('aria-busy', 'false');
  }

  load();
  return h('section', { class: 'part', 'aria-labelledby': 'view-title' }, back(), h('h1', { id: 'view-title' }, 'The API'), body);
}
