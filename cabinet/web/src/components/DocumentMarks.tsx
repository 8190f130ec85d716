// What is special about a document: short record, checks that found something, the OFD's answer.
import { Tooltip } from 'antd';
import type { DocumentHead } from '../api/types';
import { useI18n } from '../i18n';
import { Mark } from './Bits';

export function DocumentMarks({ head }: { head: DocumentHead }) {
  const { t, n } = useI18n();
  return (
    <span className="marks">
      {head.form === 'short' && (
        <Tooltip title={t('mark_short_help')}>
          <span>
            <Mark tone="notice">{t('mark_short')}</Mark>
          </span>
        </Tooltip>
      )}
      {head.findings_count > 0 && <Mark tone="warn">{n('findings_count', head.findings_count)}</Mark>}
      <Tooltip title={t('mark_ticket_help')}>
        <span>
          <Mark tone={head.ticket_received ? 'good' : 'calm'}>
            {t(head.ticket_received ? 'mark_ticket' : 'mark_no_ticket')}
          </Mark>
        </span>
      </Tooltip>
    </span>
  );
}
