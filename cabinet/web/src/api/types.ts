// What the cabinet's web API says, in its own names: docs/cabinet-api.yaml is the contract. null means: not known.

export interface Session {
  user: { email: string; role: string };
  tenant: { name: string };
  csrf: string;
}

export interface MissingRange {
  fn_serial: string;
  from: number;
  to: number;
}

export interface Completeness {
  documents_expected: number;
  documents_received: number;
  full: number;
  short: number;
  complete: boolean;
  missing_ranges: MissingRange[];
}

export interface Firmware {
  version: string;
  build: number;
  date: string | null;
  verdict: 'current' | 'too_old' | 'unknown';
  known_current: string | null;
  cost: string;
  advice: string;
  confidence: 'seen' | 'vendor_code' | 'guess' | null;
  source: string;
}

export interface SdCard {
  verdict: 'present' | 'missing' | 'failing' | 'unknown';
  cost: string;
  total_bytes: number | null;
  free_bytes: number | null;
  io_errors: number;
}

export interface Fn {
  fn_serial: string;
  phase: number;
  last_fd_number: number;
  last_document_at: string | null;
  expires_on: string | null;
  documents_left: number | null;
  warnings: string[];
  serial_production: boolean;
}

export interface Ofd {
  unsent_documents: number;
  first_unsent_fd: number | null;
  first_unsent_at: string | null;
  connected: boolean;
  last_ofd_code: number | null;
  server: string;
}

export interface Shift {
  open: boolean;
  shift_number: number;
  receipt_number: number;
  over_24h: boolean;
  opened_at: string | null;
}

export interface Register {
  kkt_serial: string;
  model: string;
  family: string;
  kkt_reg_number: string;
  inn: string;
  user: string;
  address: string;
  ffd: string;
  agent_id: string;
  agent_hostname: string;
  online: boolean;
  last_seen: string | null;
  sample_at: string | null;
  state: string;
  state_reason: string;
  mode: string;
  paper: 'unknown' | 'present' | 'absent';
  cover: 'unknown' | 'closed' | 'open';
  waits_for_continue: boolean;
  shift: Shift | null;
  fn: Fn | null;
  ofd: Ofd | null;
  clock_drift_s: number | null;
  cash_in_drawer: number | null;
  firmware: Firmware;
  sd_card: SdCard;
  completeness: Completeness;
  last_document: DocumentHead | null;
}

export type CommandKind = 'x_report' | 'close_shift' | 'message' | 'print';

export interface Command {
  id: string;
  /** A CommandKind, or one of a newer cabinet. */
  kind: string;
  args: { text?: string };
  /** sent, taken, done, refused, not_done, expired, unknown, unanswered */
  state: string;
  code: string;
  detail: string;
  sent_by: string;
  sent_at: string;
  expires_at: string;
  taken_at: string | null;
  finished_at: string | null;
  document: { fn_serial: string; fd_number: number; fiscal_sign: number } | null;
}

/** What may be done with a register from afar: permitted by the owner and allowed by the register's configuration. */
export interface Commands {
  permitted: boolean;
  permission_by: string | null;
  permission_at: string | null;
  agent_allows: string[];
  commands: Command[];
}

export interface FnHolding {
  fn_serial: string;
  documents_expected: number;
  documents_received: number;
  full: number;
  short: number;
  first_fd: number | null;
  last_fd: number | null;
  first_at: string | null;
  last_at: string | null;
}

export interface RegisterEvent {
  id: string;
  at: string;
  kind: string;
  severity: 'info' | 'warning' | 'error' | 'critical';
  text: string;
  kkt_serial: string;
  fn_serial: string | null;
  fd_number: number | null;
}

export interface RegisterDetail extends Register {
  fns: FnHolding[];
  events: RegisterEvent[];
}

/** One thing of a register that took another value; `was` is null where nothing was known before. */
export interface StatusChange {
  at: string;
  what: string;
  value: string;
  was: string | null;
}

export type Operation = 'sell' | 'sell_return' | 'buy' | 'buy_return';

export interface Payments {
  cash: number;
  electronic: number;
  advance: number;
  credit: number;
  counter: number;
}

export interface DocumentHead {
  fn_serial: string;
  fd_number: number;
  type: number;
  form: 'full' | 'short';
  datetime: string;
  fiscal_sign: number;
  kkt_serial: string;
  operation: Operation | null;
  total_sum: number | null;
  payments: Payments | null;
  shift_number: number | null;
  receipt_number: number | null;
  cashier: string;
  items_count: number;
  ticket_received: boolean;
  source: 'archive' | 'print';
  read_at: string;
  received_at: string;
  findings_count: number;
}

export interface DocumentPage {
  documents: DocumentHead[];
  next: string | null;
}

export interface Finding {
  check: string;
  severity: 'info' | 'warning' | 'error' | 'critical';
  text: string;
  field: string;
}

export interface DocumentFull {
  head: DocumentHead;
  findings: Finding[];
  json: Record<string, unknown> | null;
  tlv_hex: string;
  qr: string | null;
  paper: string[];
}

export interface VatSum {
  code: number;
  rate: string;
  sum: number;
}

export interface Sums {
  revenue: number;
  sales: number;
  returns: number;
  receipts: number;
  return_receipts: number;
  purchases: number;
  purchase_returns: number;
  correction_receipts: number;
  corrections: number;
  payments: Payments & { unknown: number };
  vat: VatSum[];
}

export interface Bucket extends Sums {
  key: string;
}

export interface PeriodRange extends MissingRange {
  not_before: string | null;
  not_after: string | null;
  certain: boolean;
}

/** Of one register and the asked period only. */
export interface PeriodCompleteness {
  kkt_serial: string;
  model: string;
  missing: number;
  missing_at_most: number;
  silent: boolean;
  silent_since: string | null;
  complete: boolean;
  missing_ranges: PeriodRange[];
}

export interface Totals {
  from: string;
  to: string;
  group: 'day' | 'hour' | 'register';
  total: Sums;
  buckets: Bucket[];
  completeness: PeriodCompleteness[];
}

export interface Agent {
  agent_id: string;
  hostname: string;
  agent_version: string;
  enrolled_at: string;
  last_seen: string | null;
  online: boolean;
  registers: string[];
}

export interface EnrolmentCode {
  code: string;
  expires_at: string;
}

export interface Rejected {
  fn_serial: string | null;
  fd_number: number | null;
  kkt_serial: string | null;
  code: string;
  reason: string;
  rejected_by: 'cabinet' | 'agent';
  first_at: string;
  last_at: string;
  times: number;
}
