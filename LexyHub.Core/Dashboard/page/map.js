import { get } from './api.js';
import { colour, onTheme } from './charts.js';
import { h, put } from './dom.js';
import { count, two } from './format.js';

const largestLabels = 14;
const margin = 28;

/** The clusters in two dimensions: drawn on a canvas, as thousands of elements would be slow. */
export function clusterMap(clusters) {
  const canvas = h('canvas', { 'aria-hidden': 'true' });
  const tip = h('div', { class: 'map-tip', hidden: true });
  const said = h('p', { class: 'unseen', 'aria-live': 'polite' });
  const frame = h('div', {
    class: 'map-frame', tabindex: '0', role: 'application', 'aria-roledescription': 'map',
    'aria-label': `Map of ${clusters.length} clusters. Arrow keys go to the next cluster in their direction, Enter opens it, plus and minus zoom.`,
  }, canvas, tip);
  const most = Math.max(...clusters.map(cluster => cluster.memberCount), 1);
  // Many are drawn smaller, or they would hide each other; zooming in makes room.
  const crowd = Math.min(1, Math.sqrt(600 / clusters.length));
  const spots = clusters.map(cluster => ({ cluster, size: 1.3 + (1 + 13 * Math.sqrt(cluster.memberCount / most)) * crowd, x: 0, y: 0 }));
  const known = new Map();
  let view = { scale: 1, x: 0, y: 0 };
  let width = 0;
  let height = 0;
  let chosen = null;
  let dragged = null;
  let waiting;
  let due = false;

  const redraw = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  };

  function place() {
    for (const spot of spots) {
      spot.x = ((spot.cluster.x + 1) / 2 * (width - 2 * margin) + margin - width / 2) * view.scale + width / 2 + view.x;
      spot.y = ((1 - spot.cluster.y) / 2 * (height - 2 * margin) + margin - height / 2) * view.scale + height / 2 + view.y;
    }
  }

  function draw() {
    place();
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const grow = Math.sqrt(view.scale);
    pen.fillStyle = colour('accent');
    for (const { x, y, size, cluster } of spots) {
      pen.globalAlpha = 0.18 + 0.62 * Math.min(1, cluster.momentum ?? 0);
      pen.beginPath();
      pen.arc(x, y, size * grow, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
    if (chosen) {
      pen.strokeStyle = colour('text');
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(chosen.x, chosen.y, chosen.size * grow + 3, 0, 7);
      pen.stroke();
    }
    label(pen);
  }

  // The largest in sight, where no other label is in the way.
  function label(pen) {
    pen.font = `600 12px ${colour('font')}`;
    pen.textAlign = 'center';
    pen.lineWidth = 4;
    pen.lineJoin = 'round';
    pen.strokeStyle = colour('surface');
    pen.fillStyle = colour('text');
    const taken = [];
    for (const { x, y, size, cluster } of spots) {
      if (taken.length >= largestLabels) break;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      const half = pen.measureText(cluster.label).width / 2 + 4;
      const at = { left: x - half, right: x + half, top: y - size * Math.sqrt(view.scale) - 20, bottom: y - size * Math.sqrt(view.scale) - 2 };
      if (at.left < 0 || at.right > width || at.top < 0) continue;
      if (taken.some(one => one.left < at.right && at.left < one.right && one.top < at.bottom && at.top < one.bottom)) continue;
      taken.push(at);
      pen.strokeText(cluster.label, x, at.bottom - 4);
      pen.fillText(cluster.label, x, at.bottom - 4);
    }
  }

  function choose(spot) {
    if (spot === chosen) return;
    chosen = spot;
    frame.dataset.cluster = spot?.cluster.id ?? '';
    clearTimeout(waiting);
    tip.hidden = !spot;
    redraw();
    if (!spot) return;
    show(spot, known.get(spot.cluster.id));
    if (!known.has(spot.cluster.id)) {
      waiting = setTimeout(async () => {
        try {
          known.set(spot.cluster.id, (await get(`insights/clusters/${spot.cluster.id}`)).members.slice(0, 6).map(member => member.term));
          if (chosen === spot) show(spot, known.get(spot.cluster.id));
        } catch {
          // The label and the count stay; opening the cluster says what is wrong.
        }
      }, 120);
    }
  }

  function show({ cluster, x, y }, members) {
    put(tip,
      h('b', null, cluster.label),
      h('p', null, `${count(cluster.memberCount)} keywords · momentum ${two(cluster.momentum)}`),
      members && h('p', { class: 'map-members' }, members.join(' · ')));
    tip.style.left = `${Math.min(Math.max(0, x - 120), Math.max(0, width - 248))}px`;
    tip.style.top = y > height / 2 ? 'auto' : `${y + 22}px`;
    tip.style.bottom = y > height / 2 ? `${height - y + 22}px` : 'auto';
    said.textContent = `${cluster.label}, ${count(cluster.memberCount)} keywords${members ? `: ${members.join(', ')}` : ''}`;
  }

  function nearest(x, y) {
    let best = null;
    let distance = 18 ** 2;
    for (const spot of spots) {
      const apart = (spot.x - x) ** 2 + (spot.y - y) ** 2 - (spot.size * Math.sqrt(view.scale)) ** 2;
      if (apart < distance) [best, distance] = [spot, apart];
    }
    return best;
  }

  // The nearest one in that direction, those straight ahead before those aside.
  function beside(dx, dy) {
    let best = null;
    let cost = Infinity;
    for (const spot of spots) {
      const ahead = (spot.x - chosen.x) * dx + (spot.y - chosen.y) * dy;
      const aside = Math.abs((spot.x - chosen.x) * dy) + Math.abs((spot.y - chosen.y) * dx);
      if (spot !== chosen && ahead > 0.5 && ahead + 2.5 * aside < cost) [best, cost] = [spot, ahead + 2.5 * aside];
    }
    return best;
  }

  function zoom(factor, x = width / 2, y = height / 2) {
    const scale = Math.min(24, Math.max(1, view.scale * factor));
    const by = scale / view.scale;
    view = { scale, x: (view.x + width / 2 - x) * by + x - width / 2, y: (view.y + height / 2 - y) * by + y - height / 2 };
    keepInside();
  }

  function keepInside() {
    const roomX = width / 2 * (view.scale - 1);
    const roomY = height / 2 * (view.scale - 1);
    view.x = Math.min(roomX, Math.max(-roomX, view.x));
    view.y = Math.min(roomY, Math.max(-roomY, view.y));
    redraw();
  }

  const open = spot => { location.hash = `#/clusters/${spot.cluster.id}`; };
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  frame.addEventListener('keydown', event => {
    const arrow = arrows[event.key];
    if (arrow) choose(chosen ? beside(...arrow) ?? chosen : spots[0]);
    else if (event.key === 'Enter' && chosen) open(chosen);
    else if (event.key === 'Escape') choose(null);
    else if (event.key === '+') zoom(1.5);
    else if (event.key === '-') zoom(1 / 1.5);
    else return;
    event.preventDefault();
  });
  frame.addEventListener('pointermove', event => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (dragged) {
      view.x += x - dragged.x;
      view.y += y - dragged.y;
      dragged = { x, y, far: dragged.far + Math.abs(x - dragged.x) + Math.abs(y - dragged.y) };
      keepInside();
      return;
    }
    choose(nearest(x, y));
    frame.classList.toggle('over', chosen !== null);
  });
  frame.addEventListener('pointerdown', event => {
    const box = canvas.getBoundingClientRect();
    dragged = { x: event.clientX - box.left, y: event.clientY - box.top, far: 0 };
    if (event.pointerType !== 'mouse') choose(nearest(dragged.x, dragged.y));
  });
  frame.addEventListener('pointerup', event => {
    if (dragged && dragged.far < 4 && chosen && event.pointerType === 'mouse') open(chosen);
    dragged = null;
  });
  frame.addEventListener('pointerleave', () => {
    dragged = null;
    if (document.activeElement !== frame) choose(null);
  });
  frame.addEventListener('wheel', event => {
    // A plain wheel scrolls the page.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  frame.addEventListener('blur', () => choose(null));

  let themed = false;
  new ResizeObserver(() => {
    if (frame.clientWidth === 0) return;
    [width, height] = [frame.clientWidth, frame.clientHeight];
    if (themed) keepInside();
    else onTheme(frame, redraw);
    themed = true;
  }).observe(frame);

  const button = (label, text, action) => h('button', { type: 'button', 'aria-label': label, title: label, onclick: action }, text);
  return h('div', { class: 'map' }, frame, said,
    h('div', { class: 'map-tools' },
      button('Zoom in', '+', () => zoom(1.6)),
      button('Zoom out', '−', () => zoom(1 / 1.6)),
      button('Show all', '⤢', () => zoom(1e-9))));
}
