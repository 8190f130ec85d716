// The agent's log as it grows: by level and by text, newest first, as much of it as the agent itself keeps.
import { ask } from './api.js';
import { el, fill, mark } from './dom.js';
import { count, t, when } from './words.js';

const kLevels = ['debug', 'info', 'warning', 'error'];
const kTone = { debug: 'calm', info: 'good', warning: 'warn', error: 'bad' };
const kMost = 1_000;

function row(line) {
  return el(
    'li.log-line',
    { data: { testid: 'log-line', level: line.level } },
    el('time.mono.small', { dateTime: line.at }, when(line.at)),
    mark(kTone[line.level] ?? 'calm', t(`level_${line.level}`)),
    el(
      'span.break',
      {},
      line.text,
      Object.entries(line.fields).map(([name, value]) => el('span.log-field.mono.small', {}, ` ${name}=`, el('span', {}, value))),
    ),
  );
}

/** The page of the log in `place`. Returns what asks for new lines; call it while the page is in sight. */
export function logPage(place) {
  const rows = []; // newest first: {line, text, element}
  let next = 0;
  let stopped = false;
  let asking = false;
  const level = el('select', { name: 'level' }, kLevels.map((one) => el('option', { value: one, selected: one === 'info' }, t(`level_${one}`))));
  const text = el('input', { type: 'search', name: 'text', autocomplete: 'off' });
  const stop = el('button.button', { type: 'button', data: { act: 'stop' } }, t('log_stop'));
  const missed = el('p.small.muted', { hidden: true });
  const empty = el('p.muted', {}, t('loading'));
  const list = el('ol.log', { data: { testid: 'log' } });
  let missedLines = 0;
  fill(
    place,
    el('h1', {}, t('log_title')),
    el('p.lead', {}, t('log_lead')),
    el(
      'div.filters',
      {},
      el('label.field', {}, el('span.label', {}, t('log_level')), level),
      el('label.field.wide', {}, el('span.label', {}, t('log_text')), text),
      stop,
    ),
    missed,
    empty,
    el('div.card.rows', {}, list),
  );

  const fits = ({ line, text: whole }) => kLevels.indexOf(line.level) >= kLevels.indexOf(level.value) && whole.includes(text.value.trim().toLowerCase());

  function show() {
    let any = false;
    for (const one of rows) {
      one.element.hidden = !fits(one);
      any ||= !one.element.hidden;
    }
    list.parentElement.hidden = !any;
    empty.hidden = any;
    empty.textContent = rows.length === 0 ? t('log_empty') : t('log_none_found');
    missed.hidden = missedLines === 0;
    missed.textContent = count('log_missed', missedLines);
  }

  function take(lines) {
    for (const line of lines) {
      const element = row(line);
      rows.unshift({ line, element, text: element.textContent.toLowerCase() });
      list.prepend(element);
    }
    for (const gone of rows.splice(kMost)) gone.element.remove();
    show();
  }

  level.addEventListener('change', show);
  text.addEventListener('input', show);
  stop.addEventListener('click', () => {
    stopped = !stopped;
    stop.textContent = t(stopped ? 'log_go' : 'log_stop');
    if (!stopped) void more();
  });

  async function more() {
    if (stopped || asking) return;
    asking = true;
    try {
      const answer = await ask('GET', `/log?after=${next}&limit=${kMost}`);
      next = answer.next;
      missedLines += answer.missed;
      take(answer.lines);
    } finally {
      asking = false;
    }
  }
  return more;
}
