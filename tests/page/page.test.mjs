// The agent's page in a real browser, on a real agent with a virtual register. KB_AGENT_PAGE is what `kktctl page` printed;
// POST KB_SCENE_URL + NAME moves the scene (scripts/web_tests.py): paper-out, paper-in, cut (the power fails as soon as the
// FN has the next document), power (it is back), other-fn (it is back with another FN), away and back (the agent).
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { launch } from '../../cabinet/web/e2e/browser.mjs';

const opened = process.env.KB_AGENT_PAGE;
const scene = process.env.KB_SCENE_URL;
const [base, token] = (opened ?? '').split('#token=');
const kLong = 120_000;

let browser;
let context;
let page;
let complaints;
let keys = 0;

async function ask(what) {
  const response = await fetch(scene + what, { method: 'POST' });
  assert.ok(response.ok, `POST ${what}: ${await response.text()}`);
}

/** The native API itself, past the page. */
async function api(method, path, body) {
  const response = await fetch(`${base}api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': `page test ${process.pid} ${++keys}` },
    body: body && JSON.stringify(body),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.json();
}

const receipt = (name, wait = 0) =>
  api('POST', `/devices/default/jobs?wait=${wait}`, {
    kind: 'receipt',
    operation: 'sell',
    cashier: 'Иванова А.А.',
    items: [{ name, price: '12.50', quantity: 2, vat: 'none' }],
    payments: { electronic: '25.00' },
  });
const jobOf = (id, state) => page.locator(`[data-testid=job][data-id="${id}"]${state ? `[data-state=${state}]` : ''}`);
const part = (name) => page.getByTestId(name);
const open = (name) => page.goto(`${base}#/${name}`);
const wait = (locator, options = {}) => locator.waitFor({ timeout: kLong, ...options });

async function newPage(options = {}, address = opened) {
  await context?.close();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ru-RU', ...options });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) complaints.push(`foreign request: ${request.url()}`);
    if (request.url().includes(token)) complaints.push('the token is in an address that is sent');
  });
  await page.goto(address);
}

async function enter(where = 'devices', options = {}) {
  await newPage(options);
  await wait(page.locator('[data-testid=live][data-state=live]'));
  await open(where);
}

const shot = (name) => (process.env.KB_SHOTS ? page.screenshot({ path: `${process.env.KB_SHOTS}/${name}.png`, fullPage: true }) : undefined);

before(async () => {
  assert.ok(opened && scene && token, 'KB_AGENT_PAGE and KB_SCENE_URL are wanted');
  browser = await launch();
});
after(() => browser?.close());
beforeEach(() => {
  complaints = [];
});

describe('the door', () => {
  it('asks for the key, says how to get it, refuses a wrong one and asks no more in this tab', async () => {
    await newPage({}, base);
    await wait(part('token-form'));
    await page.getByText('kktctl page', { exact: true }).waitFor();
    await shot('login');
    await page.getByRole('button', { name: 'Открыть' }).click();
    await page.getByText('Вставьте ключ').last().waitFor();
    await page.getByLabel('Ключ', { exact: true }).fill('0123456789abcdef');
    await page.getByRole('button', { name: 'Открыть' }).click();
    await page.getByText('Ключ не подошёл').waitFor();
    await page.getByLabel('Ключ', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Открыть' }).click();
    await wait(part('device').first());
    await page.reload();
    await wait(part('device').first());
    await page.getByRole('button', { name: 'Забыть ключ' }).click();
    await page.reload();
    await wait(part('token-form'));
    assert.deepEqual(complaints, []);
  });

  it('is opened by the address that kktctl page prints, which does not stay in the address bar', async () => {
    await newPage();
    await wait(part('device').first());
    assert.ok(!page.url().includes('token'), page.url());
    assert.ok(!(await page.evaluate(() => document.documentElement.outerHTML)).includes(token));
    assert.deepEqual(complaints, []);
  });
});

describe('registers', () => {
  it('are shown with their state, and what is wrong with its cure, as it comes and goes', async () => {
    await enter();
    const card = part('device').first();
    await wait(card.getByText(/^(Готова|Занята)$/));
    await wait(card.getByText('Бумага', { exact: true }));
    await ask('paper-out');
    await wait(card.getByText('Вставьте ленту и закройте крышку'));
    await shot('no-paper');
    await ask('paper-in');
    await wait(card.getByText('Вставьте ленту и закройте крышку'), { state: 'detached' });
    assert.deepEqual(complaints, []);
  });
});

describe('printing', () => {
  it('is paused with a reason, shows what waits and why, and when it goes on a receipt from waiting to done', async () => {
    await enter();
    await page.evaluate(() => (window.notReloaded = true));
    await page.getByRole('button', { name: 'Приостановить' }).click();
    await part('pause-form').getByRole('textbox').fill('меняем ленту');
    await part('form-submit').click();
    await page.getByText('приостановлена: меняем ленту').waitFor();
    assert.equal((await api('GET', '/devices/default/queue')).paused.reason, 'меняем ленту');
    const job = await receipt('Чай');
    assert.equal(job.state, 'queued');
    await open('jobs');
    await wait(jobOf(job.id, 'queued'));
    await wait(part('waiting').getByText('Чек, приход, 25,00'));
    await wait(jobOf(job.id, 'queued').getByText(/меняем ленту/));
    assert.equal(await part('badge').innerText(), '1');
    await shot('waiting');
    await open('devices');
    await page.getByRole('button', { name: 'Продолжить' }).click();
    await open('jobs');
    const done = part('ended').locator(`[data-id="${job.id}"][data-state=done]`);
    await wait(done);
    const { document } = await api('GET', `/jobs/${job.id}`);
    await wait(done.getByText(`ФД № ${document.fd_number}`));
    assert.equal(await page.evaluate(() => window.notReloaded), true);
    await done.locator('summary').click();
    await wait(done.getByText(`ФН ${document.fn_serial}, ФД ${document.fd_number}, ФПД ${document.fiscal_sign}`));
    await shot('done');
    assert.deepEqual(complaints, []);
  });

  it('of a receipt asked for meanwhile is heard of, without anything being pressed', async () => {
    await enter('jobs');
    await wait(part('ended').getByTestId('job').first());
    const job = await receipt('Кофе', 30);
    assert.equal(job.state, 'done');
    await wait(part('ended').locator(`[data-id="${job.id}"][data-state=done]`).getByText('Кофе'));
    assert.deepEqual(complaints, []);
  });

  it('of what waits is cancelled, after a question', async () => {
    await enter('jobs');
    await api('POST', '/devices/default/queue/pause', { reason: 'обед' });
    try {
      const job = await receipt('Сахар');
      await wait(jobOf(job.id, 'queued'));
      page.once('dialog', (dialog) => void dialog.dismiss());
      await jobOf(job.id).getByRole('button', { name: 'Отменить' }).click();
      assert.equal((await api('GET', `/jobs/${job.id}`)).state, 'queued');
      page.once('dialog', (dialog) => void dialog.accept());
      await jobOf(job.id).getByRole('button', { name: 'Отменить' }).click();
      await wait(part('ended').locator(`[data-id="${job.id}"][data-state=cancelled]`));
      assert.equal((await api('GET', `/jobs/${job.id}`)).state, 'cancelled');
    } finally {
      await api('POST', '/devices/default/queue/resume', {});
    }
    await page.getByLabel('Чем кончилось').selectOption('cancelled');
    await wait(part('ended').locator('[data-state=done]').first(), { state: 'detached' });
    await wait(part('ended').locator('[data-state=cancelled]').first());
    assert.deepEqual(complaints, []);
  });

  it('whose outcome is unknown tells what is known, and is left to the FN while it can be asked', async () => {
    await enter('jobs');
    await ask('cut');
    const job = await receipt('Хлеб');
    const card = part('attention').locator(`[data-id="${job.id}"]`);
    await wait(card);
    await wait(card.getByText(/исход неизвестен, агент спросит ФН/));
    await wait(card.getByText('Агент спросит ФН сам'));
    assert.equal(await card.getByRole('button', { name: 'Решить' }).count(), 0);
    await shot('unknown');
    await open('devices');
    await wait(part('device').first().getByText(/^Причина: /));
    await wait(part('device').first().getByText(/^Что делать: /));
    await shot('absent');
    await open('jobs');
    await ask('power');
    const done = part('ended').locator(`[data-id="${job.id}"][data-state=done]`);
    await wait(done);
    await wait(part('attention'), { state: 'hidden' });
    await done.locator('summary').click();
    await wait(done.getByTestId('evidence').getByText(/документ есть/));
    assert.deepEqual(complaints, []);
  });

  it('whose FN is gone is decided by a person, who says who he is and why', async () => {
    await enter('jobs');
    await ask('cut');
    const job = await receipt('Молоко');
    await wait(part('attention').locator(`[data-id="${job.id}"]`));
    await ask('other-fn');
    const card = part('attention').locator(`[data-id="${job.id}"]`);
    await wait(card.getByRole('button', { name: 'Решить' }));
    const { before: held } = await api('GET', `/jobs/${job.id}`);
    await card.getByRole('button', { name: 'Решить' }).click();
    const form = part('decision-form');
    await form.getByText(`с номером больше ${held.last_fd_number}`).waitFor();
    await form.getByRole('button', { name: 'Записать решение' }).click();
    await form.getByText('Выберите, был ли документ').waitFor();
    await form.getByLabel('Документ был').check();
    await form.getByLabel('Номер ФД').fill('не знаю');
    await form.getByRole('button', { name: 'Записать решение' }).click();
    await form.getByText('целое число от 1').waitFor();
    await form.getByLabel('Номер ФД').fill(String(held.last_fd_number + 1));
    await form.getByRole('button', { name: 'Записать решение' }).click();
    await form.getByText('Напишите, кто решает').waitFor();
    await form.getByLabel('Кто решает').fill('Петрова, директор');
    await form.getByLabel('Почему').fill('чек у покупателя');
    await shot('decision');
    assert.equal((await api('GET', `/jobs/${job.id}`)).state, 'unknown');
    await form.getByRole('button', { name: 'Записать решение' }).click();
    const done = part('ended').locator(`[data-id="${job.id}"][data-state=done]`);
    await wait(done);
    const told = await api('GET', `/jobs/${job.id}`);
    assert.deepEqual([told.state, told.document.fn_serial, told.document.fd_number], ['done', held.fn_serial, held.last_fd_number + 1]);
    await done.locator('summary').click();
    await wait(done.getByText('решение человека: Петрова, директор: чек у покупателя'));
    // And printing goes on, in the new FN.
    assert.equal((await receipt('Сыр', 60)).state, 'done');
    assert.deepEqual(complaints, []);
  });
});

describe('the log', () => {
  it('grows while one looks, and is filtered by level and by text', async () => {
    await enter('log');
    const lines = part('log-line');
    await wait(lines.first());
    const job = await receipt('Соль', 30);
    await wait(lines.filter({ hasText: job.id }).first());
    await shot('log');
    await page.getByLabel('Найти в строках').fill(job.id.toUpperCase());
    await page.waitForFunction(
      (id) => [...document.querySelectorAll('[data-testid=log-line]')].every((line) => line.hidden || line.textContent.includes(id)),
      job.id,
    );
    assert.ok((await lines.filter({ visible: true }).count()) > 0);
    await page.getByLabel('Найти в строках').fill('такой строки нет');
    await page.getByText('Таких строк нет').waitFor();
    await page.getByLabel('Найти в строках').fill('');
    await page.getByLabel('Не ниже').selectOption('warning');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-testid=log-line]')].every((line) => line.hidden === ['debug', 'info'].includes(line.dataset.level)),
    );
    assert.deepEqual(complaints, []);
  });
});

describe('the agent', () => {
  it('that is away is told, and what was missed is there when it is back', async () => {
    await enter('jobs');
    await ask('away');
    await wait(part('lost'));
    await shot('lost');
    await ask('back');
    await wait(page.locator('[data-testid=live][data-state=live]'));
    await wait(part('lost'), { state: 'hidden' });
    await wait(part('ended').getByText('Сыр'));
    assert.deepEqual(complaints, []);
  });
});

describe('the page', () => {
  it('speaks English on request, and remembers it', async () => {
    await enter();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Registers' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Registers' }).waitFor();
    await wait(part('device').first().getByText('Printing through the agent'));
  });

  it('is dark where the system is', async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await enter('devices', { colorScheme: 'light' });
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.notEqual(await ground(), light);
    await wait(part('device').first());
    await shot('dark');
  });

  it('has no horizontal scroll on a phone of 360 px', async () => {
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await newPage(phone, base);
    await wait(part('token-form'));
    assert.equal(await overflow(), 0, 'the door');
    await shot('phone-login');
    await enter('devices', phone);
    await wait(part('device').first());
    assert.equal(await overflow(), 0, 'devices');
    await shot('phone-devices');
    await page.getByRole('button', { name: 'Приостановить' }).click();
    assert.equal(await overflow(), 0, 'dialog');
    await part('pause-form').getByRole('button', { name: 'Закрыть' }).click();
    await open('jobs');
    await wait(part('ended').getByTestId('job').first());
    await part('ended').getByTestId('job').first().locator('summary').click();
    assert.equal(await overflow(), 0, 'jobs');
    await shot('phone-jobs');
    await open('log');
    await wait(part('log-line').first());
    assert.equal(await overflow(), 0, 'log');
    await shot('phone-log');
    assert.deepEqual(complaints, []);
  });
});
