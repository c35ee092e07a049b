const key = 'lexyhub.token';

/** What went wrong, in words for people; status 0 where there was no answer. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let onRefused = () => {};

/** Called once a token is no longer accepted. */
export function whenRefused(action) {
  onRefused = action;
}

export const token = {
  get: () => sessionStorage.getItem(key),
  keep: value => sessionStorage.setItem(key, value),
  forget: () => sessionStorage.removeItem(key),
};

// The page begins with the jobs: they are asked for as soon as this file is there, while the others are still on their way.
let early = token.get() !== null && /^(#\/?(at\/.*)?)?$/.test(location.hash) ? ask('GET', 'jobs', token.get()) : null;
early?.catch(() => {});

/** The body of GET, below the page's own address. */
export async function get(path) {
  const { status, body } = await send('GET', path);
  const json = parse(body);
  if (status === 200) return json;
  throw new ApiError(status, json?.error ?? `The server answered ${status}.`);
}

/** Status and body as they are, whatever the status. */
export async function send(method, path, json) {
  const bearer = token.get();
  const answer = await request(method, path, bearer, json);
  if (answer.status === 401 && bearer === token.get()) onRefused();
  return answer;
}

/** Whether the server accepts the token. */
export async function accepts(candidate) {
  const { status, body } = await request('GET', 'jobs', candidate);
  if (status === 401) return false;
  if (status !== 200) throw new ApiError(status, parse(body)?.error ?? `The server answered ${status}.`);
  return true;
}

async function request(method, path, bearer, json) {
  const answered = early;
  early = null;
  return answered && method === 'GET' && path === 'jobs' ? answered : ask(method, path, bearer, json);
}

async function ask(method, path, bearer, json) {
  try {
    const headers = { Authorization: `Bearer ${bearer}`, ...(json && { 'Content-Type': 'application/json' }) };
    const response = await fetch(path, { method, headers, body: json && JSON.stringify(json), cache: 'no-store' });
    return { status: response.status, body: await response.text() };
  } catch {
    throw new ApiError(0, 'The server cannot be reached. Check that it runs and that this device is online.');
  }
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
