// A report as a spreadsheet: the same figures as on the page, in the same order, with the completeness statement.
import type { Bucket, Sums, Totals } from '../api/types';
import { holesOf } from '../domain';
import type { I18n } from '../i18n';
import { toCsv, type CsvValue } from './csv';
import { averageKopecks, moneyForCsv, type Kopecks } from './money';
import { wallDate } from './time';

export const kPaymentKinds = ['cash', 'electronic', 'advance', 'credit', 'counter', 'unknown'] as const;

function money(value: Kopecks | null, { lang }: I18n): CsvValue {
  return { number: moneyForCsv(value, lang) };
}

function sumRows(total: Sums, i18n: I18n): CsvValue[][] {
  const { t } = i18n;
  return [
    [t('totals_net'), money(total.revenue, i18n)],
    [t('totals_revenue'), money(total.sales, i18n)],
    [t('totals_returns'), money(total.returns, i18n)],
    [t('totals_receipts'), total.receipts],
    [t('totals_average'), money(averageKopecks(total.sales, total.receipts), i18n)],
    [t('totals_purchases'), money(total.purchases - total.purchase_returns, i18n)],
    [t('totals_corrections'), money(total.corrections, i18n)],
  ];
}

function bucketRows(buckets: Bucket[], name: (key: string) => string, i18n: I18n): CsvValue[][] {
  return buckets.map((bucket) => [
    name(bucket.key),
    money(bucket.revenue, i18n),
    money(bucket.sales, i18n),
    money(bucket.returns, i18n),
    bucket.receipts,
  ]);
}

export function totalsCsv(byTime: Totals, byRegister: Totals, i18n: I18n): string {
  const { t } = i18n;
  const head = [t('totals_net'), t('totals_revenue'), t('totals_returns'), t('totals_receipts')];
  const models = new Map(byRegister.completeness.map((entry) => [entry.kkt_serial, entry.model]));
  const register = (serial: string) => [models.get(serial) ?? '', serial].filter(Boolean).join(' ');
  const holes = byTime.completeness.flatMap((entry) => holesOf(entry, i18n).map((hole) => [register(entry.kkt_serial), hole]));
  return toCsv([
    [t('csv_section_totals', { from: wallDate(byTime.from), to: wallDate(byTime.to) })],
    ...(holes.length === 0 ? [[t('totals_complete')]] : holes.map((hole) => [t('totals_incomplete'), ...hole])),
    [],
    ...sumRows(byTime.total, i18n),
    [],
    [t('totals_payments')],
    ...kPaymentKinds.map((kind) => [t(`pay_${kind}`), money(byTime.total.payments[kind], i18n)]),
    [],
    [t('totals_vat')],
    ...byTime.total.vat.map((vat) => [vat.rate, money(vat.sum, i18n)]),
    [],
    [t('totals_registers'), ...head],
    ...bucketRows(byRegister.buckets, register, i18n),
    [],
    [t(byTime.group === 'hour' ? 'totals_by_hour' : 'totals_by_day'), ...head],
    ...bucketRows(byTime.buckets, (key) => (key.length > 10 ? `${wallDate(key)} ${key.slice(11)}:00` : wallDate(key)), i18n),
  ]);
}
