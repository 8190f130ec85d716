// The conditions of the document list; all of them live in the address, so that a view can be sent to somebody.
import { SearchOutlined } from '@ant-design/icons';
import { Button, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useCallback, useEffect, useState } from 'react';
import { registerName } from '../api/registers';
import type { Register } from '../api/types';
import { typeKey } from '../domain';
import { moneyForCsv, parseMoney } from '../format/money';
import { useI18n, type Key } from '../i18n';

const kFilters = ['register', 'fn', 'type', 'operation', 'from', 'to', 'min_sum', 'max_sum', 'text'] as const;
const kTypes = [3, 31, 2, 5, 4, 41, 1, 11, 21, 6];
const kOperations = ['sell', 'sell_return', 'buy', 'buy_return'] as const;

type Change = (changes: Record<string, string | null>) => void;

/** The part of the address that selects documents, in one order: the same filter is the same list. */
export function searchOf(params: URLSearchParams): string {
  const search = new URLSearchParams();
  for (const name of kFilters) {
    const value = params.get(name);
    if (value) search.set(name, value);
  }
  return search.toString();
}

export function filterCount(params: URLSearchParams): number {
  return kFilters.filter((name) => params.get(name)).length;
}

function DateField({ label, value, onChange }: { label: string; value: string | null; onChange: (v: string | null) => void }) {
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      format="DD.MM.YYYY"
      value={value ? dayjs(value) : null}
      onChange={(date: dayjs.Dayjs | null) => onChange(date ? date.format('YYYY-MM-DD') : null)}
    />
  );
}

/** Text that reaches the address a moment after the last key, or at once with Enter. */
function useDraft(value: string, commit: (text: string) => void): [string, (text: string) => void, () => void] {
  const [draft, setDraft] = useState({ from: value, text: value });
  // The address changed under the field (reset, back): the address wins.
  if (draft.from !== value) setDraft({ from: value, text: value });
  useEffect(() => {
    if (draft.text === value) return undefined;
    const timer = setTimeout(() => commit(draft.text), 500);
    return () => clearTimeout(timer);
  }, [draft.text, value, commit]);
  return [draft.text, (text) => setDraft({ from: value, text }), () => commit(draft.text)];
}

function SumField({ name, label, params, change }: { name: string; label: string; params: URLSearchParams; change: Change }) {
  const { t, lang } = useI18n();
  const kopecks = params.get(name);
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (kopecks ? moneyForCsv(kopecks, lang) : '');
  const bad = shown.trim() !== '' && parseMoney(shown) === null;
  const commit = () => {
    if (bad) return;
    const value = parseMoney(shown);
    change({ [name]: value === null ? null : String(value) });
    setText(null);
  };
  return (
    <Input
      className="filter-sum"
      inputMode="decimal"
      aria-label={label}
      placeholder={label}
      value={shown}
      status={bad ? 'error' : ''}
      aria-invalid={bad}
      title={bad ? t('filter_sum_bad') : label}
      suffix="₽"
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onPressEnter={commit}
    />
  );
}

interface Props {
  params: URLSearchParams;
  change: Change;
  registers: Register[];
  open: boolean;
  onReset: () => void;
}

export function DocumentFilters({ params, change, registers, open, onReset }: Props) {
  const { t } = useI18n();
  const commitDraft = useCallback((value: string) => change({ text: value.trim() }), [change]);
  const [text, setText, commitText] = useDraft(params.get('text') ?? '', commitDraft);
  const typeName = (type: number) => {
    const key: Key | null = typeKey(type);
    return key ? t(key) : t('type_other', { type });
  };
  const types = params.get('type');
  return (
    <section className={`filters${open ? ' filters-open' : ''}`} aria-label={t('documents_filters')}>
      <Input
        className="filter-text"
        allowClear
        prefix={<SearchOutlined />}
        aria-label={t('filter_text')}
        placeholder={t('filter_text')}
        maxLength={100}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onPressEnter={commitText}
      />
      <Select
        className="filter-wide"
        allowClear
        aria-label={t('filter_register')}
        placeholder={t('filter_register')}
        value={params.get('register')}
        popupMatchSelectWidth={false}
        options={registers.map((register) => ({ value: register.kkt_serial, label: registerName(register) }))}
        onChange={(value: string | undefined) => change({ register: value ?? null })}
      />
      <Select
        className="filter-wide"
        mode="multiple"
        allowClear
        maxTagCount="responsive"
        aria-label={t('filter_type')}
        placeholder={t('filter_type')}
        value={types ? types.split(',').map(Number) : []}
        popupMatchSelectWidth={false}
        options={kTypes.map((type) => ({ value: type, label: typeName(type) }))}
        onChange={(value: number[]) => change({ type: value.join(',') })}
      />
      <Select
        className="filter-mid"
        allowClear
        aria-label={t('filter_operation')}
        placeholder={t('filter_operation')}
        value={params.get('operation')}
        popupMatchSelectWidth={false}
        options={kOperations.map((operation) => ({ value: operation, label: t(`op_${operation}`) }))}
        onChange={(value: string | undefined) => change({ operation: value ?? null })}
      />
      <DateField label={t('filter_from')} value={params.get('from')} onChange={(from) => change({ from })} />
      <DateField label={t('filter_to')} value={params.get('to')} onChange={(to) => change({ to })} />
      <SumField name="min_sum" label={t('filter_min')} params={params} change={change} />
      <SumField name="max_sum" label={t('filter_max')} params={params} change={change} />
      {filterCount(params) > 0 && <Button onClick={onReset}>{t('documents_reset')}</Button>}
    </section>
  );
}
