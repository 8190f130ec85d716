// The page of the agent on this computer: its door, its frame, and how what is seen is kept true. Jobs come as the agent's
// events; what it tells of no event (registers, what a job waits for) is asked every few seconds while somebody looks.
import { ask, forgetToken, listen, Refusal, setToken, takeToken, whenUnauthorised } from './api.js';
import { devicesPage } from './devices.js';
import { el, fill } from './dom.js';
import { jobsPage } from './jobs.js';
import { logPage } from './log.js';
import { language, number, setLanguage, t } from './words.js';

const kPages = ['devices', 'jobs', 'log'];
const kEvery = 3_000;
const kEndedEvery = 10; // times kEvery: the OFD's progress of what has ended
const kAtOnce = 50;
const kMostOpen = 500;
const kMostEnded = 500;
const kSoon = 300; // ms: what happens at once is asked for once

const store = {
  devices: null, // [{device, queue}]; null: not asked yet
  open: new Map(), // jobs that have not ended, by id
  ended: new Map(),
  filters: { state: '', device: '' },
  nextBefore: null,
  loaded: false,
  live: 'connecting',
};
let life = null; // of everything that goes on behind the door
let lineIsOpen = false; // events come
let shown = null; // {page, show, more}
let frame = null;

// --- what is known -------------------------------------------------------------------------------------------

function words(failure) {
  if (!(failure instanceof Refusal)) throw failure;
  const detail = [failure.field, failure.message].filter(Boolean).join(': ');
  if (failure.code === 'network') return t('error_network');
  if (failure.code === 'conflict') return t('error_conflict', { detail });
  return t(failure.status === 404 ? 'error_not_found' : 'error_other', { detail });
}

const isWanted = (job) => (!store.filters.state || job.state === store.filters.state) && (!store.filters.device || job.device === store.filters.device);

function take(job) {
  if (!job.final) {
    store.open.set(job.id, job);
    return;
  }
  store.open.delete(job.id);
  if (isWanted(job)) store.ended.set(job.id, job);
  if (store.ended.size > kMostEnded) forgetOldest();
}

function forgetOldest() {
  const oldest = [...store.ended.values()].reduce((a, b) => (b.created_at < a.created_at ? b : a));
  store.ended.delete(oldest.id);
  store.nextBefore = null; // what is left out can no longer be told apart from what was never asked for
}

async function askDevices() {
  const { devices } = await ask('GET', '/devices');
  // A journal that cannot be read now must not hide the registers.
  const queueOf = (device) => (device.serial ? ask('GET', `/devices/${encodeURIComponent(device.serial)}/queue`).catch(() => null) : null);
  store.devices = await Promise.all(devices.map(async (device) => ({ device, queue: await queueOf(device) })));
}

async function askOpen() {
  const { jobs } = await ask('GET', `/jobs?state=open&limit=${kMostOpen}`);
  const open = new Set(jobs.map((job) => job.id));
  for (const id of [...store.open.keys()]) if (!open.has(id)) store.open.delete(id);
  jobs.forEach(take);
}

async function askEnded(before = null) {
  const query = new URLSearchParams({ limit: String(kAtOnce) });
  for (const [name, value] of Object.entries(store.filters)) if (value) query.set(name, value);
  if (before !== null) query.set('before', String(before));
  const wanted = JSON.stringify(store.filters);
  const page = await ask('GET', `/jobs?${query}`);
  if (wanted !== JSON.stringify(store.filters)) return; // it was changed meanwhile, and asked again
  page.jobs.forEach(take);
  if (before !== null || !store.loaded) store.nextBefore = page.next_before;
  store.loaded = true;
}

async function refresh(parts) {
  const results = await Promise.allSettled(parts.map((part) => part()));
  const failed = results.find(({ status }) => status === 'rejected')?.reason;
  if (failed && !(failed instanceof Refusal)) throw failed;
  // Who cannot be asked is away, whatever the line of events thinks; and who answers is there without it.
  setLive(failed?.code === 'network' ? 'lost' : lineIsOpen ? 'live' : 'polling');
  show();
}

let soon = null;
function devicesSoon() {
  soon ??= setTimeout(() => {
    soon = null;
    if (life) void refresh([askDevices]);
  }, kSoon);
}

const everything = () => refresh([askDevices, askOpen, askEnded]);

function complain(failure) {
  const text = words(failure);
  fill(frame.notice, el('p.note.note-bad', { role: 'alert', data: { testid: 'notice' } }, text));
  setTimeout(() => frame.notice.replaceChildren(), 8_000);
  void everything();
}

// --- what is seen --------------------------------------------------------------------------------------------

function setLive(state) {
  store.live = state;
  if (!frame) return;
  frame.live.className = `live live-${state}`;
  frame.live.dataset.state = state;
  frame.liveText.textContent = t(`live_${state}`);
  frame.lost.hidden = state !== 'lost';
}

function show() {
  if (!frame || !life) return;
  const waiting = store.open.size;
  frame.badge.hidden = waiting === 0;
  frame.badge.textContent = number(waiting);
  const unknown = [...store.open.values()].some((job) => job.state === 'unknown');
  frame.badge.className = `badge tone-${unknown ? 'critical' : 'calm'}`;
  shown.show?.();
}

function openPage() {
  const page = kPages.find((one) => window.location.hash === `#/${one}`) ?? kPages[0];
  for (const link of frame.links) {
    if (link.dataset.page === page) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const hooks = {
    changed: everything,
    complain,
    words,
    filter() {
      store.ended.clear();
      store.loaded = false;
      store.nextBefore = null;
      show();
      void refresh([askEnded]);
    },
    more: () => refresh([() => askEnded(store.nextBefore)]),
  };
  shown =
    page === 'devices'
      ? { page, show: devicesPage(frame.content, store, hooks) }
      : page === 'jobs'
        ? { page, show: jobsPage(frame.content, store, hooks) }
        : { page, more: logPage(frame.content) };
  show();
  if (shown.more) void refresh([shown.more]);
}

function languageButton(again) {
  const next = language() === 'ru' ? 'en' : 'ru';
  return el(
    'button.quiet',
    {
      type: 'button',
      lang: next,
      onclick() {
        setLanguage(next);
        again();
      },
    },
    t('other_language'),
  );
}

function dress() {
  document.documentElement.lang = language();
  document.title = t('title');
}

function buildFrame() {
  dress();
  const badge = el('span.badge', { hidden: true, data: { testid: 'badge' } });
  const links = kPages.map((page) => el('a', { href: `#/${page}`, data: { page } }, t(`nav_${page}`), page === 'jobs' && badge));
  const liveText = el('span.live-text');
  const live = el('span.live', { role: 'status', data: { testid: 'live' } }, el('span.mark-dot', { aria: { hidden: 'true' } }), liveText);
  const lost = el('div.lost', { hidden: true, role: 'alert', data: { testid: 'lost' } }, el('strong', {}, t('live_lost')), el('span', {}, t('lost_cure')));
  const notice = el('div.notice');
  const content = el('main.page', { id: 'content', tabIndex: -1 });
  frame = { badge, links, live, liveText, lost, notice, content };
  fill(
    document.body,
    el(
      'header.top',
      {},
      el('img.logo', { src: '/page/icon.svg', alt: '', width: 32, height: 32 }),
      el('div.brand', {}, el('strong', {}, 'KKT Bridge'), el('span', {}, t('place'))),
      el('nav.sections', { aria: { label: t('nav') } }, links),
      live,
    ),
    lost,
    notice,
    content,
    el('footer.foot', {}, languageButton(enter), el('button.quiet', { type: 'button', onclick: leave }, t('leave'))),
  );
  setLive(store.live);
}

// --- the door ------------------------------------------------------------------------------------------------

function leave() {
  forgetToken();
  askForToken(false);
}

function askForToken(wasWrong) {
  life?.abort();
  life = null;
  frame = null;
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  dress();
  const input = el('input', { type: 'password', name: 'token', autocomplete: 'off', spellcheck: false });
  const trouble = el('p.trouble', { role: 'alert', hidden: !wasWrong, data: { testid: 'token-error' } }, t('login_wrong'));
  const form = el(
    'form.login-card',
    { noValidate: true, data: { testid: 'token-form' } },
    el('img.logo', { src: '/page/icon.svg', alt: '', width: 40, height: 40 }),
    el('h1', {}, t('login_title')),
    el('p.lead', {}, t('login_lead')),
    el('p', {}, t('login_easy')),
    el('pre.command', {}, 'kktctl page'),
    el('p', {}, t('login_by_hand')),
    el('label.field', {}, el('span.label', {}, t('login_label')), input),
    trouble,
    el('div.buttons', {}, el('button.button.primary', { type: 'submit' }, t('login_submit'))),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.trim() === '') {
      trouble.textContent = t('login_empty');
      trouble.hidden = false;
      return;
    }
    setToken(input.value);
    enter();
  });
  fill(document.body, el('div.login', {}, form, languageButton(() => askForToken(wasWrong))));
  input.focus();
}

/** Everything anew: with another token, or in another language. */
function enter() {
  life?.abort();
  const mine = new AbortController();
  life = mine;
  store.open.clear();
  store.ended.clear();
  store.devices = null;
  store.loaded = false;
  store.nextBefore = null;
  store.live = 'connecting';
  lineIsOpen = false;
  buildFrame();
  openPage();
  void listen(
    mine.signal,
    (job) => {
      take(job);
      show();
      devicesSoon();
    },
    () => {
      lineIsOpen = true;
      void everything();
    },
    () => {
      lineIsOpen = false;
      if (life === mine) void everything();
    },
  );
  void goOn(mine.signal);
}

async function goOn(stop) {
  for (let turn = 1; !stop.aborted; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, kEvery));
    if (stop.aborted || document.hidden) continue;
    const parts = [askDevices, askOpen];
    if (store.live !== 'live' || turn % kEndedEvery === 0) parts.push(() => askEnded());
    if (shown.more) parts.push(shown.more);
    await refresh(parts);
  }
}

whenUnauthorised(() => {
  forgetToken();
  if (frame) askForToken(true);
});
document.addEventListener('visibilitychange', () => {
  if (life && !document.hidden) void everything();
});
window.addEventListener('hashchange', () => {
  if (window.location.hash.startsWith('#token=')) {
    takeToken();
    enter();
  } else if (frame) {
    openPage();
  }
});
if (takeToken()) enter();
else askForToken(false);
