// Keeps one stream of server events alive: reconnects with growing pauses, notices silence, and tells the pages when
// they may have missed something. Knows nothing of React; time, chance and the stream itself come from outside.

export const kLiveEvents = ['document', 'sample', 'register', 'alarm', 'command'] as const;
export type LiveEvent = (typeof kLiveEvents)[number];
export type LiveState = 'connecting' | 'live' | 'lost' | 'paused';

export interface Stream {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface LiveDeps {
  open(): Stream;
  /** Asks the cabinet for something cheap; false when it does not answer. Ends by itself. */
  probe(): Promise<boolean>;
  after(ms: number, run: () => void): () => void;
  random(): number;
}

type EventListener = (event: LiveEvent, data: unknown) => void;

export const kFirstPauseMs = 1_000;
export const kLongestPauseMs = 30_000;
export const kOpenDeadlineMs = 15_000;
export const kSilenceMs = 45_000;

/** Pause before attempt n (0, 1, …): doubles up to the cap; between half and the whole of it by chance, so that a
 * restarted cabinet does not meet all browsers in the same second. */
export function pauseBefore(attempt: number, random: number): number {
  const full = Math.min(kLongestPauseMs, kFirstPauseMs * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

export class LiveConnection {
  private readonly deps: LiveDeps;
  private stream: Stream | null = null;
  private attempt = 0;
  private everLive = false;
  private cancelTimer: () => void = () => undefined;
  private current: LiveState = 'connecting';
  private readonly stateListeners = new Set<() => void>();
  private readonly eventListeners = new Set<EventListener>();
  private readonly resyncListeners = new Set<() => void>();

  constructor(deps: LiveDeps) {
    this.deps = deps;
  }

  get state(): LiveState {
    return this.current;
  }

  readonly onState = (listener: () => void) => {
    this.stateListeners.add(listener);
    return () => void this.stateListeners.delete(listener);
  };

  onEvent(listener: EventListener): () => void {
    this.eventListeners.add(listener);
    return () => void this.eventListeners.delete(listener);
  }

  /** Runs after a break: whatever happened meanwhile was not told. */
  onResync(listener: () => void): () => void {
    this.resyncListeners.add(listener);
    return () => void this.resyncListeners.delete(listener);
  }

  start(): void {
    if (this.stream || this.current === 'lost') return;
    this.connect();
  }

  stop(): void {
    this.drop();
    this.attempt = 0;
    this.everLive = false;
    this.become('connecting');
  }

  /** The tab went out of sight: give the connection back, a browser has few of them per site. */
  pause(): void {
    this.drop();
    this.become('paused');
  }

  /** The network is back or the person came back: do not wait out the pause. */
  wake(): void {
    if (this.current === 'live' || this.stream) return;
    this.attempt = 0;
    this.connect();
  }

  private connect(): void {
    this.drop();
    if (this.current !== 'lost') this.become('connecting');
    const stream = this.deps.open();
    this.stream = stream;
    stream.onopen = () => this.opened(stream);
    stream.onerror = () => this.failed(stream);
    for (const event of kLiveEvents) stream.addEventListener(event, (message) => this.heard(stream, event, message));
    this.timer(kOpenDeadlineMs, () => this.failed(stream));
  }

  private opened(stream: Stream): void {
    if (stream !== this.stream) return;
    const missed = this.everLive;
    this.everLive = true;
    this.attempt = 0;
    this.watchSilence();
    this.become('live');
    if (missed) for (const listener of this.resyncListeners) listener();
  }

  private heard(stream: Stream, event: LiveEvent, message: MessageEvent<string>): void {
    if (stream !== this.stream) return;
    this.watchSilence();
    let data: unknown;
    try {
      data = JSON.parse(message.data);
    } catch {
      // The event still says that something changed; listeners read it anew.
      data = null;
    }
    for (const listener of this.eventListeners) listener(event, data);
  }

  private failed(stream: Stream): void {
    if (stream !== this.stream) return;
    this.drop();
    this.become('lost');
    // Also tells an ended session (401) from an absent cabinet: the client behind the probe sees to it.
    void this.deps.probe();
    const pause = pauseBefore(this.attempt, this.deps.random());
    this.attempt += 1;
    this.timer(pause, () => this.connect());
  }

  // A cable pulled on the way leaves a stream that looks open for ever.
  private watchSilence(): void {
    const stream = this.stream;
    this.timer(kSilenceMs, () => {
      void this.deps.probe().then((answers) => {
        if (!stream || stream !== this.stream) return;
        if (answers) this.watchSilence();
        else this.failed(stream);
      });
    });
  }

  private timer(ms: number, run: () => void): void {
    this.cancelTimer();
    this.cancelTimer = this.deps.after(ms, run);
  }

  private drop(): void {
    this.cancelTimer();
    const stream = this.stream;
    this.stream = null;
    stream?.close();
  }

  private become(state: LiveState): void {
    if (this.current === state) return;
    this.current = state;
    for (const listener of this.stateListeners) listener();
  }
}
