// How new documents join a list on the screen: none twice, none in the wrong place, no silent hole.
import { describe, expect, it } from 'vitest';
import { visibleRows } from '../components/visibleRows';
import { documentKey } from '../domain';
import { mergeFirstPage } from './documentFeed';
import type { DocumentHead } from './types';

function head(fd: number, minute: number, change: Partial<DocumentHead> = {}): DocumentHead {
  return {
    fn_serial: '9999078900001234',
    fd_number: fd,
    type: 3,
    form: 'full',
    datetime: `2024-03-01T09:${minute.toString().padStart(2, '0')}:00`,
    fiscal_sign: fd,
    kkt_serial: '1',
    operation: 'sell',
    total_sum: 100,
    payments: null,
    shift_number: 1,
    receipt_number: fd,
    cashier: '',
    items_count: 1,
    ticket_received: false,
    source: 'archive',
    read_at: '',
    received_at: '',
    findings_count: 0,
    ...change,
  };
}

describe('merging a first page', () => {
  const held = [head(5, 5), head(4, 4), head(3, 3)];

  it('puts new documents on top, once', () => {
    const merged = mergeFirstPage(held, { documents: [head(7, 7), head(6, 6), head(5, 5)], next: 'x' });
    expect(merged.rows.map((row) => row.fd_number)).toEqual([7, 6, 5, 4, 3]);
    expect(merged.added).toHaveLength(2);
    expect(merged.gap).toBe(false);
  });

  it('puts a late document of another drive where its time belongs', () => {
    const late = head(90, 4, { fn_serial: '9999078900009999' });
    const merged = mergeFirstPage(held, { documents: [head(5, 5), late, head(4, 4)], next: 'x' });
    expect(merged.rows.map((row) => row.fd_number)).toEqual([5, 90, 4, 3]);
  });

  it('replaces a short record that became whole and counts nothing as new', () => {
    const short = [head(5, 5, { form: 'short' }), head(4, 4)];
    const merged = mergeFirstPage(short, { documents: [head(5, 5), head(4, 4)], next: null });
    expect(merged.rows[0]?.form).toBe('full');
    expect(merged.added).toHaveLength(0);
  });

  it('starts anew when the page does not reach what was held', () => {
    const merged = mergeFirstPage(held, { documents: [head(30, 30), head(29, 29)], next: 'x' });
    expect(merged.gap).toBe(true);
    expect(merged.rows.map(documentKey)).toEqual(['9999078900001234:30', '9999078900001234:29']);
  });
});

describe('rows in sight', () => {
  it('draws only a screenful out of a million and asks for more near the end', () => {
    const middle = visibleRows(1_000_000, 42, 21_000_000, 800);
    expect(middle.last - middle.first).toBeLessThan(40);
    expect(middle.nearEnd).toBe(false);
    expect(visibleRows(100, 42, 3400, 800).nearEnd).toBe(true);
  });

  it('survives an empty list and a scroll past the end', () => {
    expect(visibleRows(0, 42, 0, 800)).toEqual({ first: 0, last: 0, nearEnd: true });
    const past = visibleRows(10, 42, 9000, 800);
    expect(past.first).toBeLessThan(10);
    expect(past.last).toBe(10);
  });
});
