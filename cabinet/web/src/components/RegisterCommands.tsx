// What the owner has done at a register from afar: his permission, the commands it allows, what became of each.
import { Button, Input, Switch } from 'antd';
import { useEffect, useState } from 'react';
import { call, type ApiError } from '../api/client';
import { useLiveRefresh } from '../api/liveClient';
import type { Command, CommandKind, Commands } from '../api/types';
import { asApiError, useQuery } from '../api/useQuery';
import { commandReason, commandText, commandTone, isOpen, newKey } from '../commands';
import { instantDateTime } from '../format/time';
import { useI18n } from '../i18n';
import { href } from '../router';
import { CopyButton, Mark } from './Bits';
import { ProblemNote, WaitingNote } from './Notes';

const kFirst = 5;
const kLookAgainMs = 10_000;
const kMessageChars = 1_000;
const kConfigLine = 'cabinet_commands = ["x_report", "close_shift", "message"]';

interface Order {
  kind: CommandKind;
  text?: string;
}

/** Sends orders one by one. After a failure the same order goes under the same key: it is never done twice. */
function useSending(address: string, onSent: () => void) {
  const [failed, setFailed] = useState<{ order: Order; key: string; error: ApiError } | null>(null);
  const [busy, setBusy] = useState<CommandKind | null>(null);
  const send = async (order: Order, key = newKey()): Promise<boolean> => {
    setBusy(order.kind);
    setFailed(null);
    try {
      await call<Command>(`${address}/commands`, { method: 'POST', body: order, key });
      onSent();
      return true;
    } catch (caught) {
      setFailed({ order, key, error: asApiError(caught) });
      return false;
    } finally {
      setBusy(null);
    }
  };
  const again = failed && failed.error.kind !== 'problem' ? () => void send(failed.order, failed.key) : undefined;
  return { send, busy, error: failed?.error ?? null, again };
}

function Permission({ address, state, onChange }: { address: string; state: Commands; onChange: () => void }) {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const set = async (permitted: boolean) => {
    setBusy(true);
    setError(null);
    try {
      await call<Commands>(`${address}/permission`, { method: 'POST', body: { permitted } });
    } catch (caught) {
      setError(asApiError(caught));
    } finally {
      setBusy(false);
      onChange();
    }
  };
  return (
    <>
      <label className="command-switch">
        <Switch checked={state.permitted} loading={busy} onChange={(on) => void set(on)} aria-label={t('commands_switch')} />
        <span>
          {t(state.permitted ? 'commands_on' : 'commands_off')}
          {state.permission_by && state.permission_at && (
            <span className="muted small">
              {' '}
              {t('commands_said', { who: state.permission_by, at: instantDateTime(state.permission_at) })}
            </span>
          )}
        </span>
      </label>
      {error && <ProblemNote error={error} />}
    </>
  );
}

interface OrdersProps {
  address: string;
  allows: string[];
  shiftNumber: number | null;
  onSent: () => void;
}

function Orders({ address, allows, shiftNumber, onSent }: OrdersProps) {
  const { t } = useI18n();
  const { send, busy, error, again } = useSending(address, onSent);
  const [asking, setAsking] = useState(false);
  const [text, setText] = useState('');
  const may = (kind: CommandKind) => allows.includes(kind);
  const notAllowed = (kind: CommandKind) => !may(kind) && <span className="muted small">{t('command_not_allowed')}</span>;
  const sendMessage = async () => {
    if (await send({ kind: 'message', text })) setText('');
  };
  return (
    <div className="command-orders">
      <div className="command-row">
        <span>
          <Button disabled={!may('x_report')} loading={busy === 'x_report'} onClick={() => void send({ kind: 'x_report' })}>
            {t('command_do_x_report')}
          </Button>
          {notAllowed('x_report')}
        </span>
        <span>
          <Button danger disabled={!may('close_shift')} loading={busy === 'close_shift'} onClick={() => setAsking(true)}>
            {t('command_do_close_shift')}
          </Button>
          {notAllowed('close_shift')}
        </span>
      </div>
      {asking && (
        <div className="note note-bad" role="alertdialog" aria-labelledby="close-shift-title" data-testid="close-shift-ask">
          <p className="note-title" id="close-shift-title">
            {shiftNumber === null ? t('command_close_ask') : t('command_close_ask_n', { n: shiftNumber })}
          </p>
          <p>{t('command_close_more')}</p>
          <div className="command-row">
            <Button
              type="primary"
              danger
              autoFocus
              onClick={() => {
                setAsking(false);
                void send({ kind: 'close_shift' });
              }}
            >
              {t('command_close_yes')}
            </Button>
            <Button onClick={() => setAsking(false)}>{t('command_cancel')}</Button>
          </div>
        </div>
      )}
      <div className="command-message">
        <Input.TextArea
          aria-label={t('command_message_label')}
          placeholder={t('command_message_label')}
          autoSize={{ minRows: 1, maxRows: 6 }}
          maxLength={kMessageChars}
          disabled={!may('message')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button disabled={!may('message') || text.trim() === ''} loading={busy === 'message'} onClick={() => void sendMessage()}>
          {t('command_do_message')}
        </Button>
      </div>
      {notAllowed('message')}
      {error && <ProblemNote error={error} {...(again && { onRetry: again })} />}
    </div>
  );
}

function NothingAllowed() {
  const { t } = useI18n();
  return (
    <div className="note note-calm">
      <p className="note-title">{t('commands_none_allowed')}</p>
      <p>{t('commands_none_allowed_cure')}</p>
      <div className="command">
        <pre tabIndex={0}>{kConfigLine}</pre>
        <CopyButton text={kConfigLine} label={t('copy')} iconOnly />
      </div>
    </div>
  );
}

function Sent({ commands }: { commands: Command[] }) {
  const i18n = useI18n();
  const { t, num } = i18n;
  const [all, setAll] = useState(false);
  if (commands.length === 0) return <p className="muted">{t('commands_empty')}</p>;
  return (
    <>
      <ol className="events" aria-live="polite">
        {commands.slice(0, all ? commands.length : kFirst).map((command) => {
          const reason = commandReason(command, i18n);
          return (
            <li key={command.id} data-testid="command" data-state={command.state}>
              <time dateTime={command.sent_at} title={command.sent_by}>
                {instantDateTime(command.sent_at, true)}
              </time>
              <Mark tone={commandTone(command)}>{commandText(command, i18n)}</Mark>
              {command.document && (
                <a href={href(['documents'], { doc: `${command.document.fn_serial}:${command.document.fd_number}` })}>
                  {t('document_title', { n: command.document.fd_number })}
                </a>
              )}
              {command.kind === 'message' && command.args.text && <span className="muted">«{command.args.text}»</span>}
              {reason && <span className="command-reason muted">{reason}</span>}
            </li>
          );
        })}
      </ol>
      {!all && commands.length > kFirst && (
        <Button type="link" className="inline-link" onClick={() => setAll(true)}>
          {t('commands_all', { n: num(commands.length) })}
        </Button>
      )}
    </>
  );
}

export function RegisterCommands({ kktSerial, shiftNumber }: { kktSerial: string; shiftNumber: number | null }) {
  const { t } = useI18n();
  const address = `/registers/${encodeURIComponent(kktSerial)}`;
  const { data, error, reload } = useQuery(`commands ${kktSerial}`, (signal) => call<Commands>(`${address}/commands`, { signal }));
  useLiveRefresh(['command', 'sample'], reload, 500);
  // That its time is over is no event.
  const waiting = data?.commands.some(isOpen) ?? false;
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(reload, kLookAgainMs);
    return () => clearInterval(timer);
  }, [waiting, reload]);

  if (!data) return error ? <ProblemNote error={error} onRetry={reload} /> : <WaitingNote />;
  return (
    <section className="card commands" data-testid="commands">
      <h2>{t('commands')}</h2>
      <Permission address={address} state={data} onChange={reload} />
      {data.permitted && data.agent_allows.length === 0 && <NothingAllowed />}
      {data.permitted && data.agent_allows.length > 0 && (
        <Orders address={address} allows={data.agent_allows} shiftNumber={shiftNumber} onSent={reload} />
      )}
      {(data.permitted || data.commands.length > 0) && <Sent commands={data.commands} />}
    </section>
  );
}
