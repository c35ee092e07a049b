import { h } from './dom.js';

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' });
const cents = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', maximumFractionDigits: 4 });
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const growth = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayClock = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const yearDayClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const utcDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** What the API leaves unknown. */
export const nothing = '–';

const or = format => value => (value === null || value === undefined ? nothing : format(value));

export const count = or(value => whole.format(value));
export const compact = or(value => (value < 10_000 ? whole.format(value) : short.format(value)));
export const share = or(value => percent.format(value));
export const signed = or(value => growth.format(value));
export const usd = or(value => (value > 0 && value < 0.1 ? cents : dollars).format(value));
export const two = or(value => value.toFixed(2));
export const day = or(value => utcDay.format(new Date(`${value}T00:00:00Z`)));

export const duration = or(ms => {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return span(ms);
});

/** Coarse: the two largest units. */
export function span(ms) {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  if (hours < 48) return hours === 24 ? '1 day' : `1 day ${hours - 24} h`;
  return `${Math.round(hours / 24)} days`;
}

/** An instant in the viewer's zone, with UTC on hover; `how` gives the words. */
export function time(iso, how = moment) {
  if (!iso) return nothing;
  const date = new Date(iso);
  return h('time', { datetime: iso, title: `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC` }, how(date));
}

export const moment = date => (date.getFullYear() === new Date().getFullYear() ? dayClock : yearDayClock).format(date);
export const ago = date => (Date.now() - date < 5_000 ? 'just now' : `${span(Date.now() - date)} ago`);
export const ahead = date => (date - Date.now() < 1_000 ? 'now' : `in ${span(date - Date.now())}`);
export const hour = date => clock.format(date);

/** JSON with line breaks and indents put in; not a character of it is otherwise changed. */
export function indented(json) {
  let text = '';
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (quoted) {
      text += c === '\\' ? c + json[++i] : c;
      quoted = c !== '"';
    } else if ((c === '{' || c === '[') && json[i + 1] === (c === '{' ? '}' : ']')) {
      text += c + json[++i];
    } else if (c === '{' || c === '[') {
      text += c + '\n' + '  '.repeat(++depth);
    } else if (c === '}' || c === ']') {
      text += '\n' + '  '.repeat(--depth) + c;
    } else if (c === ',') {
      text += ',\n' + '  '.repeat(depth);
    } else {
      text += c === ':' ? ': ' : c;
      quoted = c === '"';
    }
  }
  return text;
}
