// The only place that talks HTTP: every call ends (deadline), every failure is one kind of error with cause and cure.

export type FailureKind = 'problem' | 'network' | 'timeout' | 'bad_answer';

/** problem+json as the cabinet sends it; all members may be absent in a foreign answer (a proxy's page). */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  field?: string;
  cure?: string;
}

export class ApiError extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  readonly problem: Problem;

  constructor(kind: FailureKind, status: number, problem: Problem = {}) {
    super(problem.detail ?? problem.title ?? kind);
    this.name = 'ApiError';
    this.kind = kind;
    this.status = status;
    this.problem = problem;
  }
}

const kDeadlineMs = 20_000;

let csrfToken = '';
let onSessionLost: () => void = () => undefined;

export function setCsrf(token: string): void {
  csrfToken = token;
}

/** Called once by the application: any 401 outside of login means that the session is over. */
export function setSessionLostHandler(handler: () => void): void {
  onSessionLost = handler;
}

export function apiUrl(path: string): string {
  return new URL(`api/v1${path}`, document.baseURI).toString();
}

/** `?a=1&b=2`, without what is empty. */
export function query(params: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}

interface Options {
  method?: 'GET' | 'POST';
  body?: unknown;
  /** Sent as Idempotency-Key: the same key again is the same request. */
  key?: string;
  signal?: AbortSignal | undefined;
  deadlineMs?: number;
  /** Login itself answers 401 for a wrong password: that ends no session. */
  keepsSession?: boolean;
}

export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.deadlineMs ?? kDeadlineMs);
  const stop = () => deadline.abort();
  options.signal?.addEventListener('abort', stop);
  try {
    const response = await send(path, options, deadline.signal);
    const text = await response.text();
    if (!response.ok) throw refusal(response, text, options);
    return parse(text, response.status) as T;
  } catch (error) {
    if (error instanceof ApiError || options.signal?.aborted) throw error;
    if (deadline.signal.aborted) throw new ApiError('timeout', 0);
    throw new ApiError('network', 0);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
  }
}

function send(path: string, options: Options, signal: AbortSignal): Promise<Response> {
  const method = options.method ?? 'GET';
  const headers: Record<string, string> = { Accept: 'application/json, application/problem+json' };
  if (method !== 'GET' && csrfToken) headers['X-CSRF-Token'] = csrfToken;
  const init: RequestInit = { method, headers, signal, credentials: 'same-origin', cache: 'no-store' };
  if (options.key) headers['Idempotency-Key'] = options.key;
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(options.body);
  }
  return fetch(apiUrl(path), init);
}

function refusal(response: Response, text: string, options: Options): ApiError {
  if (response.status === 401 && !options.keepsSession) onSessionLost();
  let problem: Problem = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === 'object') problem = parsed;
  } catch {
    // A proxy's HTML page: the status alone has to do.
  }
  return new ApiError('problem', response.status, problem);
}

function parse(text: string, status: number): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('bad_answer', status);
  }
}
