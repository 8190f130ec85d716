// The cabinet leaves out hours and days without documents; a chart must not: an empty hour is an answer.
import type { Bucket } from '../api/types';
import { addDays } from './time';

export interface Bar {
  key: string;
  revenue: number;
  /** null: this hour or day has not come yet. */
  receipts: number | null;
}

function keysOf(group: 'hour' | 'day', from: string, to: string): string[] {
  const keys: string[] = [];
  // Five years of days at most: the cabinet gives no more, and a wrong end must not run for ever.
  for (let day = from; day <= to && keys.length < 2000; day = addDays(day, 1)) {
    if (group === 'day') keys.push(day);
    else for (let hour = 0; hour < 24; hour += 1) keys.push(`${day}T${hour.toString().padStart(2, '0')}`);
  }
  return keys;
}

/** Every hour (day) of the period once, in order; what the cabinet did not name is zero, or still to come. */
export function fillBuckets(buckets: Bucket[], group: 'hour' | 'day', from: string, to: string, now: string): Bar[] {
  const known = new Map(buckets.map((bucket) => [bucket.key, bucket]));
  return keysOf(group, from, to).map((key) => {
    const bucket = known.get(key);
    const future = !bucket && key > now.slice(0, key.length);
    return { key, revenue: bucket?.revenue ?? 0, receipts: bucket?.receipts ?? (future ? null : 0) };
  });
}
