// Elements are made by these two alone, and text only ever as text: nothing that the API answers is read as HTML.

/** An element with attributes (`on…` adds a listener, null leaves out) and children (strings, elements, arrays, null). */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(2).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** A width or place in per cent: as a style of the DOM, which the page's policy allows where an attribute would be refused. */
export function at(element, property, value) {
  element.style.setProperty(property, value);
  return element;
}

/** Sets an element's content where it has changed: what a person reads or has selected stays. */
export function put(element, ...children) {
  const next = h('div', null, ...children);
  if (element.innerHTML !== next.innerHTML) element.replaceChildren(...next.childNodes);
  return element;
}

const shapes = {
  healthy: 'M3.5 8.5l3 3 6-7',
  succeeded: 'M3.5 8.5l3 3 6-7',
  running: 'M8 3v5l3.5 2',
  late: 'M8 3.5v5.5M8 12v.5',
  partial: 'M3.5 8h9',
  failing: 'M4 4l8 8M12 4l-8 8',
  failed: 'M4 4l8 8M12 4l-8 8',
  abandoned: 'M4 4l8 8M12 4l-8 8',
  paused: 'M5.5 4v8M10.5 4v8',
  skipped: 'M4 4l5 4-5 4M12 4v8',
  idle: 'M4 8h.5M8 8h.5M12 8h.5',
};

/** A state as a word with its sign: colour never says anything alone. */
export function badge(state) {
  return h('span', { class: 'badge', 'data-state': state },
    svg('svg', { viewBox: '0 0 16 16', class: 'sign', 'aria-hidden': 'true' }, svg('path', { d: shapes[state] ?? shapes.idle })),
    state);
}
