// What the page makes of the agent's words, without a browser.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { en } from '../../agent/page/en.js';
import { evidenceWords, factsOf, goodsOf, isKnownConclusion, troubleWords, waitWords, whatOf } from '../../agent/page/meaning.js';
import { ru } from '../../agent/page/ru.js';
import { setLanguage } from '../../agent/page/words.js';

const kRoot = new URL('../../', import.meta.url);
const kHealthy = {
  info: {},
  status: { mode: 'shift_open', paper: 'present', cover: 'closed', waits_for_continue: false },
  shift: { open: true, shift_number: 7, over_24h: false },
  shift_opened_at: '2026-03-25T09:00:00',
  fn: { fn_serial: '9999078900001234', last_fd_number: 163, warnings: 0, expires_on: '2027-03-25' },
  ofd: { unsent_documents: 0 },
  clock_drift_s: 3,
};
const tones = (sample, today = '2026-03-25') => Object.fromEntries(factsOf(sample, today).map(({ name, tone }) => [name, tone]));
const note = (sample, name, today = '2026-03-25') => factsOf(sample, today).find((fact) => fact.name === name)?.note;

describe('texts', () => {
  it('are there in both languages, with the same values to fill in', () => {
    assert.deepEqual(Object.keys(en), Object.keys(ru));
    const values = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    for (const key of Object.keys(ru)) assert.deepEqual(values(en[key]), values(ru[key]), key);
  });
});

describe('a register', () => {
  it('in health has no note', () => {
    assert.deepEqual(factsOf(kHealthy, '2026-03-25').filter(({ note: text }) => text), []);
    assert.deepEqual(new Set(Object.values(tones(kHealthy))), new Set(['good']));
  });

  it('has a cure for each thing that is wrong', () => {
    const sick = (change) => ({ ...kHealthy, ...change });
    const status = (change) => sick({ status: { ...kHealthy.status, ...change } });
    const cases = [
      ['Бумага', status({ paper: 'absent' }), /Вставьте ленту/],
      ['Бумага', status({ waits_for_continue: true }), /продолжить печать/],
      ['Бумага', status({ cover: 'open' }), /Закройте крышку/],
      ['Смена', status({ mode: 'receipt_open' }), /не печатает/],
      ['Смена', status({ mode: 'blocked' }), /ЦТО/],
      ['Смена', sick({ shift: { open: true, shift_number: 7, over_24h: true } }), /смену не закроют/],
      ['ФН', sick({ fn: { ...kHealthy.fn, expires_on: '2026-03-27' } }), /новый ФН/],
      ['ФН', sick({ fn: { ...kHealthy.fn, expires_on: '2026-03-20' } }), /замените/],
      ['ФН', sick({ fn: { ...kHealthy.fn, warnings: 0b1000 } }), /ОФД просрочен/],
      ['ОФД', sick({ ofd: { unsent_documents: 4, first_unsent_at: '2026-03-20T10:00:00' } }), /30 дней/],
      ['Часы', sick({ clock_drift_s: -600 }), /Поправьте часы/],
      ['Карта памяти', sick({ sd_card: { state: 'failing' } }), /Замените карту/],
      ['Журнал', sick({ unread_documents: 5 }), /дочитает/],
    ];
    for (const [name, sample, cure] of cases) {
      assert.match(note(sample, name) ?? '', cure);
      assert.notEqual(tones(sample)[name], 'good', name);
    }
  });

  it('that says nothing of itself gets no facts made up', () => {
    assert.deepEqual(factsOf({ info: {}, status: { mode: 'unknown', paper: 'unknown', cover: 'unknown' } }, '2026-03-25'), []);
  });
});

describe('a job', () => {
  it('is called by what people know of it', () => {
    const job = { kind: 'receipt', asked: { operation: 'sell_return', sum: '25.00', positions: 3, first_position: 'Чай' } };
    assert.match(whatOf(job), /^Чек, возврат прихода, 25,00\s₽$/);
    assert.equal(goodsOf(job), 'Чай и ещё 2');
    assert.equal(whatOf({ kind: 'x_report', asked: {} }), 'X-отчёт');
    assert.equal(whatOf({ kind: 'of_tomorrow', asked: {} }), 'of_tomorrow');
  });

  it('tells its evidence in Russian, whatever the agent may have concluded', () => {
    const folder = new URL('agent/jobs/', kRoot);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.cpp'));
    const texts = sources.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    // The last argument of each evidence(...), numbers put in for what is computed.
    const conclusions = [...texts.matchAll(/[^:]\bevidence\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g)].flatMap(([, call]) => {
      const whole = call.replace(/"\s*\+\s*std::to_string\([^)]*\)\s*\+\s*"/g, '3').replace(/"\s*"/g, (gap) => (gap === '""' ? gap : ''));
      const last = /,\s*"([^"]*)"\s*$/.exec(whole);
      return last ? [last[1]] : [];
    });
    assert.ok(conclusions.length >= 12, `only ${conclusions.length} conclusions found in the sources`);
    for (const text of conclusions) assert.ok(isKnownConclusion(text), `no words for "${text}"`);
  });

  it('tells what was seen', () => {
    const saw = (text) => evidenceWords({ at: '2026-03-25T00:00:00Z', saw: text, concluded: 'it was made' }).saw;
    assert.equal(saw('FN 9999078900001234, last document 163, mode 4'), 'ФН 9999078900001234, последний документ № 163');
    assert.equal(saw('document 164: operation, sum, time and every position'), 'документ № 164: операция, сумма, время и все позиции те же');
    assert.equal(saw('decided by Петрова: чек у покупателя'), 'решение человека: Петрова: чек у покупателя');
    assert.equal(saw('something new'), 'something new');
    const failure = { saw: 'no_answer (unknown): shtrih FF45', concluded: 'unknown: the FN will be asked', cause: 'silent', cause_ru: 'касса молчит' };
    assert.deepEqual(evidenceWords(failure), {
      at: null,
      saw: 'касса молчит',
      detail: 'no_answer (unknown): shtrih FF45',
      concluded: 'исход неизвестен, агент спросит ФН',
    });
  });

  it('that a held queue or a missing FN keeps waiting says so, not what their codes say elsewhere', () => {
    const held = { waits_for: { code: 'cancelled', detail: 'paused: обед', cause_ru: 'действие прервано', cure_ru: 'запустите ещё раз' } };
    assert.match(waitWords(held).cause, /приостановлена: обед$/);
    assert.match(waitWords(held).cure, /«Кассы»/);
    const gone = { person_may_decide: true, before: { fn_serial: '9999078900001234' }, waits_for: { code: 'wrong_device', detail: 'the FN was replaced', cause_ru: 'на порту другое устройство' } };
    assert.match(waitWords(gone).cause, /^ФН 9999078900001234/);
    assert.equal(waitWords({ waits_for: { code: 'no_paper', cause_ru: 'нет бумаги' } }).cause, 'нет бумаги');
    assert.equal(waitWords({ waits_for: null }), null);
  });

  it('has cause and cure in the language of the page', () => {
    const trouble = { code: 'no_paper', detail: 'no paper', cause_ru: 'нет бумаги', cure_ru: 'вставьте', cause: 'out of paper', cure: 'load' };
    assert.equal(troubleWords(trouble).cause, 'нет бумаги');
    setLanguage('en');
    try {
      assert.equal(troubleWords(trouble).cure, 'load');
      assert.equal(troubleWords(null), null);
      assert.equal(troubleWords({ code: 'of_tomorrow', detail: 'd' }).cause, 'of_tomorrow');
    } finally {
      setLanguage('ru');
    }
  });
});
