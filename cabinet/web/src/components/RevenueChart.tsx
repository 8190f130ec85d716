// Revenue as bars and receipts as a line, per hour or day; ECharts with only the parts used here.
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use as useParts, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { Bar } from '../format/buckets';
import { formatMoney, formatRubles } from '../format/money';
import { wallDay } from '../format/time';
import { useI18n, type I18n } from '../i18n';
import { kFont, useDark } from '../theme';

// eslint-disable-next-line react-hooks/rules-of-hooks -- ECharts' registration, a hook by name only
useParts([BarChart, LineChart, GridComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

interface Props {
  bars: Bar[];
  group: 'hour' | 'day';
}

function shortLabel(key: string, group: Props['group'], oneDay: boolean, { lang }: I18n): string {
  if (group === 'day') return wallDay(key, lang);
  const hour = `${key.slice(11, 13)}:00`;
  return oneDay ? hour : `${wallDay(key, lang)} ${hour}`;
}

function tooltip(bar: Bar, group: Props['group'], i18n: I18n): HTMLElement {
  const box = document.createElement('div');
  const lines = [
    shortLabel(bar.key, group, false, i18n),
    formatMoney(bar.revenue, i18n.lang),
    i18n.n('receipts_count', bar.receipts ?? 0),
  ];
  for (const [index, text] of lines.entries()) {
    const line = document.createElement(index === 1 ? 'strong' : 'div');
    line.textContent = text;
    line.style.display = 'block';
    box.append(line);
  }
  return box;
}

function options(bars: Bar[], group: Props['group'], dark: boolean, i18n: I18n) {
  const ink = dark ? '#a3b0ab' : '#55625e';
  const rule = dark ? '#263130' : '#e3e7e1';
  const oneDay = group === 'hour' && bars.length <= 24;
  const axis = { axisLine: { lineStyle: { color: rule } }, axisTick: { show: false } };
  return {
    textStyle: { fontFamily: kFont, color: ink },
    animationDuration: 250,
    aria: { enabled: true, label: { description: i18n.t('chart_label') } },
    grid: { left: 4, right: 16, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: dark ? '#1d2423' : '#ffffff',
      borderColor: rule,
      textStyle: { color: dark ? '#e6ebe8' : '#1a2321', fontSize: 13 },
      formatter: (params: unknown) => {
        const first: unknown = Array.isArray(params) ? params[0] : params;
        const index = (first as { dataIndex?: number } | undefined)?.dataIndex ?? -1;
        const bar = bars[index];
        return bar ? tooltip(bar, group, i18n) : '';
      },
    },
    xAxis: {
      type: 'category',
      data: bars.map((bar) => shortLabel(bar.key, group, oneDay, i18n)),
      axisLabel: { color: ink, hideOverlap: true },
      ...axis,
    },
    yAxis: [
      {
        type: 'value',
        axisLabel: { color: ink, formatter: (value: number) => formatRubles(value, i18n.lang) },
        splitLine: { lineStyle: { color: rule } },
      },
      { type: 'value', minInterval: 1, axisLabel: { show: false }, splitLine: { show: false } },
    ],
    series: [
      {
        name: i18n.t('totals_chart'),
        type: 'bar',
        data: bars.map((bar) => bar.revenue),
        itemStyle: { color: dark ? '#2fa392' : '#0f6b5f', borderRadius: [3, 3, 0, 0] },
        barMaxWidth: 36,
      },
      {
        name: i18n.t('totals_receipts'),
        type: 'line',
        yAxisIndex: 1,
        data: bars.map((bar) => bar.receipts),
        showSymbol: false,
        lineStyle: { color: '#d98a1f', width: 2 },
        itemStyle: { color: '#d98a1f' },
      },
    ],
  };
}

export default function RevenueChart({ bars, group }: Props) {
  const i18n = useI18n();
  const dark = useDark();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const made = init(element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption(options(bars, group, dark, i18n), { notMerge: true });
  }, [bars, group, dark, i18n]);

  return <div className="chart" ref={box} data-testid="chart" />;
}
