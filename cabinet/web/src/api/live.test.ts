// The live connection under a scripted stream and virtual time: it always comes back, and says what was missed.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { kLongestPauseMs, kSilenceMs, LiveConnection, pauseBefore, type Stream } from './live';

class FakeStream implements Stream {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.onopen?.(new Event('open'));
  }
  fail(): void {
    this.onerror?.(new Event('error'));
  }
  say(type: string, data: string): void {
    this.listeners.get(type)?.({ data } as MessageEvent<string>);
  }
}

let streams: FakeStream[];
let answers: boolean;
let live: LiveConnection;
const last = () => streams[streams.length - 1] as FakeStream;

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  answers = true;
  live = new LiveConnection({
    open: () => {
      const stream = new FakeStream();
      streams.push(stream);
      return stream;
    },
    probe: () => Promise.resolve(answers),
    after: (ms, run) => {
      const id = setTimeout(run, ms);
      return () => clearTimeout(id);
    },
    random: () => 1,
  });
});

describe('live connection', () => {
  it('doubles its pauses up to the cap and spreads them by chance', () => {
    expect([0, 1, 2, 3].map((attempt) => pauseBefore(attempt, 1))).toEqual([1000, 2000, 4000, 8000]);
    expect(pauseBefore(50, 1)).toBe(kLongestPauseMs);
    expect(pauseBefore(0, 0)).toBe(500);
  });

  it('is lost at the first error and live again after a reconnect, which asks for a resync', () => {
    const resync = vi.fn();
    live.onResync(resync);
    live.start();
    last().open();
    expect(live.state).toBe('live');
    expect(resync).not.toHaveBeenCalled();
    last().fail();
    expect(live.state).toBe('lost');
    vi.advanceTimersByTime(1000);
    expect(streams).toHaveLength(2);
    expect(live.state).toBe('lost');
    last().open();
    expect(live.state).toBe('live');
    expect(resync).toHaveBeenCalledTimes(1);
  });

  it('waits longer with every failure and starts anew after a success', () => {
    live.start();
    for (const pause of [1000, 2000, 4000]) {
      const before = streams.length;
      last().fail();
      vi.advanceTimersByTime(pause - 1);
      expect(streams).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(streams).toHaveLength(before + 1);
    }
    last().open();
    last().fail();
    const before = streams.length;
    vi.advanceTimersByTime(1000);
    expect(streams).toHaveLength(before + 1);
  });

  it('gives up a stream that never opens', () => {
    live.start();
    vi.advanceTimersByTime(15_000);
    expect(live.state).toBe('lost');
    expect(last().closed).toBe(true);
  });

  it('asks after a silence, and stays when the cabinet answers', async () => {
    live.start();
    last().open();
    await vi.advanceTimersByTimeAsync(kSilenceMs);
    expect(live.state).toBe('live');
    answers = false;
    await vi.advanceTimersByTimeAsync(kSilenceMs);
    expect(live.state).toBe('lost');
  });

  it('hands events on, broken data as null, and ignores a stream it has dropped', () => {
    const heard = vi.fn();
    live.onEvent(heard);
    live.start();
    const old = last();
    old.open();
    old.say('document', '{"fd_number":3}');
    old.say('alarm', 'not json');
    expect(heard.mock.calls).toEqual([
      ['document', { fd_number: 3 }],
      ['alarm', null],
    ]);
    old.fail();
    old.say('document', '{}');
    old.fail();
    expect(heard).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1000);
    expect(streams).toHaveLength(2);
  });

  it('reconnects at once when woken, and not while it is already at it', () => {
    live.start();
    last().fail();
    live.wake();
    expect(streams).toHaveLength(2);
    live.wake();
    expect(streams).toHaveLength(2);
    last().open();
    live.wake();
    expect(streams).toHaveLength(2);
  });

  it('stays quiet when stopped or paused', () => {
    live.start();
    last().open();
    live.pause();
    expect(live.state).toBe('paused');
    vi.advanceTimersByTime(600_000);
    expect(streams).toHaveLength(1);
    live.wake();
    expect(streams).toHaveLength(2);
    live.stop();
    vi.advanceTimersByTime(600_000);
    expect(streams).toHaveLength(2);
    expect(last().closed).toBe(true);
  });
});
