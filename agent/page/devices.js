// The registers: how each is, what is wrong with it and what helps, and its print queue.
import { ask } from './api.js';
import { el, field, fill, keep, mark, openForm } from './dom.js';
import { factsOf, nameOf, stateTone, stateWords, troubleWords } from './meaning.js';
import { count, has, t, when } from './words.js';

/** All that a card shows; a card is made anew only when this has changed. */
function viewOf({ device, queue }, today) {
  const { sample } = device;
  const trouble = troubleWords(device.trouble);
  const next = `state_${device.state}_next`;
  const reached = device.state !== 'absent' && device.state !== 'connecting';
  return {
    serial: device.serial,
    port: device.port,
    name: nameOf(device),
    about: [device.name ? sample.info.model : '', device.serial ? t('device_serial', { serial: device.serial }) : '', device.port].filter(Boolean),
    state: device.state,
    trouble,
    next: !trouble && has(next) ? t(next) : '',
    asOf: reached ? '' : when(sample.taken_at),
    known: sample.info.model !== '',
    facts: factsOf(sample, today),
    queue: queue ?? null,
    prints: device.prints || !reached,
    waits: queue?.paused ? null : troubleWords(device.queue_waits_for),
  };
}

function troubleNote({ cause, cure, detail, code }, tone) {
  return el(
    `div.next-step.tone-${tone}`,
    { data: { testid: 'trouble', code } },
    el('p', {}, t('device_cause', { cause })),
    cure && el('p', {}, t('device_cure', { cure })),
    detail && el('details', {}, el('summary.small', {}, t('details')), el('p.small.mono', {}, detail)),
  );
}

function factLine({ name, tone, value, note }) {
  return el(
    `div.fact.tone-${tone}`,
    {},
    el('dt', {}, name),
    el(
      'dd',
      {},
      el('span.fact-value', {}, el('span.mark-dot', { aria: { hidden: 'true' } }), el('span', {}, value)),
      note && el('span.fact-note', {}, note),
    ),
  );
}

function queuePart(view, hooks) {
  const { queue } = view;
  if (!view.prints) return el('p.small.muted', {}, `${t('queue')}: ${t('queue_off')}`);
  if (!queue) return el('p.small.muted', {}, `${t('queue')}: ${view.serial ? t('unknown') : t('queue_no_number')}`);
  const reason = queue.paused?.reason;
  const words = !queue.paused ? t('queue_runs') : reason ? t('queue_paused_because', { reason }) : t('queue_paused');
  const waiting = queue.queued + queue.under_way;
  return el(
    'div.queue',
    { data: { testid: 'queue', paused: String(Boolean(queue.paused)) } },
    el(
      'div.split',
      {},
      el('span', {}, t('queue')),
      mark(queue.paused ? 'warn' : 'good', words),
    ),
    el('p.small.muted', {}, waiting > 0 ? count('queue_waiting', waiting) : t('queue_empty')),
    view.waits && troubleNote(view.waits, 'notice'),
    el(
      'div.buttons',
      {},
      queue.paused
        ? el('button.button', { type: 'button', data: { act: 'resume' }, onclick: () => hooks.resume(view) }, t('queue_resume'))
        : el('button.button', { type: 'button', data: { act: 'pause' }, onclick: () => hooks.pause(view) }, t('queue_pause')),
    ),
  );
}

function card(view, hooks) {
  const tone = stateTone(view.state);
  return el(
    'article.card.register-card',
    { data: { testid: 'device', serial: view.serial, state: view.state } },
    el('header', {}, el('div.split', {}, el('h2', {}, view.name), mark(tone, stateWords(view.state), 'state')), el('p.small.muted.break', {}, view.about.join(' · '))),
    view.trouble && troubleNote(view.trouble, tone === 'good' || tone === 'calm' ? 'warn' : tone),
    view.next && el(`p.next-step.tone-${tone}`, {}, view.next),
    view.known && view.asOf && el('p.small.muted', {}, t('as_of', { at: view.asOf })),
    view.known && el('dl.facts', {}, view.facts.map(factLine)),
    queuePart(view, hooks),
  );
}

/** The page of registers in `place`; `store` is main's, `changed()` asks the agent anew, `complain(failure)` tells people. */
export function devicesPage(place, store, { changed, complain, words }) {
  const list = el('div.cards');
  const empty = el('div');
  fill(place, el('h1', {}, t('devices_title')), empty, list);

  const path = (view) => `/devices/${encodeURIComponent(view.serial)}/queue`;
  const hooks = {
    resume: (view) => ask('POST', `${path(view)}/resume`, {}).then(changed, complain),
    pause(view) {
      const reason = el('input', { type: 'text', maxLength: 200, name: 'reason' });
      openForm({
        title: t('pause_title'),
        testId: 'pause-form',
        body: [el('p.lead', {}, t('pause_lead', { name: view.name })), field(t('pause_reason'), reason)],
        closeWords: t('close'),
        submitWords: t('queue_pause'),
        words,
        submit: () => ask('POST', `${path(view)}/pause`, { reason: reason.value.trim() }).then(changed),
      });
    },
  };

  return function show() {
    empty.hidden = store.devices?.length > 0;
    if (!store.devices) return fill(empty, el('p.muted', {}, t('loading')));
    fill(empty, store.devices.length === 0 && el('div.note.note-empty', {}, el('p.note-title', {}, t('devices_empty')), el('p', {}, t('devices_empty_cure'))));
    const now = new Date();
    const today = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    const views = store.devices.map((one) => viewOf(one, today));
    keep(list, views, (view) => `${view.serial} ${view.port}`, (view) => card(view, hooks));
  };
}
