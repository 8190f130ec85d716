// One register in full: state, health with what each thing costs, passport, drives, events.
import { ArrowLeftOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { call } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import type { FnHolding, RegisterDetail, RegisterEvent } from '../api/types';
import { useQuery } from '../api/useQuery';
import { Mark, PageHead, useNow } from '../components/Bits';
import { RangeList } from '../components/MissingRanges';
import { EmptyNote, ProblemNote, WaitingNote } from '../components/Notes';
import { RegisterCommands } from '../components/RegisterCommands';
import { FactList, NextStep, passportRows, registerFacts, StateMark, type Fact } from '../components/RegisterFacts';
import { StateHistory } from '../components/StateHistory';
import { missingCount, type Tone } from '../domain';
import { formatMoney } from '../format/money';
import { ago, instantDateTime, wallDateTime } from '../format/time';
import { useI18n } from '../i18n';
import { href } from '../router';

const kSeverityTone: Record<RegisterEvent['severity'], Tone> = {
  info: 'calm',
  warning: 'warn',
  error: 'bad',
  critical: 'critical',
};

function Events({ events }: { events: RegisterEvent[] }) {
  const { t } = useI18n();
  if (events.length === 0) return <p className="muted">{t('register_events_empty')}</p>;
  return (
    <ol className="events">
      {events.map((event) => (
        <li key={event.id}>
          <time dateTime={event.at}>{instantDateTime(event.at, true)}</time>
          <Mark tone={kSeverityTone[event.severity]}>{event.text || event.kind}</Mark>
          {event.fn_serial && event.fd_number !== null && (
            <a href={href(['documents'], { doc: `${event.fn_serial}:${event.fd_number}` })}>
              {t('document_title', { n: event.fd_number })}
            </a>
          )}
        </li>
      ))}
    </ol>
  );
}

function Drives({ fns }: { fns: FnHolding[] }) {
  const { t, num } = useI18n();
  return (
    <div className="scroll-x">
      <table className="plain stacked">
        <thead>
          <tr>
            <th>{t('fn_serial')}</th>
            <th className="right">{t('drive_received')}</th>
            <th className="right">{t('drive_short')}</th>
            <th>{t('drive_first')}</th>
            <th>{t('drive_last')}</th>
          </tr>
        </thead>
        <tbody>
          {fns.map((fn) => (
            <tr key={fn.fn_serial}>
              <td className="mono">{fn.fn_serial}</td>
              <td className="right" data-label={t('drive_received')}>
                {t('registers_of', { n: num(fn.documents_received), total: num(fn.documents_expected) })}
              </td>
              <td className="right" data-label={t('drive_short')}>
                {num(fn.short)}
              </td>
              <td data-label={t('drive_first')}>{wallDateTime(fn.first_at)}</td>
              <td data-label={t('drive_last')}>{wallDateTime(fn.last_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Detail({ register }: { register: RegisterDetail }) {
  const i18n = useI18n();
  const { t, n, lang } = i18n;
  const now = useNow(15_000);
  const missing = missingCount(register);
  const facts: Fact[] = registerFacts(register, i18n);
  if (register.cash_in_drawer !== null) {
    facts.push({ name: t('fact_cash'), tone: 'calm', value: formatMoney(register.cash_in_drawer, lang) });
  }
  return (
    <div className="page">
      <PageHead
        title={
          <>
            <a className="back" href={href(['registers'])} aria-label={t('back')}>
              <ArrowLeftOutlined />
            </a>
            {register.model || register.kkt_serial}
          </>
        }
        lead={t('register_serial', { serial: register.kkt_serial })}
      >
        <Button href={href(['documents'], { register: register.kkt_serial })}>{t('register_documents')}</Button>
      </PageHead>
      <p className="state-line">
        <StateMark register={register} />
        <span className="muted">
          {t('fact_last_seen')}: {ago(register.last_seen, now, lang)}
        </span>
      </p>
      <NextStep register={register} />
      <div className="columns">
        <section className="card">
          <h2>{t('register_health')}</h2>
          <FactList facts={facts} always />
        </section>
        <section className="card">
          <h2>{t('register_passport')}</h2>
          <dl className="passport">
            {passportRows(register, i18n).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      {missing > 0 && (
        <section className="card edge-warn">
          <h2>{n('missing_documents', missing)}</h2>
          <RangeList ranges={register.completeness.missing_ranges} />
          <p className="muted">{t('missing_cure')}</p>
        </section>
      )}
      {register.fns.length > 0 && (
        <section className="card">
          <h2>{t('drives')}</h2>
          <Drives fns={register.fns} />
        </section>
      )}
      <RegisterCommands kktSerial={register.kkt_serial} shiftNumber={register.shift?.open ? register.shift.shift_number : null} />
      <section className="card">
        <h2>{t('history')}</h2>
        <StateHistory kktSerial={register.kkt_serial} />
      </section>
      <section className="card">
        <h2>{t('register_events')}</h2>
        <Events events={register.events} />
      </section>
    </div>
  );
}

export default function RegisterPage({ kktSerial }: { kktSerial: string }) {
  const { t } = useI18n();
  const { data, error, reload } = useQuery(`register ${kktSerial}`, (signal) =>
    call<RegisterDetail>(`/registers/${encodeURIComponent(kktSerial)}`, { signal }),
  );
  useLiveRefresh(['sample', 'register', 'alarm'], reload, 2_000);

  if (error?.status === 404) {
    return (
      <EmptyNote title={t('register_not_found')}>
        <a href={href(['registers'])}>{t('nav_registers')}</a>
      </EmptyNote>
    );
  }
  if (!data) return error ? <ProblemNote error={error} onRetry={reload} /> : <WaitingNote rows={10} />;
  return (
    <>
      {error && <ProblemNote error={error} onRetry={reload} />}
      <Detail register={data} />
    </>
  );
}
