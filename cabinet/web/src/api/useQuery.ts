// Reads something from the cabinet for a component: cancels what is no longer wanted, keeps the old picture while the
// new one is on its way, and never forgets an error.
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from './client';

export interface Query<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
}

interface State<T> {
  key: string;
  data: T | null;
  error: ApiError | null;
  loading: boolean;
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('bad_answer', 0, { detail: error instanceof Error ? error.message : String(error) });
}

/** `key` names what is read; another key starts another reading. With `keep` the old data stays until the new is there. */
export function useQuery<T>(key: string, load: (signal: AbortSignal) => Promise<T>, keep = false): Query<T> {
  const [state, setState] = useState<State<T>>({ key, data: null, error: null, loading: true });
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  useEffect(() => {
    loader.current = load;
  });

  useEffect(() => {
    const abort = new AbortController();
    loader
      .current(abort.signal)
      .then((data) => {
        if (!abort.signal.aborted) setState({ key, data, error: null, loading: false });
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        setState((old) => ({ key, data: old.key === key ? old.data : null, error: asApiError(error), loading: false }));
      });
    return () => abort.abort();
  }, [key, round]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const current = state.key === key;
  return {
    data: current || keep ? state.data : null,
    error: current ? state.error : null,
    loading: !current || state.loading,
    reload,
  };
}
