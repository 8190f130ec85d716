// Report periods as pairs of wall dates, both ends included; weeks begin on Monday, as in Russia.
import { addDays, parseWall } from './time';

export interface Period {
  from: string;
  to: string;
}

export const kPresets = ['today', 'yesterday', 'week', 'month'] as const;
export type Preset = (typeof kPresets)[number];

export function periodOf(preset: Preset, today: string): Period {
  const w = parseWall(today);
  if (!w) return { from: today, to: today };
  switch (preset) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday': {
      const day = addDays(today, -1);
      return { from: day, to: day };
    }
    case 'week': {
      const weekday = (new Date(Date.UTC(w.year, w.month - 1, w.day)).getUTCDay() + 6) % 7;
      return { from: addDays(today, -weekday), to: today };
    }
    case 'month':
      return { from: `${today.slice(0, 8)}01`, to: today };
  }
}

/** Which preset a period is, if any: so that the picker shows what the address says. */
export function presetOf(period: Period, today: string): Preset | null {
  return (
    kPresets.find((preset) => {
      const p = periodOf(preset, today);
      return p.from === period.from && p.to === period.to;
    }) ?? null
  );
}
