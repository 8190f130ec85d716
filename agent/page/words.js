// Which language the page speaks, and how a text is found and filled in. Russian first, English second.
import { en } from './en.js';
import { ru } from './ru.js';

const kBooks = { ru, en };
const kName = 'kb.lang'; // as the cabinet keeps it
const kForms = { ru: ['one', 'few', 'many'], en: ['one', 'other'] };

/** What a browser keeps; one that must not keep anything throws, and then the choice lasts as long as the page. */
export function memory(what) {
  try {
    return what();
  } catch {
    return null;
  }
}

let lang = memory(() => window.localStorage.getItem(kName)) === 'en' ? 'en' : 'ru';

export const language = () => lang;

export function setLanguage(next) {
  lang = next;
  memory(() => window.localStorage.setItem(kName, next));
}

const put = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

export const has = (key) => key in ru;

export const t = (key, values = {}) => put(kBooks[lang][key] ?? key, values);

/** The form that fits `n`: one|few|many in Russian, one|other in English. */
export function count(key, n, values = {}) {
  const forms = kBooks[lang][key].split('|');
  const index = kForms[lang].indexOf(new Intl.PluralRules(lang).select(n));
  return put(forms[index < 0 ? forms.length - 1 : index], { ...values, n: number(n) });
}

export const number = (n) => new Intl.NumberFormat(lang === 'ru' ? 'ru-RU' : 'en-GB').format(n);

/** "25.00" rubles of the API, or kopecks as a number. */
export function money(sum) {
  const rubles = typeof sum === 'number' ? sum / 100 : Number(sum);
  return new Intl.NumberFormat(lang === 'ru' ? 'ru-RU' : 'en-GB', { style: 'currency', currency: 'RUB' }).format(rubles);
}

const kPlaces = { ru: 'ru-RU', en: 'en-GB' };
const pad = (n) => String(n).padStart(2, '0');

/** An instant of the API in this computer's zone: the time, and the day unless it is today. */
export function when(text) {
  const at = new Date(text);
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  if (at.toDateString() === new Date().toDateString()) return time;
  return `${at.toLocaleDateString(kPlaces[lang])} ${time}`;
}

/** A register's own "2026-03-25T10:00:00" has no zone: shown as it is. */
export function wall(text) {
  const [day, time = ''] = text.split('T');
  const [year, month, date] = day.split('-');
  return `${date}.${month}.${year} ${time.slice(0, 5)}`.trim();
}
