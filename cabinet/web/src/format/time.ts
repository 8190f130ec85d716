// Times as the API carries them: "2024-03-01T09:15:00" is a register's wall clock and is shown as it stands, never
// moved between zones; "…Z" is an instant and is shown in the reader's own zone.
import type { Lang } from '../i18n';

export interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const kWall = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?/;

export function parseWall(text: string | null | undefined): WallClock | null {
  const match = text ? kWall.exec(text) : null;
  if (!match) return null;
  const part = (index: number) => Number(match[index] ?? '0');
  return { year: part(1), month: part(2), day: part(3), hour: part(4), minute: part(5), second: part(6) };
}

const two = (n: number) => n.toString().padStart(2, '0');

export function wallDate(text: string | null | undefined): string {
  const w = parseWall(text);
  return w ? `${two(w.day)}.${two(w.month)}.${w.year}` : '—';
}

export function wallTime(text: string | null | undefined, seconds = false): string {
  const w = parseWall(text);
  if (!w) return '—';
  return `${two(w.hour)}:${two(w.minute)}${seconds ? `:${two(w.second)}` : ''}`;
}

export function wallDateTime(text: string | null | undefined, seconds = false): string {
  return parseWall(text) ? `${wallDate(text)} ${wallTime(text, seconds)}` : '—';
}

const kMonths = {
  ru: ['янв', 'фев', 'мар', 'апр', 'мая', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};

/** "1 мар": a day in a list or on an axis. */
export function wallDay(text: string | null | undefined, lang: Lang): string {
  const w = parseWall(text);
  return w ? `${w.day} ${kMonths[lang][w.month - 1] ?? ''}` : '—';
}

/** The reader's clock in the same wall form, so that it compares with registers' times as text. */
export function nowWall(now: Date = new Date()): string {
  return (
    `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}` +
    `T${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  );
}

export function todayWall(now: Date = new Date()): string {
  return nowWall(now).slice(0, 10);
}

/** Calendar arithmetic on a wall date, free of zones and of summer time. */
export function addDays(date: string, days: number): string {
  const w = parseWall(date);
  if (!w) return date;
  const moved = new Date(Date.UTC(w.year, w.month - 1, w.day + days));
  return moved.toISOString().slice(0, 10);
}

/** Whole days from one wall time to another (negative when it lies before). */
export function daysBetween(from: string, to: string): number | null {
  const a = parseWall(from);
  const b = parseWall(to);
  if (!a || !b) return null;
  const ms = (w: WallClock) => Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second);
  return Math.floor((ms(b) - ms(a)) / 86_400_000);
}

/** An instant in the reader's zone, in wall form; null when it is no instant. */
export function instantWall(text: string | null | undefined): string | null {
  if (!text) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : nowWall(date);
}

export function instantDateTime(text: string | null | undefined, seconds = false): string {
  return wallDateTime(instantWall(text), seconds);
}

const kSteps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 мин назад"; under ten seconds "только что". */
export function ago(text: string | null | undefined, nowMs: number, lang: Lang): string {
  if (!text) return '—';
  const then = new Date(text).getTime();
  if (Number.isNaN(then)) return '—';
  const seconds = Math.max(0, Math.round((nowMs - then) / 1000));
  if (seconds < 10) return lang === 'ru' ? 'только что' : 'just now';
  const format = new Intl.RelativeTimeFormat(lang, { numeric: 'always', style: 'short' });
  for (const [unit, size] of kSteps) {
    if (seconds >= size) return format.format(-Math.floor(seconds / size), unit);
  }
  return format.format(-seconds, 'second');
}

/** "1:59:07" or "04:12": what is left of a countdown. */
export function countdown(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const rest = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Seconds as a short span for clock drift: "+12 с", "−3 мин", "+2 ч". */
export function span(seconds: number, lang: Lang): string {
  const units = lang === 'ru' ? ['с', 'мин', 'ч', 'дн'] : ['s', 'min', 'h', 'd'];
  const sign = seconds < 0 ? '\u2212' : '+';
  const abs = Math.abs(seconds);
  if (abs < 120) return `${sign}${abs}\u00a0${units[0] ?? ''}`;
  if (abs < 7200) return `${sign}${Math.round(abs / 60)}\u00a0${units[1] ?? ''}`;
  if (abs < 172_800) return `${sign}${Math.round(abs / 3600)}\u00a0${units[2] ?? ''}`;
  return `${sign}${Math.round(abs / 86_400)}\u00a0${units[3] ?? ''}`;
}
