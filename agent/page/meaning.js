// What the agent's words mean to people: one name, one colour, one next step. Pure, so that it is tested without a browser.
import { count, has, language, money, number, t, wall } from './words.js';

const kStateTone = { ready: 'good', busy: 'good', reconciling: 'calm', connecting: 'calm', identifying: 'calm', absent: 'bad', blocked: 'critical' };
const kJobTone = {
  queued: 'calm',
  printing: 'good',
  unknown: 'critical',
  done: 'good',
  refused: 'bad',
  cancelled: 'calm',
  expired: 'warn',
  undecided: 'warn',
};
const kDay = 86_400_000;
const kClockMayDrift = 120; // seconds

const known = (key, otherwise) => (has(key) ? t(key) : otherwise);

export const stateTone = (state) => kStateTone[state] ?? 'calm';
export const stateWords = (state) => known(`state_${state}`, t('state_other', { state }));
export const jobTone = (state) => kJobTone[state] ?? 'calm';
export const jobWords = (state) => known(`job_${state}`, state);

/** What a register is called: as configured, else by its model, else by its port. */
export function nameOf(device) {
  return device.name || device.sample.info.model || device.port || t('device_nameless');
}

/** Cause, cure and the layers' own words of a `trouble` or `waits_for`; null when there is none. */
export function troubleWords(trouble) {
  if (!trouble) return null;
  const russian = language() === 'ru';
  return {
    cause: (russian ? trouble.cause_ru : trouble.cause) ?? trouble.code,
    cure: (russian ? trouble.cure_ru : trouble.cure) ?? '',
    detail: trouble.detail ?? '',
    code: trouble.code,
  };
}

/** What an open job waits for. A held queue and an FN that is gone are not the failures whose names they bear. */
export function waitWords(job) {
  const waits = troubleWords(job.waits_for);
  const held = waits?.code === 'cancelled' && /^paused: ?(.*)$/s.exec(waits.detail);
  if (held) return { ...waits, cause: held[1] ? t('job_paused_because', { reason: held[1] }) : t('job_paused'), cure: t('job_paused_cure'), detail: '' };
  if (job.person_may_decide && waits?.code === 'wrong_device') {
    return { ...waits, cause: t('job_fn_gone', { fn: job.before?.fn_serial ?? '' }), cure: '', detail: '' };
  }
  return waits;
}

function shiftFact({ shift, shift_opened_at: since, status }) {
  const name = t('fact_shift');
  if (status.mode === 'blocked') return { name, tone: 'critical', value: t('mode_blocked'), note: t('mode_blocked_cure') };
  if (status.mode === 'receipt_open') return { name, tone: 'notice', value: t('receipt_open'), note: t('receipt_open_cure') };
  if (!shift) return null;
  const n = shift.shift_number;
  if (shift.open && shift.over_24h) return { name, tone: 'bad', value: t('shift_over', { n }), note: t('shift_over_cure') };
  if (shift.open) return { name, tone: 'good', value: since ? t('shift_open_since', { n, at: wall(since) }) : t('shift_open', { n }) };
  return { name, tone: 'calm', value: n > 0 ? t('shift_closed', { n }) : t('shift_none') };
}

function paperFact({ status }) {
  const name = t('fact_paper');
  if (status.paper === 'absent') return { name, tone: 'bad', value: t('paper_absent'), note: t('paper_absent_cure') };
  if (status.waits_for_continue) return { name, tone: 'bad', value: t('paper_waits'), note: t('paper_waits_cure') };
  if (status.cover === 'open') return { name, tone: 'warn', value: t('cover_open'), note: t('cover_open_cure') };
  return status.paper === 'present' ? { name, tone: 'good', value: t('paper_present') } : null;
}

function fnFact({ fn }, today) {
  if (!fn || !fn.fn_serial) return null;
  const name = t('fact_fn');
  const parts = [fn.fn_serial];
  const notes = [];
  let tone = 'good';
  if (fn.expires_on) {
    const days = Math.floor((Date.parse(fn.expires_on) - Date.parse(today)) / kDay);
    parts.push(days < 0 ? t('fn_expired') : count('fn_days', days));
    if (days <= 30) {
      tone = days <= 3 ? 'critical' : 'warn';
      notes.push(t(days < 0 ? 'fn_expired_cure' : 'fn_soon_cure'));
    }
  }
  parts.push(t('fn_last', { n: number(fn.last_fd_number) }));
  for (let bit = 0; bit < 8; bit += 1) {
    if ((fn.warnings & (1 << bit)) === 0) continue;
    notes.push(t(`fn_warning_${bit}`));
    tone = bit === 0 || bit === 7 || tone === 'critical' ? 'critical' : 'bad';
  }
  return { name, tone, value: parts.join(', '), note: notes.join('; ') };
}

function ofdFact({ ofd, info }, today) {
  const name = t('fact_ofd');
  if (info.warnings?.includes('ofd_needs_vendor_driver')) {
    return { name, tone: 'warn', value: t('ofd_needs_driver'), note: t('ofd_needs_driver_cure') };
  }
  if (!ofd) return null;
  if (ofd.unsent_documents === 0) return { name, tone: 'good', value: t('ofd_all') };
  const since = ofd.first_unsent_at;
  const days = since ? (Date.parse(today) - Date.parse(since.slice(0, 10))) / kDay : 0;
  const tone = days >= 10 ? 'critical' : days >= 3 ? 'bad' : days >= 1 ? 'warn' : 'calm';
  const value = [count('ofd_unsent', ofd.unsent_documents), since ? t('ofd_since', { at: wall(since) }) : ''].filter(Boolean).join(', ');
  return { name, tone, value, note: days >= 1 ? t('ofd_cure') : '' };
}

function clockFact({ clock_drift_s: drift }) {
  if (drift === undefined) return null;
  const name = t('fact_clock');
  if (Math.abs(drift) <= kClockMayDrift) return { name, tone: 'good', value: t('clock_ok') };
  return { name, tone: 'warn', value: t(drift > 0 ? 'clock_ahead' : 'clock_behind', { n: number(Math.abs(drift)) }), note: t('clock_cure') };
}

function cardFact({ sd_card: card }) {
  if (card?.state !== 'missing' && card?.state !== 'failing') return null;
  return { name: t('fact_sd'), tone: card.state === 'failing' ? 'bad' : 'warn', value: t(`sd_${card.state}`), note: t('sd_cure') };
}

/** What is known of a register's health: name, value, tone and, where something is to be done, what. `today`: "2026-03-25". */
export function factsOf(sample, today) {
  const facts = [shiftFact(sample), paperFact(sample), fnFact(sample, today), ofdFact(sample, today), clockFact(sample), cardFact(sample)];
  if (sample.cash_in_drawer !== undefined) facts.push({ name: t('fact_cash'), tone: 'calm', value: money(sample.cash_in_drawer) });
  if (sample.unread_documents > 0) {
    facts.push({ name: t('fact_unread'), tone: 'notice', value: count('unread', sample.unread_documents), note: t('unread_cure') });
  }
  return facts.filter(Boolean);
}

/** "Чек, приход, 25,00 ₽" */
export function whatOf(job) {
  const { operation, correction, sum, fd_number: copied } = job.asked;
  return [
    known(correction ? 'kind_correction' : `kind_${job.kind}`, job.kind),
    operation ? known(`op_${operation}`, operation) : '',
    copied ? t('job_fd', { n: copied }) : '',
    sum === undefined ? '' : money(sum),
  ]
    .filter(Boolean)
    .join(', ');
}

/** "Чай и ещё 2"; empty for what has no positions. */
export function goodsOf({ asked }) {
  if (!asked.first_position) return '';
  if (asked.positions === 1) return asked.first_position;
  return t('job_first_and', { name: asked.first_position, n: asked.positions - 1 });
}

const kWhy = [
  [/^the marker .* is in it$/, 'why_marker'],
  [/^operation, sum and time; its body cannot be had$/, 'why_total'],
  [/^operation, sum, time and what it corrects$/, 'why_correction'],
  [/^operation, sum, time and every position$/, 'why_positions'],
  [/^the only document of its type since$/, 'why_only'],
];
const kSaw = [
  [/^it was under way when the agent stopped$/, () => t('saw_stopped')],
  [/^FN (\S+), last document (\d+), mode \d+$/, ([, fn, fd]) => t('saw_fn', { fn, fd })],
  [/^FN (\S+), last document (\d+), mode \d+, a receipt is open$/, ([, fn, fd]) => t('saw_fn_open', { fn, fd })],
  [/^document (\d+): (.*)$/, ([, fd, why]) => t('saw_document', { fd, why: inWords(kWhy, why) })],
  [/^counter (\d+) -> (\d+)(?:, and another sum in the drawer)?$/, ([, before, after]) => t('saw_counter', { before, after })],
  [/^no counters$/, () => t('saw_no_counters')],
  [/^the register says it is done$/, () => t('saw_says_done')],
  [/^last document in the FN: (\d+)$/, ([, fd]) => t('saw_last', { fd })],
  [/^the register named document (\d+), the FN's last$/, ([, fd]) => t('saw_named', { fd })],
  [/^shift_open: document (\d+)$/, ([, fd]) => t('saw_step_open', { fd })],
  [/^shift_close: document (\d+)$/, ([, fd]) => t('saw_step_close', { fd })],
  [/^its caller may not have it any more$/, () => t('saw_not_allowed')],
  [/^decided by (.*)$/s, ([, words]) => t('saw_decided', { words })],
];
const kConcluded = [
  [/^unknown$/, 'end_unknown'],
  [/^unknown: the FN will be asked$/, 'end_asked'],
  [/^may be done twice without harm$/, 'end_harmless'],
  [/^nobody can be asked; not repeated$/, 'end_nobody'],
  [/^not certainly ours; not repeated$/, 'end_not_certain'],
  [/^not made; nothing is open: safe to repeat$/, 'end_not_made'],
  [/^it was made$/, 'end_made'],
  [/^it was not made$/, 'end_was_not_made'],
  [/^(it was )?done$/, 'end_done'],
  [/^not done: safe to repeat$/, 'end_not_done'],
  [/^refused$/, 'end_refused'],
  [/^refused before anything was sent$/, 'end_refused_before'],
  [/^not begun$/, 'end_not_begun'],
  [/^not readable$/, 'end_not_readable'],
  [/^no document was made$/, 'end_no_document'],
  [/^the shift is ready$/, 'end_shift_ready'],
  [/^certainly not done$/, 'end_certainly_not'],
  [/^given up after (\d+) attempts, none of which had an effect$/, ([, n]) => t('end_given_up', { n })],
  [/^not made; given up after (\d+) attempts$/, ([, n]) => t('end_given_up', { n })],
];

/** The first row that fits; what no row knows is left as the agent wrote it. */
function inWords(rows, text) {
  for (const [form, words] of rows) {
    const found = form.exec(text);
    if (found) return typeof words === 'string' ? t(words) : words(found);
  }
  return text;
}

export const isKnownConclusion = (text) => kConcluded.some(([form]) => form.test(text));

/** An entry of a job's evidence: what was seen, and what was concluded of it. */
export function evidenceWords(entry) {
  if (typeof entry !== 'object' || entry === null) return { at: null, saw: String(entry), concluded: '' };
  // A failure of the line comes with its cause; its own words are for whoever repairs it.
  const cause = language() === 'ru' ? entry.cause_ru : entry.cause;
  return {
    at: entry.at ?? null,
    saw: cause ?? inWords(kSaw, entry.saw ?? ''),
    detail: cause ? entry.saw : '',
    concluded: inWords(kConcluded, entry.concluded ?? ''),
  };
}
