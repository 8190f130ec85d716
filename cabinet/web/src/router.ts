// Addresses after "#": the cabinet serves one page whatever the path, and a link can still name a register or a filter.
import { useCallback, useSyncExternalStore } from 'react';

export interface Route {
  path: string[];
  params: URLSearchParams;
}

export function parseHash(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), params: new URLSearchParams(search) };
}

export function href(path: string[], params?: URLSearchParams | Record<string, string>): string {
  const search = new URLSearchParams(params).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
}

export function go(to: string, replace = false): void {
  if (!replace) {
    window.location.hash = to;
    return;
  }
  window.history.replaceState(null, '', to);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

export function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash);
}

/** One parameter of the address as state: typing in a filter replaces the entry, so that "back" leaves the page. */
export function useParams(): [URLSearchParams, (change: Record<string, string | null>) => void] {
  const hash = useHash();
  const { params } = parseHash(hash);
  const change = useCallback((changes: Record<string, string | null>) => {
    const route = parseHash(window.location.hash);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') route.params.delete(name);
      else route.params.set(name, value);
    }
    go(href(route.path, route.params), true);
  }, []);
  return [params, change];
}
