// What a command to a register means to its owner: its name, how far it is, what became of it. Pure.
import type { Command } from './api/types';
import type { Tone } from './domain';
import { hasKey, type I18n, type Key } from './i18n';

const kTone: Record<string, Tone> = {
  sent: 'calm',
  taken: 'calm',
  done: 'good',
  refused: 'bad',
  not_done: 'bad',
  expired: 'warn',
  unanswered: 'warn',
  unknown: 'critical',
};

export function commandName(kind: string, { t }: Pick<I18n, 't'>): string {
  const key = `command_${kind}`;
  return hasKey(key) ? t(key) : kind;
}

export function commandTone(command: Pick<Command, 'state' | 'code'>): Tone {
  if (command.state === 'taken' && command.code === 'unknown') return 'warn';
  return kTone[command.state] ?? 'calm';
}

/** "X-отчёт: принято компьютером магазина" */
export function commandText(command: Pick<Command, 'kind' | 'state' | 'code'>, i18n: Pick<I18n, 't'>): string {
  const key: string =
    command.state === 'taken' && command.code === 'unknown' ? 'command_state_asking' : `command_state_${command.state}`;
  const state = hasKey(key) ? i18n.t(key) : command.state;
  return `${commandName(command.kind, i18n)}: ${state}`;
}

const kCodeKeys: Record<string, Key> = {
  not_allowed: 'command_code_not_allowed',
  withdrawn: 'command_code_withdrawn',
};

/** Why it ended so, where there is something to say. */
export function commandReason(command: Pick<Command, 'state' | 'code' | 'detail'>, { t }: Pick<I18n, 't'>): string {
  if (command.state === 'unanswered') return t('command_unanswered_more');
  if (command.state === 'expired') return t('command_expired_more');
  const known = kCodeKeys[command.code];
  return known ? t(known) : command.detail;
}

/** More is to be heard of it. */
export function isOpen(command: Pick<Command, 'state'>): boolean {
  return ['sent', 'taken', 'unanswered'].includes(command.state);
}

/** A key of its own for each command; crypto.randomUUID is not there on plain HTTP. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
