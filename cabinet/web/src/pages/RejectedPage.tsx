// Documents that did not get in: each with its reason and what follows from it.
import { call } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import type { Rejected } from '../api/types';
import { useQuery } from '../api/useQuery';
import { Mark, PageHead } from '../components/Bits';
import { EmptyNote, ProblemNote, WaitingNote } from '../components/Notes';
import { documentKey } from '../domain';
import { instantDateTime } from '../format/time';
import { useI18n, type Key } from '../i18n';
import { href } from '../router';

const kKnown: Record<string, { what: Key; next: Key }> = {
  conflict: { what: 'rejected_conflict', next: 'rejected_conflict_next' },
  bad_tlv: { what: 'rejected_bad_tlv', next: 'rejected_bad_tlv_next' },
};

function meaning(item: Rejected): { what: Key; next: Key } {
  if (item.rejected_by === 'agent' && item.code !== 'conflict') return { what: 'rejected_unread', next: 'rejected_unread_next' };
  if (item.fn_serial === null || item.fd_number === null) return { what: 'rejected_unnamed', next: 'rejected_other_next' };
  return kKnown[item.code] ?? { what: 'rejected_other', next: 'rejected_other_next' };
}

function Item({ item }: { item: Rejected }) {
  const { t, n } = useI18n();
  const { fn_serial, fd_number } = item;
  const { what, next } = meaning(item);
  const held = item.code === 'conflict' && fn_serial !== null && fd_number !== null;
  return (
    <article className={`card edge-${item.code === 'conflict' ? 'critical' : 'warn'}`} data-testid="rejected">
      <header className="rejected-head">
        <h2>{fd_number === null ? t('rejected_no_number') : t('document_title', { n: fd_number })}</h2>
        <Mark tone={item.code === 'conflict' ? 'critical' : 'warn'}>{t(what)}</Mark>
      </header>
      <p>{t(next)}</p>
      <dl className="passport">
        <div>
          <dt>{t('rejected_reason')}</dt>
          <dd>
            {item.reason} <span className="muted mono small">{item.code}</span>
          </dd>
        </div>
        <div>
          <dt>{t('filter_register')}</dt>
          <dd>
            {item.kkt_serial === null ? t('unknown') : <a href={href(['registers', item.kkt_serial])}>{item.kkt_serial}</a>}
          </dd>
        </div>
        <div>
          <dt>{t('fn_serial')}</dt>
          <dd className={fn_serial === null ? undefined : 'mono'}>{fn_serial ?? t('unknown')}</dd>
        </div>
        <div>
          <dt>{t('rejected_at')}</dt>
          <dd>
            {instantDateTime(item.last_at, true)}
            {item.times > 1 && <span className="muted"> · {n('rejected_times', item.times)}</span>}
          </dd>
        </div>
      </dl>
      {held && (
        <p>
          <a href={href(['documents'], { doc: documentKey({ fn_serial, fd_number }) })}>{t('rejected_show_held')}</a>
        </p>
      )}
    </article>
  );
}

export default function RejectedPage() {
  const { t } = useI18n();
  const { data, error, reload } = useQuery(
    'rejected',
    async (signal) => (await call<{ rejected: Rejected[] }>('/rejected', { signal })).rejected,
  );
  useLiveRefresh(['alarm', 'register'], reload, 3_000);
  return (
    <div className="page">
      <PageHead title={t('rejected_title')} lead={t('rejected_lead')} />
      {error && <ProblemNote error={error} onRetry={reload} />}
      {!data && !error && <WaitingNote />}
      {data?.length === 0 && <EmptyNote title={t('rejected_empty')} cure={t('rejected_empty_cure')} />}
      {data?.map((item) => (
        <Item key={`${item.fn_serial} ${item.fd_number} ${item.code}`} item={item} />
      ))}
    </div>
  );
}
