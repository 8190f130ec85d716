// What is known of a register's health, as lines of name, value and, where it matters, cost or cure.
import type { ReactNode } from 'react';
import type { Firmware, Fn, Ofd, Register, SdCard } from '../api/types';
import {
  clockTone,
  fnDaysLeft,
  fnPercentFull,
  fnTone,
  fnWarningKey,
  kFirmwareTone,
  kSdTone,
  missingCount,
  ofdAge,
  ofdStep,
  ofdTone,
  shownState,
  stateKey,
  stateNextKey,
  stateTone,
  type Tone,
} from '../domain';
import { instantWall, nowWall, span, todayWall, wallDate, wallDateTime, wallTime } from '../format/time';
import { useI18n, type I18n } from '../i18n';
import { Mark, useNow } from './Bits';
import { MissingRanges } from './MissingRanges';

export interface Fact {
  name: string;
  tone: Tone;
  value: ReactNode;
  /** Why it matters or what to do; shown only when the tone asks for it. */
  note?: string | null;
}

export function StateMark({ register }: { register: Register }) {
  const { t } = useI18n();
  const state = shownState(register, useNow(30_000));
  const key = stateKey(state);
  return <Mark tone={stateTone(state)}>{key ? t(key) : t('state_other', { state })}</Mark>;
}

export function NextStep({ register }: { register: Register }) {
  const { t } = useI18n();
  const state = shownState(register, useNow(30_000));
  const key = stateNextKey(state);
  const text = key ? t(key) : '';
  if (!text || state === 'busy') return null;
  const reason = state === register.state && register.state_reason;
  return (
    <p className={`next-step tone-${stateTone(state)}`}>
      {text}
      {reason && <span className="muted"> {t('state_reason', { reason })}</span>}
    </p>
  );
}

function bytes(n: number, { num }: I18n): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${num(Math.round(value * 10) / 10)}\u00a0${units[unit] ?? ''}`;
}

function shiftFact(register: Register, { t }: I18n): Fact {
  const name = t('fact_shift');
  const { shift } = register;
  if (!shift) return { name, tone: 'calm', value: t('unknown') };
  if (shift.open && shift.over_24h) {
    return { name, tone: 'bad', value: t('fact_shift_over', { n: shift.shift_number }), note: t('fact_shift_over_cure') };
  }
  if (shift.open) {
    const at = shift.opened_at;
    const sameDay = at?.startsWith(todayWall());
    const since = at ? ` ${t('fact_shift_since', { at: sameDay ? wallTime(at) : wallDateTime(at) })}` : '';
    return { name, tone: 'good', value: t('fact_shift_open', { n: shift.shift_number }) + since };
  }
  const value = shift.shift_number > 0 ? t('fact_shift_closed', { n: shift.shift_number }) : t('fact_shift_none');
  return { name, tone: 'calm', value };
}

function completenessFact(register: Register, { t, n, num }: I18n): Fact {
  const name = t('fact_documents');
  const { documents_expected, missing_ranges, short } = register.completeness;
  if (documents_expected === 0) return { name, tone: 'calm', value: t('no_documents_yet') };
  const missing = missingCount(register);
  if (missing > 0) {
    const value = (
      <>
        <span data-testid="missing">{n('fact_missing', missing)}</span> <MissingRanges ranges={missing_ranges} />
      </>
    );
    return { name, tone: 'warn', value, note: t('missing_cure') };
  }
  const note = short > 0 ? n('fact_short', short) : null;
  return { name, tone: 'good', value: t('fact_complete', { n: num(documents_expected) }), note };
}

function firmwareFact(firmware: Firmware, { t }: I18n): Fact {
  const version = [firmware.version, firmware.build ? t('firmware_build', { build: firmware.build }) : '']
    .filter(Boolean)
    .join(', ');
  const verdict = t(`firmware_${firmware.verdict}`);
  return {
    name: t('fact_firmware'),
    tone: kFirmwareTone[firmware.verdict] ?? 'calm',
    value: version ? `${version}: ${verdict}` : verdict,
    note: firmwareNote(firmware, t),
  };
}

/** What it costs or what to do, and how sure the book of models is of it. */
function firmwareNote({ verdict, cost, advice, confidence }: Firmware, t: I18n['t']): string | null {
  if (verdict === 'unknown') return advice || null;
  const sure = confidence ? t(`firmware_by_${confidence}`) : '';
  return [cost ? t('costs', { cost }) : '', sure].filter(Boolean).join(' ') || null;
}

function sdFact(sd: SdCard, i18n: I18n): Fact {
  const { t, n } = i18n;
  const parts = [t(`sd_${sd.verdict}`)];
  if (sd.free_bytes !== null && sd.total_bytes) {
    parts.push(t('sd_free', { free: bytes(sd.free_bytes, i18n), total: bytes(sd.total_bytes, i18n) }));
  }
  if (sd.io_errors > 0) parts.push(n('sd_errors', sd.io_errors));
  return {
    name: t('fact_sd'),
    tone: kSdTone[sd.verdict] ?? 'calm',
    value: parts.join(', '),
    note: sd.cost ? t('costs', { cost: sd.cost }) : null,
  };
}

function fnFact(fn: Fn | null, { t, n }: I18n): Fact {
  const name = t('fact_fn');
  if (!fn) return { name, tone: 'calm', value: t('unknown') };
  const today = todayWall();
  const days = fnDaysLeft(fn, today);
  const full = fnPercentFull(fn);
  const parts = [
    days === null ? '' : days < 0 ? t('fn_expired') : n('fn_days_left', days),
    full === null ? '' : t('fn_full', { n: full < 1 ? '<\u00a01' : full }),
  ].filter(Boolean);
  const warnings = fn.warnings.map((warning) => {
    const key = fnWarningKey(warning);
    return key ? t(key) : warning;
  });
  return {
    name,
    tone: fnTone(fn, today),
    value: parts.length > 0 ? parts.join(', ') : t('unknown'),
    note: warnings.length > 0 ? warnings.join('; ') : null,
  };
}

function ofdFact(ofd: Ofd | null, { t, n }: I18n): Fact {
  const name = t('fact_ofd');
  if (!ofd) return { name, tone: 'calm', value: t('unknown') };
  if (ofd.unsent_documents === 0) return { name, tone: 'good', value: t('ofd_all_sent') };
  const now = nowWall();
  const age = ofdAge(ofd, now);
  const parts = [n('ofd_unsent', ofd.unsent_documents)];
  if (age !== null) parts.push(age === 0 ? t('ofd_oldest_today') : n('ofd_oldest', age));
  const step = ofdStep(age ?? 0);
  return { name, tone: ofdTone(ofd, now), value: parts.join(', '), note: step === 0 ? null : t(`ofd_alarm_${step}`) };
}

function paperFact(register: Register, { t }: I18n): Fact {
  const name = t('fact_paper');
  const open = register.cover === 'open';
  if (register.paper === 'absent' || open) {
    const value = [register.paper === 'absent' ? t('paper_absent') : '', open ? t('cover_open') : ''];
    return { name, tone: 'bad', value: value.filter(Boolean).join(', '), note: t('paper_absent_cure') };
  }
  if (register.waits_for_continue) {
    return { name, tone: 'warn', value: t('paper_waits'), note: t('paper_waits_cure') };
  }
  return register.paper === 'present'
    ? { name, tone: 'good', value: t('paper_present') }
    : { name, tone: 'calm', value: t('unknown') };
}

function clockFact(drift: number | null, { t, lang }: I18n): Fact {
  const name = t('fact_clock');
  const tone = clockTone(drift);
  if (drift === null) return { name, tone, value: t('unknown') };
  if (tone === 'good') return { name, tone, value: t('clock_ok') };
  return { name, tone, value: t('clock_drift', { span: span(drift, lang) }), note: t('clock_cure') };
}

export function registerFacts(register: Register, i18n: I18n): Fact[] {
  return [
    shiftFact(register, i18n),
    completenessFact(register, i18n),
    ofdFact(register.ofd, i18n),
    fnFact(register.fn, i18n),
    firmwareFact(register.firmware, i18n),
    sdFact(register.sd_card, i18n),
    paperFact(register, i18n),
    clockFact(register.clock_drift_s, i18n),
  ];
}

export function FactList({ facts, always = false }: { facts: Fact[]; always?: boolean }) {
  return (
    <dl className="facts">
      {facts.map(({ name, tone, value, note }) => (
        <div key={name} className={`fact tone-${tone}`}>
          <dt>{name}</dt>
          <dd>
            <span className="fact-value">
              <span className="mark-dot" aria-hidden="true" />
              <span>{value}</span>
            </span>
            {note && (always || !['good', 'calm'].includes(tone)) && <span className="fact-note">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function passportRows(register: Register, { t, num }: I18n): [string, ReactNode][] {
  const { fn, firmware } = register;
  const phase = fn ? (`fn_phase_${fn.phase}` as const) : null;
  const rows: [string, ReactNode][] = [
    [t('fact_model'), register.model],
    [t('fact_serial'), register.kkt_serial],
    [t('fact_reg_number'), register.kkt_reg_number],
    [t('fact_user'), register.user],
    [t('fact_inn'), register.inn],
    [t('fact_address'), register.address],
    [t('fact_ffd'), register.ffd],
    [
      t('fact_firmware'),
      [
        firmware.version,
        firmware.build ? t('firmware_build', { build: firmware.build }) : '',
        firmware.date ? wallDate(firmware.date) : '',
        firmware.known_current ? t('firmware_known', { version: wallDate(firmware.known_current) }) : '',
      ]
        .filter(Boolean)
        .join(', '),
    ],
    [t('firmware_source'), firmware.source],
    [t('fn_serial'), fn?.fn_serial ?? ''],
    [t('fn_phase'), phase && isPhase(phase) ? t(phase) : ''],
    [t('fn_expires_on'), fn?.expires_on ? wallDate(fn.expires_on) : ''],
    [t('fn_last'), fn && fn.last_fd_number > 0 ? num(fn.last_fd_number) : ''],
    [t('ofd_server'), register.ofd?.server ?? ''],
    [t('agent_host'), register.agent_hostname],
    [t('sample_at'), wallDateTime(instantWall(register.sample_at), true)],
  ];
  return rows.filter(([, value]) => value !== '' && value !== '—');
}

const kPhases = ['fn_phase_0', 'fn_phase_1', 'fn_phase_3', 'fn_phase_7', 'fn_phase_15'] as const;

function isPhase(key: string): key is (typeof kPhases)[number] {
  return kPhases.some((phase) => phase === key);
}
