// The list of registers, kept live: samples replace a register, document batches renew its completeness.
import { useEffect, useMemo, useState } from 'react';
import { call } from './client';
import { live, useLiveRefresh } from './liveClient';
import type { Completeness, Register } from './types';
import { useQuery, type Query } from './useQuery';

function isRegister(data: unknown): data is Register {
  return typeof data === 'object' && data !== null && 'kkt_serial' in data && 'completeness' in data && 'state' in data;
}

function isCompleteness(data: unknown): data is { kkt_serial: string; completeness: Completeness } {
  return typeof data === 'object' && data !== null && 'kkt_serial' in data && 'completeness' in data;
}

type Overlay = Record<string, Partial<Register>>;

/** What live events said since the list was read, register by register. */
function useOverlay(base: Register[] | null, onStranger: () => void): Register[] | null {
  const [state, setState] = useState<{ base: Register[] | null; overlay: Overlay }>({ base, overlay: {} });
  // A new list already holds what the events said before it.
  if (state.base !== base) setState({ base, overlay: {} });

  useEffect(
    () =>
      live.onEvent((event, data) => {
        if ((event !== 'sample' && event !== 'register') || !isCompleteness(data)) return;
        if (!base?.some((register) => register.kkt_serial === data.kkt_serial)) onStranger();
        const change: Partial<Register> =
          event === 'sample' && isRegister(data) ? data : { completeness: data.completeness };
        setState((old) => ({
          base: old.base,
          overlay: { ...old.overlay, [data.kkt_serial]: { ...old.overlay[data.kkt_serial], ...change } },
        }));
      }),
    [base, onStranger],
  );

  return useMemo(
    () => base?.map((register) => ({ ...register, ...state.overlay[register.kkt_serial] })) ?? null,
    [base, state.overlay],
  );
}

export function useRegisters(): Query<Register[]> {
  const query = useQuery(
    'registers',
    async (signal) => (await call<{ registers: Register[] }>('/registers', { signal })).registers,
  );
  const { reload } = query;
  // Events say what changed; a slow re-reading catches what has no event, such as an agent that fell silent.
  useLiveRefresh(['alarm'], reload, 5_000);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, 60_000);
    return () => clearInterval(timer);
  }, [reload]);
  const data = useOverlay(query.data, reload);
  return { ...query, data };
}

/** "ШТРИХ-М-02Ф · 00106900000001" */
export function registerName(register: Pick<Register, 'model' | 'kkt_serial'>): string {
  return register.model ? `${register.model} · ${register.kkt_serial}` : register.kkt_serial;
}
