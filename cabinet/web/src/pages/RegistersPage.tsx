// All registers at a glance: who is reached, what was sold today, what needs a hand.
import { SearchOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { call, query } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import { useRegisters } from '../api/registers';
import type { Bucket, Register, Totals } from '../api/types';
import { useQuery } from '../api/useQuery';
import { Money, PageHead, useNow } from '../components/Bits';
import { EmptyNote, ProblemNote, WaitingNote } from '../components/Notes';
import { FactList, NextStep, registerFacts, StateMark } from '../components/RegisterFacts';
import { isConnected, missingCount, shownState, stateTone, worst } from '../domain';
import { ago, todayWall } from '../format/time';
import { useI18n } from '../i18n';
import { href } from '../router';

function useToday(): Totals | null {
  // The day changes under an open page: the key follows it.
  const today = todayWall(new Date(useNow(60_000)));
  const totals = useQuery(
    `today ${today}`,
    (signal) => call<Totals>(`/totals${query({ from: today, to: today, group: 'register' })}`, { signal }),
  );
  useLiveRefresh(['document'], totals.reload, 2_000);
  return totals.data;
}

function Summary({ registers, totals }: { registers: Register[]; totals: Totals | null }) {
  const { t, num } = useI18n();
  const now = useNow(30_000);
  const connected = registers.filter((register) => isConnected(shownState(register, now))).length;
  const missing = registers.reduce((sum, register) => sum + missingCount(register), 0);
  return (
    <section className="summary" aria-label={t('today')}>
      <div>
        <span className="label">{t('registers_today')}</span>
        <strong data-testid="today-revenue">{totals ? <Money value={totals.total.revenue} /> : '—'}</strong>
      </div>
      <div>
        <span className="label">{t('registers_receipts_today')}</span>
        <strong>{totals ? num(totals.total.receipts) : '—'}</strong>
      </div>
      <div>
        <span className="label">{t('registers_ready')}</span>
        <strong>{t('registers_of', { n: connected, total: registers.length })}</strong>
      </div>
      <div className={missing > 0 ? 'tone-warn' : ''}>
        <span className="label">{t('registers_missing')}</span>
        <strong data-testid="missing-total">{num(missing)}</strong>
      </div>
    </section>
  );
}

function Card({ register, today }: { register: Register; today: Bucket | undefined }) {
  const i18n = useI18n();
  const { t, lang, n } = i18n;
  const now = useNow(15_000);
  const facts = registerFacts(register, i18n);
  const tone = worst([stateTone(shownState(register, now)), ...facts.map((fact) => fact.tone)]);
  return (
    <article className={`card register-card edge-${tone}`} data-testid="register" data-serial={register.kkt_serial}>
      <header>
        <div className="split">
          <h2>
            <a href={href(['registers', register.kkt_serial])}>{register.model || register.kkt_serial}</a>
          </h2>
          <StateMark register={register} />
        </div>
        <div className="split muted">
          <span>{t('register_serial', { serial: register.kkt_serial })}</span>
          <span className="small" title={t('fact_last_seen')}>
            {ago(register.last_seen, now, lang)}
          </span>
        </div>
        {register.address && <p className="muted small address">{register.address}</p>}
      </header>
      <NextStep register={register} />
      <div className="card-today">
        <span className="label">{t('fact_today')}</span>
        <strong data-testid="register-revenue">
          <Money value={today?.revenue ?? 0} />
        </strong>
        <span className="muted">{n('receipts_count', today?.receipts ?? 0)}</span>
      </div>
      <FactList facts={facts} />
      <footer>
        <a href={href(['registers', register.kkt_serial])}>{t('register_details')}</a>
        <a href={href(['documents'], { register: register.kkt_serial })}>{t('register_documents')}</a>
      </footer>
    </article>
  );
}

function matches(register: Register, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const hay = [register.model, register.kkt_serial, register.address, register.user, register.kkt_reg_number];
  return !wanted || hay.some((value) => value.toLowerCase().includes(wanted));
}

export default function RegistersPage() {
  const { t } = useI18n();
  const { data, error, reload } = useRegisters();
  const totals = useToday();
  const [text, setText] = useState('');

  if (!data) return error ? <ProblemNote error={error} onRetry={reload} /> : <WaitingNote rows={8} />;
  if (data.length === 0) {
    return (
      <EmptyNote title={t('registers_empty')} cure={t('registers_empty_cure')}>
        <Button type="primary" href={href(['connect'])}>
          {t('registers_go_connect')}
        </Button>
      </EmptyNote>
    );
  }
  const found = data.filter((register) => matches(register, text));
  return (
    <div className="page">
      <PageHead title={t('registers_title')}>
        {data.length > 3 && (
          <Input
            allowClear
            prefix={<SearchOutlined />}
            placeholder={t('registers_search')}
            aria-label={t('registers_search')}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </PageHead>
      {error && <ProblemNote error={error} onRetry={reload} />}
      <Summary registers={data} totals={totals} />
      {found.length === 0 && <EmptyNote title={t('registers_none_found')} />}
      <div className="cards">
        {found.map((register) => (
          <Card
            key={register.kkt_serial}
            register={register}
            today={totals?.buckets.find((bucket) => bucket.key === register.kkt_serial)}
          />
        ))}
      </div>
    </div>
  );
}
