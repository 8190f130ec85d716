// Which days a report covers: the four usual periods, or two dates.
import { DatePicker, Segmented } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { kPresets, periodOf, presetOf, type Period, type Preset } from '../format/period';
import { useI18n } from '../i18n';

interface Props {
  period: Period;
  today: string;
  onChange: (period: Period) => void;
}

export function PeriodPicker({ period, today, onChange }: Props) {
  const { t } = useI18n();
  const [custom, setCustom] = useState(false);
  const preset = custom ? null : presetOf(period, today);
  const choose = (value: string) => {
    const chosen = kPresets.find((name: Preset) => name === value);
    setCustom(!chosen);
    if (chosen) onChange(periodOf(chosen, today));
  };
  const date = (value: dayjs.Dayjs | null, side: 'from' | 'to') => {
    if (!value) return;
    setCustom(true);
    const text = value.format('YYYY-MM-DD');
    const next = { ...period, [side]: text };
    // The other end follows, so that a period is never upside down.
    if (next.from > next.to) onChange({ from: text, to: text });
    else onChange(next);
  };
  return (
    <div className="period">
      <Segmented
        value={preset ?? 'custom'}
        onChange={choose}
        options={[
          ...kPresets.map((name) => ({ value: name, label: t(`preset_${name}`) })),
          { value: 'custom', label: t('preset_custom') },
        ]}
      />
      {preset === null && (
        <span className="period-dates">
          <DatePicker
            aria-label={t('period_from')}
            allowClear={false}
            format="DD.MM.YYYY"
            value={dayjs(period.from)}
            onChange={(value) => date(value, 'from')}
          />
          <span aria-hidden="true">–</span>
          <DatePicker
            aria-label={t('period_to')}
            allowClear={false}
            format="DD.MM.YYYY"
            value={dayjs(period.to)}
            onChange={(value) => date(value, 'to')}
          />
        </span>
      )}
    </div>
  );
}
