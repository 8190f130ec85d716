// The numbers of documents that are not here yet, on demand: they are for the technician, the count is for the owner.
import { Button, Popover } from 'antd';
import type { MissingRange } from '../api/types';
import { useI18n } from '../i18n';

export function RangeList({ ranges }: { ranges: MissingRange[] }) {
  const { t, num } = useI18n();
  const byFn = new Map<string, MissingRange[]>();
  for (const range of ranges) byFn.set(range.fn_serial, [...(byFn.get(range.fn_serial) ?? []), range]);
  return (
    <div className="ranges">
      {[...byFn].map(([fn, list]) => (
        <section key={fn}>
          <h4>{t('missing_fn', { fn })}</h4>
          <p>{list.map(({ from, to }) => (from === to ? num(from) : `${num(from)}–${num(to)}`)).join(', ')}</p>
        </section>
      ))}
    </div>
  );
}

export function MissingRanges({ ranges }: { ranges: MissingRange[] }) {
  const { t } = useI18n();
  if (ranges.length === 0) return null;
  return (
    <Popover trigger="click" title={t('missing_ranges')} content={<RangeList ranges={ranges} />}>
      <Button type="link" size="small" className="inline-link">
        {t('missing_show')}
      </Button>
    </Popover>
  );
}
