// What the owner is told of a register: causes kept apart, alarms at the right day.
import { describe, expect, it } from 'vitest';
import type { Fn, Ofd, PeriodCompleteness } from './api/types';
import { changeText, changeTone, fnPercentFull, fnTone, holesOf, isNews, kOfdTone, ofdAge, ofdStep, ofdTone, shownState } from './domain';
import { speak } from './i18n';

const now = Date.parse('2024-03-01T10:00:00Z');
const fn: Fn = {
  fn_serial: '9999078900001234',
  phase: 3,
  last_fd_number: 1000,
  last_document_at: null,
  expires_on: '2025-03-01',
  documents_left: 229000,
  warnings: [],
  serial_production: true,
};
const ofd: Ofd = {
  unsent_documents: 2,
  first_unsent_fd: 1,
  first_unsent_at: '2024-02-20T10:00:00',
  connected: false,
  last_ofd_code: null,
  server: '',
};

describe('the shown state', () => {
  it('is the agent’s last word while the agent is there', () => {
    expect(shownState({ state: 'blocked', online: true, sample_at: '2024-03-01T09:59:00Z' }, now)).toBe('blocked');
  });

  it('tells a register that is off from an agent that fell silent', () => {
    expect(shownState({ state: 'absent', online: false, sample_at: '2024-03-01T09:58:00Z' }, now)).toBe('absent');
    expect(shownState({ state: 'absent', online: false, sample_at: '2024-03-01T08:00:00Z' }, now)).toBe('agent_away');
    expect(shownState({ state: 'ready', online: false, sample_at: '2024-03-01T09:58:00Z' }, now)).toBe('agent_away');
  });

  it('is unknown before the first sample', () => {
    expect(shownState({ state: 'unknown', online: false, sample_at: null }, now)).toBe('unknown');
  });
});

describe('the OFD alarm', () => {
  it('steps at 1, 3, 10 and 25 days', () => {
    expect([0, 1, 2, 3, 9, 10, 24, 25, 40].map(ofdStep)).toEqual([0, 1, 1, 3, 3, 10, 10, 25, 25]);
    expect(new Set(Object.values(kOfdTone)).size).toBe(5);
  });

  it('counts from the oldest unsent document and is silent when all is sent', () => {
    expect(ofdAge(ofd, '2024-03-01T10:00:00')).toBe(10);
    expect(ofdTone(ofd, '2024-03-01T10:00:00')).toBe('bad');
    expect(ofdTone({ ...ofd, unsent_documents: 0 }, '2024-03-01T10:00:00')).toBe('good');
  });
});

describe('the FN', () => {
  it('is judged by the worst of its days, its room and its own flags', () => {
    expect(fnTone(fn, '2024-03-01')).toBe('good');
    expect(fnTone(fn, '2025-02-10')).toBe('bad');
    expect(fnTone(fn, '2025-02-27')).toBe('critical');
    expect(fnTone({ ...fn, warnings: ['replace_urgently'] }, '2024-03-01')).toBe('critical');
    expect(fnTone({ ...fn, last_fd_number: 220000, documents_left: 10000 }, '2024-03-01')).toBe('bad');
  });

  it('says how full it is only when the device told', () => {
    expect(fnPercentFull({ last_fd_number: 115000, documents_left: 115000 })).toBe(50);
    expect(fnPercentFull({ last_fd_number: 5, documents_left: null })).toBeNull();
  });
});

describe('what a period lacks', () => {
  const whole: PeriodCompleteness = {
    kkt_serial: '1',
    model: '',
    missing: 0,
    missing_at_most: 0,
    silent: false,
    silent_since: null,
    complete: true,
    missing_ranges: [],
  };
  const told = (change: Partial<PeriodCompleteness>) => holesOf({ ...whole, ...change }, speak('ru'));

  it('is nothing when it is whole', () => {
    expect(told({})).toEqual([]);
  });

  it('keeps what is certain apart from what may be', () => {
    expect(told({ missing: 2, missing_at_most: 2 })).toEqual(['не получены 2 документа этого периода']);
    expect(told({ missing_at_most: 1 })).toEqual(['не получен 1 документ, возможно, этого периода']);
    expect(told({ missing: 5, missing_at_most: 8 })).toEqual([
      'не получено 5 документов этого периода',
      'и ещё 3 — возможно, тоже',
    ]);
  });

  it('says since when a register is silent, or that it was never heard', () => {
    expect(told({ silent: true, silent_since: '2024-03-01T12:40:00' })).toEqual([
      'нет связи с 01.03.2024 12:40: после этого могли быть продажи',
    ]);
    expect(told({ silent: true })).toHaveLength(1);
  });
});

describe('what changed', () => {
  const at = '2024-03-01T07:00:00.000Z';

  it('has a text and a tone for each thing, and says strange ones as they are', () => {
    const paper = { at, what: 'paper', value: 'absent', was: 'present' };
    expect(changeText(paper, speak('ru'))).toBe('Кончилась бумага');
    expect(changeTone(paper)).toBe('bad');
    const fn = { at, what: 'fn', value: '9999078900001234', was: null };
    expect(changeText(fn, speak('ru'))).toBe('ФН № 9999078900001234');
    expect(changeText({ what: 'moon', value: 'full' }, speak('ru'))).toBe('moon: full');
  });

  it('is news when it changed, or was bad from the first look', () => {
    expect(isNews({ at, what: 'paper', value: 'present', was: null })).toBe(false);
    expect(isNews({ at, what: 'paper', value: 'absent', was: null })).toBe(true);
    expect(isNews({ at, what: 'paper', value: 'present', was: 'absent' })).toBe(true);
  });
});
