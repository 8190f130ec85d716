// Sums, times and periods: what an owner reads must be exact, at the edges too.
import { describe, expect, it } from 'vitest';
import { fillBuckets } from './buckets';
import { toCsv } from './csv';
import { averageKopecks, formatMoney, formatRubles, moneyForCsv, parseMoney } from './money';
import { periodOf, presetOf } from './period';
import { addDays, ago, countdown, daysBetween, span, wallDateTime } from './time';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('money', () => {
  it('groups rubles and keeps both kopecks in both languages', () => {
    expect(plain(formatMoney(123456789050))).toBe('1 234 567 890,50 ₽');
    expect(plain(formatMoney(5, 'ru'))).toBe('0,05 ₽');
    expect(plain(formatMoney(-123456, 'en'))).toBe('−1,234.56 ₽');
  });

  it('does not lose a kopeck where a double would', () => {
    expect(plain(formatMoney('9007199254740993'))).toBe('90 071 992 547 409,93 ₽');
  });

  it('shows a dash for what is no whole number of kopecks, never a wrong sum', () => {
    for (const wrong of [null, undefined, 1.5, 2 ** 60, NaN, '12.5', '']) expect(formatMoney(wrong)).toBe('—');
  });

  it('rounds an axis label to rubles half away from zero', () => {
    expect(plain(formatRubles(150))).toBe('2 ₽');
    expect(plain(formatRubles(-150))).toBe('−2 ₽');
  });

  it('writes numbers a spreadsheet reads back', () => {
    expect(moneyForCsv(-123456)).toBe('-1234,56');
    expect(moneyForCsv(123456, 'en')).toBe('1234.56');
  });

  it('reads what people type and refuses the rest', () => {
    expect(parseMoney('1 200,5')).toBe(120050);
    expect(parseMoney('1200.05 ₽')).toBe(120005);
    for (const wrong of ['', '12,345', '-5', 'сто', '1,2,3']) expect(parseMoney(wrong)).toBeNull();
  });

  it('averages without floats and without dividing by nothing', () => {
    expect(averageKopecks(100, 3)).toBe(33n);
    expect(averageKopecks(200, 3)).toBe(67n);
    expect(averageKopecks(100, 0)).toBeNull();
  });
});

describe('time', () => {
  it('shows a register’s time as it stands, whatever zone the reader is in', () => {
    expect(wallDateTime('2024-03-01T09:15:00', true)).toBe('01.03.2024 09:15:00');
    expect(wallDateTime('not a time')).toBe('—');
  });

  it('counts days over months, leap years and the change to summer time', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(daysBetween('2026-03-28T12:00:00', '2026-03-30T11:59:59')).toBe(1);
  });

  it('speaks of the past in the reader’s language', () => {
    const now = Date.parse('2024-03-01T10:00:00Z');
    expect(ago('2024-03-01T09:59:55Z', now, 'ru')).toBe('только что');
    expect(ago('2024-03-01T09:57:00Z', now, 'ru')).toBe('3 мин назад'.replace('мин ', 'мин. '));
    expect(ago(null, now, 'ru')).toBe('—');
  });

  it('counts down to zero and no further', () => {
    expect(countdown(7_199_000)).toBe('1:59:59');
    expect(countdown(61_000)).toBe('01:01');
    expect(countdown(-5)).toBe('00:00');
  });

  it('names a clock’s drift with its sign', () => {
    expect(plain(span(-246, 'ru'))).toBe('−4 мин');
    expect(plain(span(59, 'en'))).toBe('+59 s');
  });
});

describe('periods', () => {
  it('begins weeks on Monday and months on the first', () => {
    expect(periodOf('week', '2026-11-22')).toEqual({ from: '2026-11-16', to: '2026-11-22' });
    expect(periodOf('week', '2026-11-23')).toEqual({ from: '2026-11-23', to: '2026-11-23' });
    expect(periodOf('month', '2026-11-23')).toEqual({ from: '2026-11-01', to: '2026-11-23' });
  });

  it('recognises a preset in an address', () => {
    expect(presetOf({ from: '2026-11-22', to: '2026-11-22' }, '2026-11-23')).toBe('yesterday');
    expect(presetOf({ from: '2026-11-02', to: '2026-11-05' }, '2026-11-23')).toBeNull();
  });

  it('gives every hour of a day, and leaves those to come open', () => {
    const bars = fillBuckets([], 'hour', '2026-11-23', '2026-11-23', '2026-11-23T09:30:00');
    expect(bars).toHaveLength(24);
    expect(bars[9]).toEqual({ key: '2026-11-23T09', revenue: 0, receipts: 0 });
    expect(bars[10]?.receipts).toBeNull();
  });
});

describe('CSV', () => {
  it('quotes, and never lets a text become a formula', () => {
    expect(toCsv([['a;b', 'he said "x"'], ['=1+1', { number: '-5,00' }]])).toBe(
      '\ufeff"a;b";"he said ""x"""\r\n\'=1+1;-5,00\r\n',
    );
  });
});
