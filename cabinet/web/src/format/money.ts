// Money as the API carries it (kopecks, a whole number) turned into text without a float ever touching it.

export type Kopecks = number | string | bigint;

const NBSP = '\u00a0';
const MINUS = '\u2212';

/** Whole kopecks as bigint; null when the value is no whole number that JSON could carry exactly. */
export function toKopecks(value: Kopecks | null | undefined): bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return /^-?\d+$/.test(value) ? BigInt(value) : null;
}

function group(digits: string, separator: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, separator);
}

function parts(value: bigint): { sign: string; rubles: string; kopecks: string } {
  const abs = value < 0n ? -value : value;
  return {
    sign: value < 0n ? MINUS : '',
    rubles: (abs / 100n).toString(),
    kopecks: (abs % 100n).toString().padStart(2, '0'),
  };
}

/** "1 234,50 ₽" (ru) or "1,234.50 ₽" (en); an unreadable value is a dash, never a wrong sum. */
export function formatMoney(value: Kopecks | null | undefined, lang: 'ru' | 'en' = 'ru'): string {
  const kopecks = toKopecks(value);
  if (kopecks === null) return '—';
  const { sign, rubles, kopecks: rest } = parts(kopecks);
  return lang === 'ru'
    ? `${sign}${group(rubles, NBSP)},${rest}${NBSP}₽`
    : `${sign}${group(rubles, ',')}.${rest}${NBSP}₽`;
}

/** The same without kopecks, for axes of charts; rounds half away from zero. */
export function formatRubles(value: Kopecks, lang: 'ru' | 'en' = 'ru'): string {
  const kopecks = toKopecks(typeof value === 'number' ? Math.round(value) : value);
  if (kopecks === null) return '—';
  const rounded = kopecks < 0n ? (kopecks - 50n) / 100n : (kopecks + 50n) / 100n;
  const { sign, rubles } = parts(rounded * 100n);
  return `${sign}${group(rubles, lang === 'ru' ? NBSP : ',')}${NBSP}₽`;
}

/** "1234,50": a number a spreadsheet set to Russian reads; English gets the dot. */
export function moneyForCsv(value: Kopecks | null | undefined, lang: 'ru' | 'en' = 'ru'): string {
  const kopecks = toKopecks(value);
  if (kopecks === null) return '';
  const { sign, rubles, kopecks: rest } = parts(kopecks);
  return `${sign ? '-' : ''}${rubles}${lang === 'ru' ? ',' : '.'}${rest}`;
}

/** What a person types ("1 200,5", "1200.50") as kopecks; null when it is no sum. */
export function parseMoney(text: string): number | null {
  const clean = text.replace(/[\s\u00a0\u202f₽]/g, '').replace(',', '.');
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(clean);
  if (!match) return null;
  return Number(BigInt(match[1] ?? '0') * 100n + BigInt((match[2] ?? '').padEnd(2, '0')));
}

/** Average of a sum over a count, rounded half up, still whole kopecks; null when there is nothing to divide. */
export function averageKopecks(sum: Kopecks | null | undefined, count: number): bigint | null {
  const kopecks = toKopecks(sum);
  if (kopecks === null || !Number.isSafeInteger(count) || count <= 0) return null;
  const n = BigInt(count);
  return kopecks < 0n ? (kopecks - n / 2n) / n : (kopecks + n / 2n) / n;
}
