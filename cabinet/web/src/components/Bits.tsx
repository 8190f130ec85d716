// Small pieces every page uses: a state mark, a sum, a copy button, a page heading, a ticking clock.
import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import type { Tone } from '../domain';
import { formatMoney, type Kopecks } from '../format/money';
import { useI18n } from '../i18n';

export function Mark({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  return (
    <span className={`mark tone-${tone}`} title={title}>
      <span className="mark-dot" aria-hidden="true" />
      {children}
    </span>
  );
}

export function Money({ value, strong = false }: { value: Kopecks | null | undefined; strong?: boolean }) {
  const { lang } = useI18n();
  return <span className={strong ? 'money money-strong' : 'money'}>{formatMoney(value, lang)}</span>;
}

export function PageHead({ title, lead, children }: { title: ReactNode; lead?: string; children?: ReactNode }) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {lead && <p className="lead">{lead}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </header>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain HTTP inside a shop has no clipboard API: the old way still works there.
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export function CopyButton({ text, label, iconOnly = false }: { text: string; label: string; iconOnly?: boolean }) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 2_000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    if (await copyText(text)) setDone(true);
    else void message.warning(t('copy_failed'));
  };
  return (
    <Button
      icon={done ? <CheckOutlined /> : <CopyOutlined />}
      onClick={() => void copy()}
      aria-label={label}
      aria-live="polite"
      title={label}
    >
      {iconOnly ? null : done ? t('copied') : label}
    </Button>
  );
}

/** The present moment, renewed every `everyMs`: for ages and countdowns. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

const kNarrow = window.matchMedia('(max-width: 760px)');

export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(kNarrow.matches);
  useEffect(() => {
    const listen = () => setNarrow(kNarrow.matches);
    kNarrow.addEventListener('change', listen);
    return () => kNarrow.removeEventListener('change', listen);
  }, []);
  return narrow;
}
