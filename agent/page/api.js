// The way to the agent: the token, the calls, the events.
import { memory } from './words.js';

const kTokenName = 'kkt-agent-token';
const kAnswerWithin = 10_000;
const kSilent = 40_000; // a sign of life comes every 15 s
const kTryAgain = 2_000;

/** Why a call failed: `code` as the API has it, or "network"; `status` 0 when there was no answer. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.code);
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.field = problem.field ?? null;
  }
}

let token = '';
let onUnauthorised = () => undefined;

export function whenUnauthorised(handler) {
  onUnauthorised = handler;
}

/** Out of the address, where `kktctl page` put it, or out of this tab's memory. The address is cleaned at once. */
export function takeToken() {
  const found = /^#token=([^&]+)/.exec(window.location.hash);
  if (found) {
    setToken(decodeURIComponent(found[1]));
    window.history.replaceState(null, '', window.location.pathname);
  } else {
    token = memory(() => window.sessionStorage.getItem(kTokenName)) ?? '';
  }
  return token !== '';
}

export function setToken(text) {
  token = text.trim();
  memory(() => window.sessionStorage.setItem(kTokenName, token));
}

export function forgetToken() {
  token = '';
  memory(() => window.sessionStorage.removeItem(kTokenName));
}

function headers(body) {
  return { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
}

/** The answer's JSON; `path` behind /api/v1. Throws Refusal. */
export async function ask(method, path, body) {
  let response;
  let answer = {};
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: headers(body),
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(kAnswerWithin),
    });
    answer = await response.json();
  } catch (failure) {
    if (!response) throw new Refusal(0, { code: 'network', detail: String(failure) });
  }
  if (response.status === 401) onUnauthorised();
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function readEvents(stop, onJob, onOpen) {
  const line = new AbortController();
  const cut = () => line.abort();
  stop.addEventListener('abort', cut);
  let timer = setTimeout(cut, kSilent);
  try {
    const response = await fetch('/api/v1/events', {
      headers: headers(),
      cache: 'no-store',
      signal: line.signal,
    });
    if (response.status === 401) onUnauthorised();
    if (!response.ok) return;
    onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(cut, kSilent);
      const events = (text + value).split('\n\n');
      text = events.pop();
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event);
        if (/^event: job$/m.test(event) && data) onJob(JSON.parse(data[1]));
      }
    }
  } catch {
    // The line is gone; whoever listens is told by onLost, and it is tried again.
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', cut);
    cut();
  }
}

/** Every job that changes, as long as `stop` is not aborted; `onOpen` after each (re)connection, since some were missed. */
export async function listen(stop, onJob, onOpen, onLost) {
  while (!stop.aborted) {
    await readEvents(stop, onJob, onOpen);
    if (stop.aborted) return;
    onLost();
    await pause(kTryAgain);
  }
}
