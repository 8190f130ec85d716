// The page's one live connection, tied to the browser: EventSource, visibility, network changes.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { ApiError, apiUrl, call } from './client';
import { LiveConnection, type LiveEvent, type LiveState } from './live';

const kHiddenForMs = 60_000;

async function cabinetAnswers(): Promise<boolean> {
  try {
    await call('/session', { deadlineMs: 10_000 });
    return true;
  } catch (error) {
    return error instanceof ApiError && error.kind === 'problem' && error.status < 500;
  }
}

export const live = new LiveConnection({
  open: () => new EventSource(apiUrl('/events')),
  probe: cabinetAnswers,
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
  random: Math.random,
});

/** Mounted while somebody is logged in. */
export function useLiveConnection(): void {
  useEffect(() => {
    let hidden: ReturnType<typeof setTimeout> | undefined;
    const visibility = () => {
      clearTimeout(hidden);
      if (document.visibilityState === 'hidden') hidden = setTimeout(() => live.pause(), kHiddenForMs);
      else live.wake();
    };
    const online = () => live.wake();
    live.start();
    document.addEventListener('visibilitychange', visibility);
    window.addEventListener('online', online);
    return () => {
      clearTimeout(hidden);
      document.removeEventListener('visibilitychange', visibility);
      window.removeEventListener('online', online);
      live.stop();
    };
  }, []);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.onState, () => live.state);
}

/** Calls `run` for the named events and after every break, at most once per `everyMs`; the last one is never lost. */
export function useLiveRefresh(events: readonly LiveEvent[], run: () => void, everyMs = 1_000): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const names = events.join(',');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const fire = () => {
      timer = undefined;
      last = Date.now();
      latest.current();
    };
    const soon = () => {
      timer ??= setTimeout(fire, Math.max(80, last + everyMs - Date.now()));
    };
    const offEvent = live.onEvent((event) => {
      if (names.split(',').includes(event)) soon();
    });
    const offResync = live.onResync(soon);
    return () => {
      clearTimeout(timer);
      offEvent();
      offResync();
    };
  }, [names, everyMs]);
}
