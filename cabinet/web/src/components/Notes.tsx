// The three things a page says instead of data: something failed (cause and cure), nothing is there, wait.
import { Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import type { ApiError } from '../api/client';
import { useI18n, type I18n } from '../i18n';

interface Words {
  cause: string;
  cure: string | null;
}

function ownWords(error: ApiError, { t }: I18n): Words {
  if (error.kind === 'network') return { cause: t('error_network'), cure: t('error_network_cure') };
  if (error.kind === 'timeout') return { cause: t('error_timeout'), cure: t('error_timeout_cure') };
  if (error.kind === 'bad_answer') return { cause: t('error_bad_answer'), cure: t('error_bad_answer_cure') };
  if (error.status === 403) return { cause: t('error_403'), cure: null };
  if (error.status === 404) return { cause: t('error_404'), cure: null };
  if (error.status === 429) return { cause: t('error_429'), cure: t('error_429_cure') };
  if (error.status >= 500) return { cause: t('error_5xx'), cure: t('error_5xx_cure') };
  return { cause: t('error_other'), cure: null };
}

/** What happened and what to do: the cabinet's own words where it has some, ours where it could say nothing. */
export function problemWords(error: ApiError, i18n: I18n): Words {
  const own = ownWords(error, i18n);
  const { title, detail, cure } = error.problem;
  return { cause: detail ?? title ?? own.cause, cure: cure ?? own.cure };
}

export function ProblemNote({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  const i18n = useI18n();
  const { cause, cure } = problemWords(error, i18n);
  const { code, field } = error.problem;
  const small = [
    error.status > 0 ? `HTTP ${error.status}` : '',
    code ? i18n.t('error_code', { code }) : '',
    field ? i18n.t('error_field', { field }) : '',
  ].filter(Boolean);
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">{cause}</p>
      {cure && <p>{cure}</p>}
      {small.length > 0 && <p className="note-small">{small.join(' · ')}</p>}
      {onRetry && <Button onClick={onRetry}>{i18n.t('retry')}</Button>}
    </div>
  );
}

export function EmptyNote({ title, cure, children }: { title: string; cure?: string; children?: ReactNode }) {
  return (
    <div className="note note-empty">
      <svg viewBox="0 0 64 64" width="56" height="56" aria-hidden="true">
        <path
          d="M16 8h32v46l-4-4-4 4-4-4-4 4-4-4-4 4-4-4-4 4z"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinejoin="round"
        />
        <path d="M23 20h18M23 28h12" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      </svg>
      <p className="note-title">{title}</p>
      {cure && <p>{cure}</p>}
      {children}
    </div>
  );
}

export function WaitingNote({ rows = 4 }: { rows?: number }) {
  const { t } = useI18n();
  return (
    <div role="status" aria-label={t('loading')} className="waiting-note">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}
