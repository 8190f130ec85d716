// Both languages say the same things, in the right number.
import { describe, expect, it } from 'vitest';
import { plural, translate } from '.';
import { en } from './en';
import { ru, type Key } from './ru';

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{\w+\}/g)].map((match) => match[0]))].sort();

describe('dictionaries', () => {
  it('fill the same places in both languages', () => {
    for (const key of Object.keys(ru) as Key[]) expect(placeholders(en[key]), key).toEqual(placeholders(ru[key]));
  });

  it('have three forms in Russian wherever English has two', () => {
    for (const key of Object.keys(ru) as Key[]) {
      const forms = ru[key].split('|').length;
      expect([1, 3], key).toContain(forms);
      expect(en[key].split('|').length, key).toBe(forms === 3 ? 2 : 1);
    }
  });

  it('choose the form by the number', () => {
    expect(plural('ru', 'missing_documents', 1)).toBe('1 документ ещё не получен');
    expect(plural('ru', 'missing_documents', 14)).toBe('14 документов ещё не получено');
    expect(plural('ru', 'missing_documents', 22)).toBe('22 документа ещё не получены');
    expect(plural('en', 'missing_documents', 1)).toBe('1 document not received yet');
  });

  it('leave an unknown place visible instead of blank', () => {
    expect(translate('ru', 'state_other')).toBe('Состояние: {state}');
  });
});
