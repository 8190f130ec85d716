// What an owner is told of his commands: one word for each state, and never "not done" where nobody knows.
import { describe, expect, it } from 'vitest';
import { commandReason, commandText, commandTone, isOpen, newKey } from './commands';
import { speak } from './i18n';

const ru = speak('ru');
const kStates = ['sent', 'taken', 'done', 'refused', 'not_done', 'expired', 'unknown', 'unanswered'];

describe('a command', () => {
  it('says how far it is, in words of its own for each state', () => {
    const texts = kStates.map((state) => commandText({ kind: 'close_shift', state, code: '' }, ru));
    expect(texts[0]).toBe('Закрытие смены: отправлено, касса ещё не взяла');
    expect(new Set(texts).size).toBe(kStates.length);
    for (const lang of ['ru', 'en'] as const) {
      for (const state of kStates) expect(commandText({ kind: 'print', state, code: '' }, speak(lang))).not.toContain('_');
    }
  });

  it('tells a lost line, where the outcome is being found out, from one that waits and one that was refused', () => {
    const asking = { kind: 'close_shift', state: 'taken', code: 'unknown' };
    expect(commandText(asking, ru)).toBe('Закрытие смены: связь с кассой оборвалась, исход выясняется');
    expect(commandTone(asking)).toBe('warn');
    expect(commandTone({ state: 'taken', code: '' })).toBe('calm');
    expect(commandTone({ state: 'refused', code: 'wrong_mode' })).toBe('bad');
    expect(commandTone({ state: 'unknown', code: 'lost' })).toBe('critical');
  });

  it('says why it was refused: our words where we have some, the register’s where not', () => {
    expect(commandReason({ state: 'refused', code: 'not_allowed', detail: 'x' }, ru)).toContain('cabinet_commands');
    expect(commandReason({ state: 'refused', code: 'withdrawn', detail: '' }, ru)).toBe('Вы выключили команды раньше, чем касса её взяла.');
    expect(commandReason({ state: 'refused', code: 'wrong_mode', detail: 'смена закрыта' }, ru)).toBe('смена закрыта');
    expect(commandReason({ state: 'done', code: '', detail: '' }, ru)).toBe('');
  });

  it('of an unknown kind or state of a newer cabinet is shown as it is named', () => {
    expect(commandText({ kind: 'dance', state: 'dancing', code: '' }, ru)).toBe('dance: dancing');
  });

  it('is waited for until its last word', () => {
    expect(kStates.filter((state) => isOpen({ state }))).toEqual(['sent', 'taken', 'unanswered']);
  });

  it('gets a key that no other has', () => {
    const keys = new Set(Array.from({ length: 100 }, newKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});
