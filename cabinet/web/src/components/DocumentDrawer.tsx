// One document: as its paper looks, as its fields read, as its bytes lie.
import { DownOutlined, UpOutlined } from '@ant-design/icons';
import { Button, Drawer, Tabs } from 'antd';
import { useEffect } from 'react';
import { apiUrl, call } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import { registerName } from '../api/registers';
import type { DocumentFull, Finding, Register } from '../api/types';
import { useQuery } from '../api/useQuery';
import { operationTone, typeKey, type Tone } from '../domain';
import { wallDateTime } from '../format/time';
import { useI18n } from '../i18n';
import { CopyButton, Mark, Money, useNarrow } from './Bits';
import { DocumentMarks } from './DocumentMarks';
import { HexView } from './HexView';
import { JsonTree } from './JsonTree';
import { EmptyNote, ProblemNote, WaitingNote } from './Notes';
import { ReceiptStrip } from './ReceiptStrip';

const kFindingTone: Record<Finding['severity'], Tone> = {
  info: 'calm',
  warning: 'warn',
  error: 'bad',
  critical: 'critical',
};

function Findings({ findings }: { findings: Finding[] }) {
  const { t } = useI18n();
  if (findings.length === 0) return null;
  return (
    <section className="findings">
      <h3>{t('findings')}</h3>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.check} ${finding.field} ${finding.text}`}>
            <Mark tone={kFindingTone[finding.severity]}>{finding.text}</Mark>
            {finding.field && <span className="muted mono small"> {finding.field}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tabbed({ doc }: { doc: DocumentFull }) {
  const { t, n } = useI18n();
  const { head } = doc;
  const qrSrc = doc.qr ? apiUrl(`/documents/${head.fn_serial}/${head.fd_number}/qr.svg`) : null;
  return (
    <Tabs
      items={[
        {
          key: 'receipt',
          label: t('tab_receipt'),
          children: (
            <>
              <ReceiptStrip lines={doc.paper} qrSrc={qrSrc} />
              {doc.qr && (
                <div className="drawer-actions">
                  <CopyButton text={doc.qr} label={t('copy_qr')} />
                  <code className="qr-text">{doc.qr}</code>
                </div>
              )}
            </>
          ),
        },
        {
          key: 'fields',
          label: t('tab_fields'),
          children: doc.json ? (
            <>
              <JsonTree value={doc.json} />
              <div className="drawer-actions">
                <CopyButton text={JSON.stringify(doc.json, null, 2)} label={t('copy_fields')} />
              </div>
            </>
          ) : (
            <EmptyNote title={t('fields_empty')} cure={t('mark_short_help')} />
          ),
        },
        {
          key: 'raw',
          label: t('tab_raw'),
          children: (
            <>
              <p className="muted">
                {t('raw_help')} {n('raw_bytes', doc.tlv_hex.length / 2)}
              </p>
              <HexView hex={doc.tlv_hex} />
              <div className="drawer-actions">
                <CopyButton text={doc.tlv_hex} label={t('copy_raw')} />
              </div>
            </>
          ),
        },
      ]}
    />
  );
}

function Body({ doc, register }: { doc: DocumentFull; register: Register | undefined }) {
  const { t } = useI18n();
  const { head } = doc;
  const type = typeKey(head.type);
  return (
    <div data-testid="document-body">
      <header className="doc-summary">
        <div>
          <h2>{type ? t(type) : t('type_other', { type: head.type })}</h2>
          <p className="muted">
            {wallDateTime(head.datetime, !head.datetime.endsWith(':00'))}
            {head.cashier && ` · ${head.cashier}`}
          </p>
        </div>
        {head.total_sum !== null && (
          <div className="doc-total">
            {head.operation && <Mark tone={operationTone(head.operation)}>{t(`op_${head.operation}`)}</Mark>}
            <strong data-testid="document-total">
              <Money value={head.total_sum} />
            </strong>
          </div>
        )}
        <p className="muted small doc-where">
          {register ? registerName(register) : head.kkt_serial} · {t('missing_fn', { fn: head.fn_serial })}
        </p>
      </header>
      <DocumentMarks head={head} />
      {head.form === 'short' && <p className="note note-calm">{t('mark_short_help')}</p>}
      <Findings findings={doc.findings} />
      <Tabbed doc={doc} />
    </div>
  );
}

function Loaded({ docKey, registers }: { docKey: string; registers: Register[] }) {
  const { t } = useI18n();
  const [fn = '', fd = ''] = docKey.split(':');
  const { data, error, reload } = useQuery(`document ${docKey}`, (signal) =>
    call<DocumentFull>(`/documents/${encodeURIComponent(fn)}/${encodeURIComponent(fd)}`, { signal }),
  );
  // A short record may become whole, or the document may arrive, while somebody looks.
  useLiveRefresh(['register'], () => {
    if (error || data?.head.form === 'short') reload();
  });
  if (error?.status === 404) return <EmptyNote title={t('document_not_found')} cure={t('missing_cure')} />;
  if (!data) return error ? <ProblemNote error={error} onRetry={reload} /> : <WaitingNote rows={12} />;
  return <Body doc={data} register={registers.find((register) => register.kkt_serial === data.head.kkt_serial)} />;
}

interface Props {
  docKey: string | null;
  /** Keys of the list in its order, for stepping to the next and the one before. */
  neighbours: string[];
  registers: Register[];
  onGo: (key: string) => void;
  onClose: () => void;
}

export function DocumentDrawer({ docKey, neighbours, registers, onGo, onClose }: Props) {
  const { t } = useI18n();
  const narrow = useNarrow();
  const index = docKey === null ? -1 : neighbours.indexOf(docKey);
  const newer = index > 0 ? neighbours[index - 1] : undefined;
  const older = index >= 0 ? neighbours[index + 1] : undefined;

  useEffect(() => {
    if (docKey === null) return undefined;
    const step = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, [role=tab]')) return;
      const to = event.key === 'k' ? newer : event.key === 'j' ? older : undefined;
      if (to) onGo(to);
    };
    window.addEventListener('keydown', step);
    return () => window.removeEventListener('keydown', step);
  }, [docKey, newer, older, onGo]);

  return (
    <Drawer
      open={docKey !== null}
      onClose={onClose}
      size={narrow ? '100%' : 560}
      title={docKey === null ? '' : t('document_title', { n: docKey.split(':')[1] ?? '' })}
      destroyOnHidden
      extra={
        <>
          <Button
            type="text"
            icon={<UpOutlined />}
            disabled={!newer}
            aria-label={t('document_newer')}
            title={`${t('document_newer')} (k)`}
            onClick={() => newer && onGo(newer)}
          />
          <Button
            type="text"
            icon={<DownOutlined />}
            disabled={!older}
            aria-label={t('document_older')}
            title={`${t('document_older')} (j)`}
            onClick={() => older && onGo(older)}
          />
        </>
      }
    >
      {docKey !== null && <Loaded key={docKey} docKey={docKey} registers={registers} />}
    </Drawer>
  );
}
