// Every fiscal document, newest first, as it comes; one of them opens beside the list.
import { ArrowUpOutlined, FilterOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useDocumentFeed, type DocumentFeed } from '../api/documentFeed';
import { useRegisters } from '../api/registers';
import type { DocumentHead, Register } from '../api/types';
import { Mark, Money, PageHead, useNarrow } from '../components/Bits';
import { DocumentDrawer } from '../components/DocumentDrawer';
import { DocumentFilters, filterCount, searchOf } from '../components/DocumentFilters';
import { DocumentMarks } from '../components/DocumentMarks';
import { EmptyNote, ProblemNote, WaitingNote } from '../components/Notes';
import { VirtualList } from '../components/VirtualList';
import { documentKey, operationTone, typeKey } from '../domain';
import { wallDay, wallTime } from '../format/time';
import { useI18n } from '../i18n';
import { href, useParams } from '../router';

interface RowProps {
  head: DocumentHead;
  register: Register | undefined;
  isNew: boolean;
  link: string;
}

function Row({ head, register, isNew, link }: RowProps) {
  const { t, lang } = useI18n();
  const type = typeKey(head.type);
  return (
    <div className={`doc-row${isNew ? ' doc-new' : ''}`} data-testid="document" data-key={documentKey(head)}>
      <span role="cell" className="doc-time">
        <span className="doc-day">{wallDay(head.datetime, lang)}</span> {wallTime(head.datetime)}
      </span>
      <span role="cell" className="doc-what">
        <a href={link} className="row-link">
          {type ? t(type) : t('type_other', { type: head.type })}
        </a>
        {head.operation && <Mark tone={operationTone(head.operation)}>{t(`op_${head.operation}`)}</Mark>}
      </span>
      <span role="cell" className="doc-number">
        <span className="doc-label">{t('col_number')} </span>
        {head.fd_number}
      </span>
      <span role="cell" className="doc-register" title={head.kkt_serial}>
        {register?.model ?? head.kkt_serial}
      </span>
      <span role="cell" className="doc-shift">
        {head.shift_number ?? '—'}
      </span>
      <span role="cell" className="doc-cashier" title={head.cashier}>
        {head.cashier || '—'}
      </span>
      <span role="cell" className="doc-marks">
        <DocumentMarks head={head} />
      </span>
      <span role="cell" className="doc-sum">
        {head.total_sum === null ? '' : <Money value={head.total_sum} />}
      </span>
    </div>
  );
}

function HeaderRow() {
  const { t } = useI18n();
  return (
    <div className="doc-row doc-head" role="row">
      <span role="columnheader">{t('col_time')}</span>
      <span role="columnheader">{t('col_document')}</span>
      <span role="columnheader">{t('col_number')}</span>
      <span role="columnheader">{t('col_register')}</span>
      <span role="columnheader">{t('col_shift')}</span>
      <span role="columnheader">{t('col_cashier')}</span>
      <span role="columnheader">{t('col_marks')}</span>
      <span role="columnheader" className="doc-sum">
        {t('col_sum')}
      </span>
    </div>
  );
}

function Footer({ feed }: { feed: DocumentFeed }) {
  const { t } = useI18n();
  if (feed.error) return <ProblemNote error={feed.error} onRetry={feed.retry} />;
  if (feed.atEnd) return <p className="vlist-foot muted">{t('documents_end')}</p>;
  return (
    <p className="vlist-foot muted" role="status">
      {t(feed.rows.length === 0 ? 'documents_searching' : 'loading')}
    </p>
  );
}

interface ListProps {
  feed: DocumentFeed;
  registers: Register[];
  filtered: boolean;
  onReset: () => void;
  linkTo: (key: string) => string;
}

function List({ feed, registers, filtered, onReset, linkTo }: ListProps) {
  const { t, n } = useI18n();
  const narrow = useNarrow();
  const [atTop, setAtTop] = useState(true);
  const [seen, setSeen] = useState(0);
  const byKkt = useMemo(() => new Map(registers.map((register) => [register.kkt_serial, register])), [registers]);
  const unseen = feed.arrived - seen;
  const onTop = useCallback(
    (top: boolean) => {
      setAtTop(top);
      if (top) setSeen(feed.arrived);
    },
    [feed.arrived],
  );

  if (!feed.started) {
    return feed.error ? <ProblemNote error={feed.error} onRetry={feed.retry} /> : <WaitingNote rows={10} />;
  }
  if (feed.rows.length === 0 && feed.atEnd) {
    return filtered ? (
      <EmptyNote title={t('documents_none_found')}>
        <Button onClick={onReset}>{t('documents_reset')}</Button>
      </EmptyNote>
    ) : (
      <EmptyNote title={t('documents_empty')} cure={t('documents_empty_cure')} />
    );
  }
  return (
    <div className="vlist-frame">
      {!atTop && unseen > 0 && (
        <Button
          className="new-above"
          type="primary"
          shape="round"
          icon={<ArrowUpOutlined />}
          onClick={() => document.querySelector('.vlist')?.scrollTo({ top: 0 })}
        >
          {n('documents_new', unseen)}
        </Button>
      )}
      <VirtualList
        rows={feed.rows}
        rowHeight={narrow ? 76 : 42}
        keyOf={documentKey}
        onNearEnd={feed.more}
        onTop={onTop}
        label={t('documents_title')}
        header={<HeaderRow />}
        footer={<Footer feed={feed} />}
        renderRow={(head) => (
          <Row
            head={head}
            register={byKkt.get(head.kkt_serial)}
            isNew={feed.fresh.has(documentKey(head))}
            link={linkTo(documentKey(head))}
          />
        )}
      />
    </div>
  );
}

export default function DocumentsPage() {
  const { t } = useI18n();
  const [params, change] = useParams();
  const [open, setOpen] = useState(false);
  const registers = useRegisters();
  const search = searchOf(params);
  const feed = useDocumentFeed(search);
  const count = filterCount(params);
  const doc = params.get('doc');
  const reset = () => {
    change(Object.fromEntries([...params.keys()].map((name) => [name, null])));
  };
  const linkTo = (key: string) => href(['documents'], { ...Object.fromEntries(params), doc: key });
  const neighbours = useMemo(() => feed.rows.map(documentKey), [feed.rows]);
  return (
    <div className="page page-fill">
      <PageHead title={t('documents_title')}>
        <Button className="filters-toggle" icon={<FilterOutlined />} onClick={() => setOpen(!open)} aria-expanded={open}>
          {t('documents_filters')}
          {count > 0 && ` (${count})`}
        </Button>
      </PageHead>
      <DocumentFilters params={params} change={change} registers={registers.data ?? []} open={open} onReset={reset} />
      <List
        key={search}
        feed={feed}
        registers={registers.data ?? []}
        filtered={count > 0}
        onReset={reset}
        linkTo={linkTo}
      />
      <DocumentDrawer
        docKey={doc}
        neighbours={neighbours}
        registers={registers.data ?? []}
        onGo={(key) => change({ doc: key })}
        onClose={() => change({ doc: null })}
      />
    </div>
  );
}
