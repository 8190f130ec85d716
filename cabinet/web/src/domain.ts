// What states and verdicts mean to the owner: one name, one next step, one colour each. Pure, so that it is tested.
import type { DocumentHead, Fn, Ofd, Operation, PeriodCompleteness, Register, StatusChange } from './api/types';
import { daysBetween, wallDateTime } from './format/time';
import { hasKey, type I18n, type Key } from './i18n';

export type Tone = 'good' | 'calm' | 'notice' | 'warn' | 'bad' | 'critical';

const kStateTone: Record<string, Tone> = {
  ready: 'good',
  busy: 'good',
  reconciling: 'calm',
  connecting: 'calm',
  identifying: 'calm',
  unknown: 'calm',
  agent_away: 'warn',
  absent: 'bad',
  blocked: 'critical',
};

/** Samples come at least every five minutes; three missed ones mean that nobody asks the register any more. */
const kSilentMs = 15 * 60_000;

/**
 * The one state a register is in for its owner. The agent's last word counts only while the agent is there: an agent
 * that fell silent is another cause, with another cure, than a register that is switched off.
 */
export function shownState(register: Pick<Register, 'state' | 'online' | 'sample_at'>, nowMs: number): string {
  if (register.sample_at === null) return 'unknown';
  if (register.online) return register.state;
  const silent = nowMs - new Date(register.sample_at).getTime() > kSilentMs;
  return register.state === 'absent' && !silent ? 'absent' : 'agent_away';
}

export function stateTone(state: string): Tone {
  return kStateTone[state] ?? 'calm';
}

export function stateKey(state: string): Key | null {
  const key = `state_${state}`;
  return hasKey(key) ? key : null;
}

export function stateNextKey(state: string): Key | null {
  const key = `state_${state}_next`;
  return hasKey(key) ? key : null;
}

/** Is the register reached right now? */
export function isConnected(state: string): boolean {
  return ['ready', 'busy', 'reconciling', 'identifying'].includes(state);
}

export const kOfdSteps = [1, 3, 10, 25] as const;
export type OfdStep = 0 | (typeof kOfdSteps)[number];

/** The alarm step an age of unsent documents has reached: 30 days would lock the register. */
export function ofdStep(ageDays: number): OfdStep {
  let reached: OfdStep = 0;
  for (const step of kOfdSteps) if (ageDays >= step) reached = step;
  return reached;
}

export const kOfdTone: Record<OfdStep, Tone> = { 0: 'calm', 1: 'notice', 3: 'warn', 10: 'bad', 25: 'critical' };

/** Age in days of the oldest document the OFD lacks; null when there is none or its time is unknown. */
export function ofdAge(ofd: Ofd | null, nowWall: string): number | null {
  if (!ofd || ofd.unsent_documents === 0 || !ofd.first_unsent_at) return null;
  const days = daysBetween(ofd.first_unsent_at, nowWall);
  return days === null ? null : Math.max(0, days);
}

export function ofdTone(ofd: Ofd | null, nowWall: string): Tone {
  if (!ofd || ofd.unsent_documents === 0) return 'good';
  const age = ofdAge(ofd, nowWall);
  return age === null ? 'calm' : kOfdTone[ofdStep(age)];
}

const kFnTone: Record<string, Tone> = {
  replace_urgently: 'critical',
  critical_error: 'critical',
  key_expires_soon: 'bad',
  archive_full: 'bad',
};

export function fnWarningKey(warning: string): Key | null {
  const key = `fn_warning_${warning}`;
  return hasKey(key) ? key : null;
}

export function fnDaysLeft(fn: Pick<Fn, 'expires_on'>, today: string): number | null {
  return fn.expires_on ? daysBetween(today, fn.expires_on) : null;
}

/** How full the five-year area is, by what was written and what still fits; whole percent, rounded down. */
export function fnPercentFull(fn: Pick<Fn, 'last_fd_number' | 'documents_left'>): number | null {
  if (fn.documents_left === null) return null;
  const room = fn.last_fd_number + fn.documents_left;
  return room > 0 ? Math.floor((fn.last_fd_number * 100) / room) : null;
}

const kSeverity: readonly Tone[] = ['good', 'calm', 'notice', 'warn', 'bad', 'critical'];

export function worst(tones: readonly Tone[]): Tone {
  return kSeverity[Math.max(0, ...tones.map((tone) => kSeverity.indexOf(tone)))] ?? 'calm';
}

export function fnTone(fn: Fn | null, today: string): Tone {
  if (!fn) return 'calm';
  const days = fnDaysLeft(fn, today);
  const full = fnPercentFull(fn) ?? 0;
  const byDays: Tone = days === null || days > 60 ? 'good' : days > 30 ? 'warn' : days > 3 ? 'bad' : 'critical';
  const byRoom: Tone = full >= 95 ? 'bad' : full >= 85 ? 'warn' : 'good';
  return worst([byDays, byRoom, ...fn.warnings.map((warning): Tone => kFnTone[warning] ?? 'warn')]);
}

export const kFirmwareTone: Record<string, Tone> = { current: 'good', too_old: 'warn', unknown: 'calm' };
export const kSdTone: Record<string, Tone> = { present: 'good', missing: 'warn', failing: 'bad', unknown: 'calm' };

const kChangeTone: Record<string, Tone> = {
  agent_silent: 'warn',
  register_absent: 'bad',
  register_blocked: 'critical',
  paper_absent: 'bad',
  cover_open: 'warn',
  sd_card_missing: 'warn',
  sd_card_failing: 'bad',
};

export function changeTone({ what, value }: Pick<StatusChange, 'what' | 'value'>): Tone {
  return kChangeTone[`${what}_${value}`] ?? (what === 'fn' || what === 'firmware' ? 'calm' : 'good');
}

export function changeText({ what, value }: Pick<StatusChange, 'what' | 'value'>, { t }: Pick<I18n, 't'>): string {
  const key = what === 'fn' || what === 'firmware' ? `change_${what}` : `change_${what}_${value}`;
  return hasKey(key) ? t(key, { value }) : `${what}: ${value}`;
}

/** How things stood when the cabinet first looked is news only where something was wrong. */
export function isNews(change: StatusChange): boolean {
  return change.was !== null || !['good', 'calm'].includes(changeTone(change));
}

/** A receipt's time may differ from the true one by no more than a few minutes before it is worth a word. */
export function clockTone(driftSeconds: number | null): Tone {
  if (driftSeconds === null) return 'calm';
  const abs = Math.abs(driftSeconds);
  if (abs < 120) return 'good';
  return abs < 300 ? 'notice' : 'warn';
}

export function missingCount(register: Pick<Register, 'completeness'>): number {
  const { documents_expected, documents_received } = register.completeness;
  return Math.max(0, documents_expected - documents_received);
}

/** What keeps a register's sums of a period from being whole, one line each; none: they are whole. */
export function holesOf(entry: PeriodCompleteness, { t, n, num }: I18n): string[] {
  const lines: string[] = [];
  if (entry.missing > 0) lines.push(n('period_missing', entry.missing));
  const maybe = entry.missing_at_most - entry.missing;
  if (maybe > 0) lines.push(entry.missing > 0 ? t('period_maybe_more', { n: num(maybe) }) : n('period_maybe', maybe));
  if (entry.silent) {
    lines.push(entry.silent_since ? t('period_silent', { at: wallDateTime(entry.silent_since) }) : t('period_never_heard'));
  }
  return lines;
}

export function typeKey(type: number): Key | null {
  const key = `type_${type}`;
  return hasKey(key) ? key : null;
}

export function operationTone(operation: Operation | null): Tone {
  switch (operation) {
    case 'sell_return':
    case 'buy_return':
      return 'warn';
    case 'buy':
      return 'notice';
    default:
      return 'calm';
  }
}

export function documentKey(head: Pick<DocumentHead, 'fn_serial' | 'fd_number'>): string {
  return `${head.fn_serial}:${head.fd_number}`;
}

/** Codes of tag 1199 whose figure is the turnover, since they have no VAT to sum: 0 % and "without VAT". */
export function vatIsTurnover(code: number): boolean {
  return code === 5 || code === 6;
}
