// How a shop's computer joins the cabinet: a code, the exact commands, and who has joined.
import { Button } from 'antd';
import { useState } from 'react';
import { call, type ApiError } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import type { Agent, EnrolmentCode } from '../api/types';
import { asApiError, useQuery } from '../api/useQuery';
import { CopyButton, Mark, PageHead, useNow } from '../components/Bits';
import { EmptyNote, ProblemNote, WaitingNote } from '../components/Notes';
import { ago, countdown, instantDateTime } from '../format/time';
import { useI18n, type Key } from '../i18n';
import { href } from '../router';

function Command({ text }: { text: string }) {
  const { t } = useI18n();
  return (
    <div className="command">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label={t('copy')} iconOnly />
    </div>
  );
}

const kFile = '/etc/kkt-bridge/agent.toml';

function Steps({ code }: { code: string | null }) {
  const { t } = useI18n();
  const cabinet = new URL('.', document.baseURI).toString().replace(/\/$/, '');
  const steps: { name: Key; command?: string; hint?: string }[] = [
    { name: 'connect_step_install' },
    { name: 'connect_step_address', command: `[cabinet]\nurl = "${cabinet}"` },
    {
      name: 'connect_step_enroll',
      command: `sudo kktctl --config ${kFile} enroll ${code ?? 'XXXXXXXX'}`,
      ...(code === null && { hint: t('connect_placeholder') }),
    },
    { name: 'connect_step_start', command: 'sudo systemctl enable --now kkt-agent' },
    { name: 'connect_step_check', command: `sudo kktctl --config ${kFile} doctor` },
  ];
  return (
    <section className="card">
      <h2>{t('connect_steps')}</h2>
      <ol className="steps">
        {steps.map(({ name, command, hint }) => (
          <li key={name}>
            <p>
              {t(name)}
              {hint && <span className="muted"> ({hint})</span>}
            </p>
            {command && <Command text={command} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface CodeProps {
  code: EnrolmentCode | null;
  onCreated: (code: EnrolmentCode) => void;
}

function CodeCard({ code, onCreated }: CodeProps) {
  const { t } = useI18n();
  const now = useNow(1_000);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const left = code ? new Date(code.expires_at).getTime() - now : 0;
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      onCreated(await call<EnrolmentCode>('/enrolment-codes', { method: 'POST', body: {} }));
    } catch (caught) {
      setError(asApiError(caught));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card code-card">
      <div aria-live="polite">
        {code && left > 0 && (
          <>
            <span className="label">{t('connect_code')}</span>
            <div className="code-line">
              <output className="code" data-testid="enrolment-code">
                {code.code}
              </output>
              <CopyButton text={code.code} label={t('copy')} />
            </div>
          </>
        )}
        {code && left <= 0 && (
          <p className="note note-calm">
            {t('connect_expired')}. {t('connect_expired_cure')}
          </p>
        )}
      </div>
      {code && left > 0 && <p className="muted">{t('connect_left', { left: countdown(left) })}</p>}
      {error && <ProblemNote error={error} />}
      <Button type={code && left > 0 ? 'default' : 'primary'} size="large" loading={busy} onClick={() => void create()}>
        {t(code ? 'connect_again' : 'connect_create')}
      </Button>
    </section>
  );
}

function Agents() {
  const { t, lang } = useI18n();
  const now = useNow(15_000);
  const { data, error, reload } = useQuery(
    'agents',
    async (signal) => (await call<{ agents: Agent[] }>('/agents', { signal })).agents,
  );
  useLiveRefresh(['sample', 'alarm', 'register'], reload, 5_000);
  if (!data) return error ? <ProblemNote error={error} onRetry={reload} /> : <WaitingNote />;
  if (data.length === 0) return <EmptyNote title={t('agents_empty')} cure={t('agents_empty_cure')} />;
  return (
    <div className="agents">
      {data.map((agent) => (
        <article key={agent.agent_id} className="agent" data-testid="agent">
          <div>
            <strong>{agent.hostname}</strong>
            <span className="muted small">
              {t('agent_version')} {agent.agent_version} · {t('agent_enrolled')} {instantDateTime(agent.enrolled_at)}
            </span>
          </div>
          <Mark tone={agent.online ? 'good' : 'warn'}>
            {agent.online ? t('live_live') : t('agent_silent')} · {ago(agent.last_seen, now, lang)}
          </Mark>
          <span className="agent-registers">
            {agent.registers.map((serial) => (
              <a key={serial} className="mono small" href={href(['registers', serial])}>
                {serial}
              </a>
            ))}
          </span>
        </article>
      ))}
    </div>
  );
}

export default function ConnectPage() {
  const { t } = useI18n();
  const [code, setCode] = useState<EnrolmentCode | null>(null);
  return (
    <div className="page">
      <PageHead title={t('connect_title')} lead={t('connect_lead')} />
      <div className="columns">
        <div className="stack">
          <CodeCard code={code} onCreated={setCode} />
          <section className="card">
            <h2>{t('agents_title')}</h2>
            <Agents />
          </section>
        </div>
        <Steps code={code?.code ?? null} />
      </div>
    </div>
  );
}
