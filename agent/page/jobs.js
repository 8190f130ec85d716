// What the registers were asked to print: what waits for the FN or a person, what waits for its turn, what has ended.
import { ask } from './api.js';
import { openDecision } from './decision.js';
import { el, fill, keep, mark } from './dom.js';
import { evidenceWords, goodsOf, jobTone, jobWords, nameOf, troubleWords, waitWords, whatOf } from './meaning.js';
import { t, when } from './words.js';

const kEnded = ['done', 'refused', 'cancelled', 'expired', 'undecided'];

function evidenceList(job) {
  if (job.evidence.length === 0) return null;
  const entry = (one) => {
    const { at, saw, detail, concluded } = evidenceWords(one);
    const line = [saw, concluded].filter(Boolean).join(' → ');
    return el('li', {}, at && el('time', { dateTime: at }, when(at)), el('span', { title: detail }, line));
  };
  return el('div', { data: { testid: 'evidence' } }, el('p.label', {}, t('job_evidence')), el('ul.events', {}, job.evidence.map(entry)));
}

function facts(job, registerName) {
  const { document: made, before } = job;
  const lines = [
    [t('job_register'), registerName],
    [t('job_cashier'), job.asked.cashier],
    [t('job_document'), made && t('job_document_of', { fn: made.fn_serial, fd: made.fd_number, sign: made.fiscal_sign })],
    [t('job_ofd'), made && t(`ofd_state_${made.ofd}`)],
    [t('job_before'), !made && before && t('job_before_of', { fn: before.fn_serial, fd: before.last_fd_number })],
    [t('job_created'), when(job.created_at)],
    [t('job_updated'), when(job.updated_at)],
    [t('job_expires'), job.state === 'queued' && job.expires_at && when(job.expires_at)],
    [t('job_attempts'), job.attempts > 1 && job.attempts],
    [t('job_caller'), job.caller],
    [t('job_key'), job.key],
    [t('job_id'), job.id],
  ];
  return el('dl.passport', {}, lines.filter(([, value]) => value).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, String(value)))));
}

function reasonNote(words, tone) {
  return el(
    `div.next-step.tone-${tone}`,
    { data: { testid: 'reason', code: words.code } },
    el('p', {}, words.cause),
    words.cure && el('p', {}, words.cure),
    words.detail && el('p.small.muted.break', {}, words.detail),
  );
}

/** Of a person's decision the code is no failure's name: its text is all there is. */
function errorWords(error) {
  const words = troubleWords(error);
  return words && words.cause === words.code ? { ...words, cause: words.detail, detail: '' } : words;
}

function head(job) {
  const number = job.document?.fd_number;
  return [
    el('div.split', {}, el('strong', {}, whatOf(job)), mark(jobTone(job.state), jobWords(job.state), 'job-state')),
    el(
      'p.small.muted.break',
      {},
      [when(job.updated_at), goodsOf(job), number ? t('job_fd', { n: number }) : ''].filter(Boolean).join(' · '),
    ),
  ];
}

function openCard({ job, registerName }, hooks) {
  const unknown = job.state === 'unknown';
  const waits = waitWords(job);
  const evidence = () => evidenceList(job);
  return el(
    'article.card.job',
    { data: { testid: 'job', id: job.id, state: job.state } },
    head(job),
    el('p.small.muted', {}, registerName),
    waits && reasonNote(waits, unknown ? 'bad' : 'notice'),
    unknown && el('p', { data: { testid: 'what-next' } }, t(job.person_may_decide ? 'job_person_may' : 'job_agent_asks')),
    unknown && evidence(),
    el('details', {}, el('summary.small', {}, t('details')), facts(job, registerName), !unknown && evidence()),
    (job.state === 'queued' || job.person_may_decide) &&
      el(
        'div.buttons',
        {},
        job.state === 'queued' &&
          el('button.button', { type: 'button', data: { act: 'cancel' }, onclick: () => hooks.cancel(job) }, t('job_cancel')),
        job.person_may_decide &&
          el('button.button.primary', { type: 'button', data: { act: 'decide' }, onclick: () => hooks.decide(job, evidence()) }, t('job_decide')),
      ),
  );
}

function endedRow({ job, registerName }) {
  const error = errorWords(job.error);
  return el(
    'article.row.job',
    { data: { testid: 'job', id: job.id, state: job.state } },
    el(
      'details',
      {},
      el('summary', {}, el('div.row-head', {}, head(job), error && el('p.small.break', { data: { testid: 'reason' } }, error.cause))),
      error?.cure && el('p', {}, error.cure),
      error?.detail && el('p.small.muted.break', {}, error.detail),
      job.document && !job.document.printed && el('p', {}, t('job_not_printed')),
      facts(job, registerName),
      evidenceList(job),
    ),
  );
}

function select(label, options, value, onchange) {
  const box = el('select', { onchange: () => onchange(box.value) }, options.map(([key, text]) => el('option', { value: key, selected: key === value }, text)));
  return el('label.field', {}, el('span.label', {}, label), box);
}

/** The page of jobs in `place`; hooks as of devicesPage, and `filter()` once the store's filters are others, `more()`. */
export function jobsPage(place, store, { changed, complain, words, filter, more }) {
  const attention = el('div.stack');
  const attentionPart = el('section.stack.attention', { data: { testid: 'attention' } }, el('h2', {}, t('jobs_attention')), el('p.lead', {}, t('jobs_attention_lead')), attention);
  const waiting = el('div.stack');
  const waitingEmpty = el('p.muted', {}, t('jobs_waiting_empty'));
  const filters = el('div.filters');
  const ended = el('div.card.rows');
  const endedEmpty = el('p.muted');
  const moreButton = el('button.button', { type: 'button', onclick: () => more() }, t('jobs_more'));
  fill(
    place,
    el('h1', {}, t('jobs_title')),
    attentionPart,
    el('section.stack', { data: { testid: 'waiting' } }, el('h2', {}, t('jobs_waiting')), waitingEmpty, waiting),
    el('section.stack', { data: { testid: 'ended' } }, el('h2', {}, t('jobs_recent')), filters, endedEmpty, ended, moreButton),
  );

  const hooks = {
    cancel(job) {
      if (window.confirm(t('cancel_sure', { what: whatOf(job) }))) ask('POST', `/jobs/${job.id}/cancel`, {}).then(changed, complain);
    },
    decide: (job, evidence) => openDecision(job, evidence, { changed, words }),
  };
  const registerName = (serial) => {
    const found = store.devices?.find(({ device }) => device.serial === serial);
    const number = t('device_serial', { serial });
    return found ? `${nameOf(found.device)} · ${number}` : number;
  };
  const items = (jobs) => [...jobs.values()].map((job) => ({ job, registerName: registerName(job.device) }));
  const newest = (a, b) => (a.job.created_at < b.job.created_at ? 1 : a.job.created_at > b.job.created_at ? -1 : a.job.id < b.job.id ? 1 : -1);
  let shownFilters = '';

  function showFilters() {
    const serials = (store.devices ?? []).map(({ device }) => device.serial).filter(Boolean);
    const wanted = JSON.stringify([serials, store.filters]);
    if (wanted === shownFilters) return;
    shownFilters = wanted;
    const set = (name) => (value) => {
      store.filters[name] = value;
      filter();
    };
    fill(
      filters,
      select(t('filter_state'), [['', t('all')], ...kEnded.map((state) => [state, jobWords(state)])], store.filters.state, set('state')),
      serials.length > 1 &&
        select(t('filter_device'), [['', t('all')], ...serials.map((serial) => [serial, registerName(serial)])], store.filters.device, set('device')),
    );
  }

  return function show() {
    const open = items(store.open).sort(newest).reverse();
    const unknown = open.filter(({ job }) => job.state === 'unknown');
    const rest = open.filter(({ job }) => job.state !== 'unknown');
    const past = items(store.ended).sort(newest);
    attentionPart.hidden = unknown.length === 0;
    waitingEmpty.hidden = rest.length > 0;
    ended.hidden = past.length === 0;
    endedEmpty.hidden = past.length > 0;
    moreButton.hidden = store.nextBefore === null;
    endedEmpty.textContent = !store.loaded ? t('loading') : store.filters.state || store.filters.device ? t('jobs_none_found') : t('jobs_recent_empty');
    showFilters();
    keep(attention, unknown, ({ job }) => job.id, (item) => openCard(item, hooks));
    keep(waiting, rest, ({ job }) => job.id, (item) => openCard(item, hooks));
    keep(ended, past, ({ job }) => job.id, endedRow);
  };
}
