// Since when is it so: a register's state as the changes of the last three months.
import { Button } from 'antd';
import { useState } from 'react';
import { call } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import type { StatusChange } from '../api/types';
import { useQuery } from '../api/useQuery';
import { changeText, changeTone, isNews } from '../domain';
import { instantDateTime } from '../format/time';
import { useI18n } from '../i18n';
import { Mark } from './Bits';
import { ProblemNote, WaitingNote } from './Notes';

const kFirst = 8;

export function StateHistory({ kktSerial }: { kktSerial: string }) {
  const i18n = useI18n();
  const { t, num } = i18n;
  const [all, setAll] = useState(false);
  const { data, error, reload } = useQuery(
    `history ${kktSerial}`,
    async (signal) =>
      (await call<{ changes: StatusChange[] }>(`/registers/${encodeURIComponent(kktSerial)}/history`, { signal })).changes,
  );
  useLiveRefresh(['sample'], reload, 5_000);
  if (!data) return error ? <ProblemNote error={error} onRetry={reload} /> : <WaitingNote />;
  const news = data.filter(isNews);
  if (news.length === 0) return <p className="muted">{t('history_empty')}</p>;
  return (
    <>
      <ol className="events" data-testid="history">
        {news.slice(0, all ? news.length : kFirst).map((change) => (
          <li key={`${change.at} ${change.what}`}>
            <time dateTime={change.at}>{instantDateTime(change.at, true)}</time>
            <Mark tone={changeTone(change)}>{changeText(change, i18n)}</Mark>
          </li>
        ))}
      </ol>
      {!all && news.length > kFirst && (
        <Button type="link" className="inline-link" onClick={() => setAll(true)}>
          {t('history_all', { n: num(news.length) })}
        </Button>
      )}
    </>
  );
}
