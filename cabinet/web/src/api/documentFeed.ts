// The list of documents as it grows at both ends: older pages below by key, newer documents above as they come.
import { useCallback, useEffect, useRef, useState } from 'react';
import { documentKey } from '../domain';
import { call, type ApiError } from './client';
import { useLiveRefresh } from './liveClient';
import type { DocumentHead, DocumentPage } from './types';
import { asApiError } from './useQuery';

/** Newest first, as the cabinet orders: by time, then by drive, then by number. */
export function newestFirst(a: DocumentHead, b: DocumentHead): number {
  if (a.datetime !== b.datetime) return a.datetime < b.datetime ? 1 : -1;
  if (a.fn_serial !== b.fn_serial) return a.fn_serial < b.fn_serial ? 1 : -1;
  return b.fd_number - a.fd_number;
}

export interface Merged {
  rows: DocumentHead[];
  added: string[];
  /** The new page does not reach what was there: documents in between are not known, so the list starts anew. */
  gap: boolean;
}

/** Lays a freshly read first page over the rows held: new ones go in, changed ones (short became full) are replaced. */
export function mergeFirstPage(held: DocumentHead[], page: DocumentPage): Merged {
  const heldKeys = new Set(held.map(documentKey));
  const pageByKey = new Map(page.documents.map((head) => [documentKey(head), head]));
  const added = [...pageByKey.keys()].filter((key) => !heldKeys.has(key));
  const overlaps = added.length < pageByKey.size;
  if (held.length > 0 && !overlaps && page.next !== null) return { rows: page.documents, added, gap: true };
  const kept = held.map((head) => pageByKey.get(documentKey(head)) ?? head);
  const fresh = page.documents.filter((head) => !heldKeys.has(documentKey(head)));
  return { rows: fresh.length > 0 ? [...fresh, ...kept].sort(newestFirst) : kept, added, gap: false };
}

interface Feed {
  search: string;
  rows: DocumentHead[];
  next: string | null;
  started: boolean;
}

export interface DocumentFeed {
  rows: DocumentHead[];
  /** Keys that came by themselves in the last seconds: worth a highlight. */
  fresh: ReadonlySet<string>;
  /** How many came by themselves since the list was read. */
  arrived: number;
  started: boolean;
  loading: boolean;
  atEnd: boolean;
  error: ApiError | null;
  more: () => void;
  retry: () => void;
}

const kPage = 100;
const kFreshMs = 8_000;

async function readPage(search: string, before: string | null, signal: AbortSignal): Promise<DocumentPage> {
  const params = new URLSearchParams(search);
  params.set('limit', String(kPage));
  if (before !== null) params.set('before', before);
  return call<DocumentPage>(`/documents?${params.toString()}`, { signal });
}

/** `search` is the filter as a query string; another one starts another list. */
export function useDocumentFeed(search: string): DocumentFeed {
  const [feed, setFeed] = useState<Feed>({ search, rows: [], next: null, started: false });
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [arrived, setArrived] = useState(0);
  const [error, setError] = useState<ApiError | null>(null);
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const busy = useRef<AbortController | null>(null);

  /** One reading at a time; what is over is said before the list changes, so that the list may ask at once again. */
  const read = useCallback(
    (before: string | null, take: (page: DocumentPage) => void) => {
      const abort = new AbortController();
      busy.current = abort;
      setLoading(true);
      const over = (problem: ApiError | null) => {
        if (busy.current === abort) busy.current = null;
        setError(problem);
        setLoading(false);
      };
      readPage(search, before, abort.signal)
        .then((page) => {
          if (abort.signal.aborted) return;
          over(null);
          take(page);
        })
        .catch((caught: unknown) => {
          if (!abort.signal.aborted) over(asApiError(caught));
        });
    },
    [search],
  );

  useEffect(() => {
    read(null, (page) => {
      setFeed({ search, rows: page.documents, next: page.next, started: true });
      setFresh(new Set());
      setArrived(0);
    });
    return () => {
      busy.current?.abort();
      busy.current = null;
    };
  }, [read, search, round]);

  const more = useCallback(() => {
    if (busy.current || !feed.started || feed.search !== search || feed.next === null) return;
    read(feed.next, (page) =>
      setFeed((old) => {
        const held = new Set(old.rows.map(documentKey));
        const older = page.documents.filter((head) => !held.has(documentKey(head)));
        return { ...old, rows: [...old.rows, ...older], next: page.next };
      }),
    );
  }, [feed, search, read]);

  const refresh = useCallback(() => {
    if (!feed.started) return;
    const abort = new AbortController();
    readPage(search, null, abort.signal)
      .then((page) => {
        setFeed((old) => {
          if (old.search !== search) return old;
          const merged = mergeFirstPage(old.rows, page);
          return { ...old, rows: merged.rows, next: merged.gap || old.rows.length === 0 ? page.next : old.next };
        });
        const held = new Set(feed.rows.map(documentKey));
        const added = page.documents.map(documentKey).filter((key) => !held.has(key));
        if (added.length === 0) return;
        setFresh(new Set(added));
        setArrived((n) => n + added.length);
      })
      .catch(() => undefined); // The next event or the reconnect asks again; the connection state is shown elsewhere.
  }, [feed, search]);
  useLiveRefresh(['document'], refresh, 700);

  useEffect(() => {
    if (fresh.size === 0) return undefined;
    const timer = setTimeout(() => setFresh(new Set()), kFreshMs);
    return () => clearTimeout(timer);
  }, [fresh]);

  const current = feed.search === search;
  return {
    rows: current ? feed.rows : [],
    fresh,
    arrived,
    started: current && feed.started,
    loading,
    atEnd: current && feed.started && feed.next === null,
    error,
    more,
    retry: () => (current && feed.started ? more() : setRound((n) => n + 1)),
  };
}
