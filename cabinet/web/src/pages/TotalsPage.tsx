// What was sold in a day or a period, and whether the figures are whole.
import { DownloadOutlined, PrinterOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import { call, query } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import { registerName } from '../api/registers';
import type { PeriodCompleteness, Sums, Totals } from '../api/types';
import { useQuery } from '../api/useQuery';
import { Money, PageHead, useNow } from '../components/Bits';
import { MissingRanges } from '../components/MissingRanges';
import { EmptyNote, ProblemNote, WaitingNote } from '../components/Notes';
import { PeriodPicker } from '../components/PeriodPicker';
import { holesOf, vatIsTurnover } from '../domain';
import { fillBuckets } from '../format/buckets';
import { download } from '../format/csv';
import { averageKopecks, formatMoney } from '../format/money';
import { periodOf, type Period } from '../format/period';
import { nowWall, parseWall, todayWall, wallDate } from '../format/time';
import { kPaymentKinds, totalsCsv } from '../format/totalsCsv';
import { useI18n } from '../i18n';
import { href, useParams } from '../router';

const RevenueChart = lazy(() => import('../components/RevenueChart'));

interface Both {
  byTime: Totals;
  byRegister: Totals;
}

function periodFrom(params: URLSearchParams, today: string): Period {
  const from = params.get('from');
  const to = params.get('to');
  return from && to && parseWall(from) && parseWall(to) && from <= to ? { from, to } : periodOf('today', today);
}

function Completeness({ list, unknown }: { list: PeriodCompleteness[]; unknown: number }) {
  const i18n = useI18n();
  const { t, lang } = i18n;
  const holed = list.filter((entry) => !entry.complete);
  return (
    <section className={`completeness ${holed.length > 0 ? 'tone-warn' : 'tone-good'}`} data-testid="completeness">
      <span className="mark-dot" aria-hidden="true" />
      <div>
        <strong>{t(holed.length > 0 ? 'totals_incomplete' : 'totals_complete')}</strong>
        {holed.length > 0 && (
          <ul>
            {holed.map((entry) => (
              <li key={entry.kkt_serial}>
                {t('totals_incomplete_line', { register: registerName(entry), missing: holesOf(entry, i18n).join('; ') })}{' '}
                <MissingRanges ranges={entry.missing_ranges} />
              </li>
            ))}
          </ul>
        )}
        {unknown !== 0 && <p className="muted">{t('totals_short', { sum: formatMoney(unknown, lang) })}</p>}
      </div>
    </section>
  );
}

function Figures({ total }: { total: Sums }) {
  const { t, n, num, lang } = useI18n();
  const paidOut = total.purchases - total.purchase_returns;
  return (
    <section className="figures" lang={lang}>
      <div className="figure-main">
        <span className="label">{t('totals_net')}</span>
        <strong data-testid="totals-revenue">
          <Money value={total.revenue} />
        </strong>
      </div>
      <div>
        <span className="label">{t('totals_revenue')}</span>
        <strong data-testid="totals-sales">
          <Money value={total.sales} />
        </strong>
      </div>
      <div>
        <span className="label">{t('totals_returns')}</span>
        <strong>
          <Money value={total.returns} />
        </strong>
        <span className="muted small">{n('totals_return_receipts', total.return_receipts)}</span>
      </div>
      <div>
        <span className="label">{t('totals_receipts')}</span>
        <strong data-testid="totals-receipts">{num(total.receipts)}</strong>
      </div>
      <div>
        <span className="label">{t('totals_average')}</span>
        <strong>
          <Money value={averageKopecks(total.sales, total.receipts)} />
        </strong>
      </div>
      {paidOut !== 0 && (
        <div>
          <span className="label">{t('totals_purchases')}</span>
          <strong>
            <Money value={paidOut} />
          </strong>
        </div>
      )}
      {total.correction_receipts > 0 && (
        <div>
          <span className="label">{t('totals_corrections')}</span>
          <strong>
            <Money value={total.corrections} />
          </strong>
          <span className="muted small">{n('receipts_count', total.correction_receipts)}</span>
        </div>
      )}
    </section>
  );
}

function Payments({ total }: { total: Sums }) {
  const { t } = useI18n();
  const kinds = kPaymentKinds.filter((kind) => total.payments[kind] !== 0 || kind === 'cash' || kind === 'electronic');
  const most = Math.max(1, ...kinds.map((kind) => Math.abs(total.payments[kind])));
  return (
    <section className="card">
      <h2>{t('totals_payments')}</h2>
      <dl className="bars">
        {kinds.map((kind) => (
          <div key={kind}>
            <dt>{t(`pay_${kind}`)}</dt>
            <dd>
              <Money value={total.payments[kind]} />
            </dd>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(Math.abs(total.payments[kind]) / most) * 100}%` }} />
            </span>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Vat({ total }: { total: Sums }) {
  const { t } = useI18n();
  return (
    <section className="card">
      <h2>{t('totals_vat')}</h2>
      {total.vat.length === 0 ? (
        <p className="muted">{t('vat_empty')}</p>
      ) : (
        <table className="plain">
          <thead>
            <tr>
              <th>{t('vat_rate')}</th>
              <th className="right">{t('vat_sum')}</th>
            </tr>
          </thead>
          <tbody>
            {total.vat.map((vat) => (
              <tr key={vat.code}>
                <td>{vat.code === 6 ? t('vat_none') : vat.rate}</td>
                <td className="right">
                  {vatIsTurnover(vat.code) && <span className="muted small">{t('vat_turnover')} </span>}
                  <Money value={vat.sum} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function PerRegister({ totals, period }: { totals: Totals; period: Period }) {
  const { t, num } = useI18n();
  const models = new Map(totals.completeness.map((entry) => [entry.kkt_serial, entry.model]));
  return (
    <section className="card">
      <h2>{t('totals_registers')}</h2>
      <div className="scroll-x">
        <table className="plain stacked">
          <thead>
            <tr>
              <th>{t('filter_register')}</th>
              <th className="right">{t('totals_net')}</th>
              <th className="right">{t('totals_revenue')}</th>
              <th className="right">{t('totals_returns')}</th>
              <th className="right">{t('totals_receipts')}</th>
            </tr>
          </thead>
          <tbody>
            {totals.buckets.map((bucket) => (
              <tr key={bucket.key}>
                <td>
                  <a href={href(['documents'], { register: bucket.key, from: period.from, to: period.to })}>
                    {registerName({ model: models.get(bucket.key) ?? '', kkt_serial: bucket.key })}
                  </a>
                </td>
                <td className="right" data-label={t('totals_net')}>
                  <Money value={bucket.revenue} strong />
                </td>
                <td className="right" data-label={t('totals_revenue')}>
                  <Money value={bucket.sales} />
                </td>
                <td className="right" data-label={t('totals_returns')}>
                  <Money value={bucket.returns} />
                </td>
                <td className="right" data-label={t('totals_receipts')}>{num(bucket.receipts)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Report({ byTime, byRegister }: Both) {
  const { t } = useI18n();
  const group = byTime.group === 'hour' ? 'hour' : 'day';
  const period = { from: byTime.from, to: byTime.to };
  const bars = useMemo(
    () => fillBuckets(byTime.buckets, group, byTime.from, byTime.to, nowWall()),
    [byTime.buckets, group, byTime.from, byTime.to],
  );
  return (
    <>
      <Completeness list={byTime.completeness} unknown={byTime.total.payments.unknown} />
      <Figures total={byTime.total} />
      {byTime.buckets.length === 0 ? (
        <EmptyNote title={t('totals_empty')} />
      ) : (
        <>
          <section className="card">
            <h2>{t(group === 'hour' ? 'totals_by_hour' : 'totals_by_day')}</h2>
            <p className="chart-legend muted small">{t('chart_label')}</p>
            <Suspense fallback={<div className="chart" />}>
              <RevenueChart bars={bars} group={group} />
            </Suspense>
          </section>
          <div className="columns">
            <Payments total={byTime.total} />
            <Vat total={byTime.total} />
          </div>
          <PerRegister totals={byRegister} period={period} />
        </>
      )}
    </>
  );
}

export default function TotalsPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const [params, change] = useParams();
  const today = todayWall(new Date(useNow(60_000)));
  const period = periodFrom(params, today);
  const register = params.get('register');
  const group = period.from === period.to ? 'hour' : 'day';
  const range = { ...period, register };
  const { data, error, loading, reload } = useQuery<Both>(
    `totals ${query({ ...range, group })}`,
    async (signal) => {
      const [byTime, byRegister] = await Promise.all([
        call<Totals>(`/totals${query({ ...range, group })}`, { signal }),
        call<Totals>(`/totals${query({ ...range, group: 'register' })}`, { signal }),
      ]);
      return { byTime, byRegister };
    },
    true,
  );
  useLiveRefresh(['document', 'register'], reload, 2_000);
  useLiveRefresh(['sample'], reload, 30_000); // a register that is back is silent no more
  const known = useQuery(
    'totals registers',
    async (signal) => (await call<{ registers: { kkt_serial: string; model: string }[] }>('/registers', { signal })).registers,
  );
  const save = () => {
    if (data) download(`kkt-${period.from}_${period.to}.csv`, totalsCsv(data.byTime, data.byRegister, i18n));
  };
  return (
    <div className="page" aria-busy={loading}>
      <PageHead title={t('totals_title')}>
        <Button icon={<PrinterOutlined />} onClick={() => window.print()} disabled={!data}>
          {t('totals_print')}
        </Button>
        <Button icon={<DownloadOutlined />} onClick={save} disabled={!data}>
          {t('totals_csv')}
        </Button>
      </PageHead>
      <div className="report-choice">
        <PeriodPicker period={period} today={today} onChange={(next) => change({ from: next.from, to: next.to })} />
        <Select
          className="filter-wide"
          allowClear
          aria-label={t('filter_register')}
          placeholder={t('filter_register')}
          value={register}
          popupMatchSelectWidth={false}
          options={(known.data ?? []).map((entry) => ({ value: entry.kkt_serial, label: registerName(entry) }))}
          onChange={(value: string | undefined) => change({ register: value ?? null })}
        />
      </div>
      <p className="print-only">
        {wallDate(period.from)} – {wallDate(period.to)}
      </p>
      {error && <ProblemNote error={error} onRetry={reload} />}
      {!data && !error && <WaitingNote rows={10} />}
      {data && <Report byTime={data.byTime} byRegister={data.byRegister} />}
    </div>
  );
}
