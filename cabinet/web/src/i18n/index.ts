// Which language the pages speak, and how a text is found and filled in. Russian first, English second.
import { useSyncExternalStore } from 'react';
import { en } from './en';
import { ru, type Key } from './ru';

export type Lang = 'ru' | 'en';
export type { Key } from './ru';
export type Fill = Record<string, string | number>;

const kBooks: Record<Lang, Record<Key, string>> = { ru, en };
const kStorageKey = 'kb.lang';

export function fill(text: string, values: Fill = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

export function translate(lang: Lang, key: Key, values?: Fill): string {
  return fill(kBooks[lang][key], values);
}

const kForms: Record<Lang, readonly Intl.LDMLPluralRule[]> = { ru: ['one', 'few', 'many'], en: ['one', 'other'] };
const kRules: Record<Lang, Intl.PluralRules> = { ru: new Intl.PluralRules('ru'), en: new Intl.PluralRules('en') };
const kNumbers: Record<Lang, Intl.NumberFormat> = {
  ru: new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 3 }),
  en: new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 }),
};

export function formatNumber(lang: Lang, n: number): string {
  return kNumbers[lang].format(n);
}

/** The form of `key` that fits `n`; {n} becomes the grouped number. */
export function plural(lang: Lang, key: Key, n: number, values?: Fill): string {
  const forms = kBooks[lang][key].split('|');
  const index = kForms[lang].indexOf(kRules[lang].select(n));
  const form = forms[index < 0 ? forms.length - 1 : index] ?? forms[forms.length - 1] ?? '';
  return fill(form, { ...values, n: formatNumber(lang, n) });
}

export function hasKey(key: string): key is Key {
  return key in ru;
}

function initial(): Lang {
  try {
    const kept = localStorage.getItem(kStorageKey);
    return kept === 'en' ? 'en' : 'ru';
  } catch {
    return 'ru';
  }
}

let current: Lang | null = null;
const listeners = new Set<() => void>();

export function getLang(): Lang {
  current ??= initial();
  return current;
}

export function setLang(lang: Lang): void {
  current = lang;
  try {
    localStorage.setItem(kStorageKey, lang);
  } catch {
    // A private window may refuse: the choice then lasts as long as the page.
  }
  document.documentElement.lang = lang;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export interface I18n {
  lang: Lang;
  t: (key: Key, values?: Fill) => string;
  n: (key: Key, count: number, values?: Fill) => string;
  num: (value: number) => string;
}

export function speak(lang: Lang): I18n {
  return {
    lang,
    t: (key, values) => translate(lang, key, values),
    n: (key, count, values) => plural(lang, key, count, values),
    num: (value) => formatNumber(lang, value),
  };
}

const kSpeakers: Record<Lang, I18n> = { ru: speak('ru'), en: speak('en') };

export function useI18n(): I18n {
  return kSpeakers[useSyncExternalStore(subscribe, getLang)];
}
