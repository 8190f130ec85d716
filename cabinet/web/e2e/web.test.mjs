// The pages in a real browser. Alone: against the mock cabinet. With KB_CABINET_URL, KB_EMAIL and KB_PASSWORD: against that
// cabinet; POST KB_SCENE_URL + sale, away, back or forget then rings a sale, stops or starts the cabinet or ends all sessions,
// and KB_EMPTY_EMAIL (same password) is an owner without registers. Needs the built dist for the mock.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { launch, login } from './browser.mjs';
import { kEmail, kPassword, startMock } from './mock/server.mjs';

const real = process.env.KB_CABINET_URL;
const email = real ? process.env.KB_EMAIL : kEmail;
const password = real ? process.env.KB_PASSWORD : kPassword;
const scene = process.env.KB_SCENE_URL;
const onRequest = real && !scene ? { skip: 'KB_SCENE_URL is not set' } : {};
const onEmpty = real && !process.env.KB_EMPTY_EMAIL ? { skip: 'KB_EMPTY_EMAIL is not set' } : {};
const kPages = ['registers', 'documents', 'totals', 'connect', 'rejected'];

let mock;
let base;
let browser;
let context;
let page;
let complaints;

async function post(url) {
  const response = await fetch(url, { method: 'POST' });
  assert.ok(response.ok, `POST ${url}: ${response.status}`);
  return response.json();
}

const ask = (what) => post(real ? scene + what : `${base}__mock/${what}`);

/** What the API itself says, with the page's session. */
function api(path) {
  return page.evaluate(async (address) => (await fetch(`api/v1${address}`)).json(), path);
}

/** "1 234,50 ₽" as kopecks. */
function kopecks(text) {
  const match = /^(−?)([\d\s]+),(\d\d)\s₽$/u.exec(text.trim());
  assert.ok(match, `not a sum: "${text}"`);
  return Number(match[2].replace(/\s/gu, '') + match[3]) * (match[1] ? -1 : 1);
}

async function sumIn(testId) {
  return kopecks(await page.getByTestId(testId).first().innerText());
}

async function open(hash) {
  await page.goto(`${base}#/${hash}`);
}

/** Local calendar day of the newest document: the register's day, not the test machine's. */
async function newest(query = '') {
  const { documents } = await api(`/documents?limit=1${query}`);
  return documents[0];
}

/** The document with this number once the cabinet has it. */
function arrived(number) {
  return page.evaluate(async (wanted) => {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      const { documents } = await (await fetch('api/v1/documents?limit=20')).json();
      const found = documents.find((document) => document.fd_number === wanted);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    throw new Error(`document ${wanted} did not arrive within 20 s`);
  }, number);
}

async function newPage(options = {}) {
  await context?.close();
  context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'ru-RU',
    ignoreHTTPSErrors: true,
    serviceWorkers: 'block',
    ...options,
  });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) complaints.push(`foreign request: ${url}`);
  });
  await page.goto(base);
}

before(async () => {
  if (real) assert.ok(email && password, 'KB_EMAIL and KB_PASSWORD must be set with KB_CABINET_URL');
  mock = real ? null : await startMock();
  base = real ? real.replace(/\/*$/, '/') : mock.url;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

beforeEach(async () => {
  complaints = [];
  await context?.close();
  context = null;
});

describe('login', () => {
  it('says which field is empty, that the password is wrong, and shows it on request', async () => {
    await newPage();
    await page.getByRole('button', { name: 'Войти' }).click();
    await page.getByText('Введите электронную почту').waitFor();
    await page.getByLabel('Электронная почта').fill(email);
    await page.getByLabel('Пароль', { exact: true }).fill(`${password}-wrong`);
    await page.getByRole('button', { name: 'Войти' }).click();
    await page.getByTestId('login-error').getByText('Почта или пароль не подходят').waitFor();
    const field = page.locator('#password');
    assert.equal(await field.getAttribute('type'), 'password');
    await page.locator('.ant-input-password-icon').click();
    assert.equal(await field.getAttribute('type'), 'text');
    await login(page, email, password);
    await page.getByRole('heading', { name: 'Кассы' }).waitFor();
    assert.deepEqual(complaints, []);
  });
});

describe('pages', () => {
  beforeEach(async () => {
    await newPage();
    await login(page, email, password);
  });

  it('show registers with their live state, completeness and verdicts', async () => {
    const { registers } = await api('/registers');
    assert.ok(registers.length > 0, 'the cabinet knows no register');
    await page.getByTestId('register').nth(registers.length - 1).waitFor();
    for (const register of registers) {
      const card = page.locator(`[data-testid=register][data-serial="${register.kkt_serial}"]`);
      for (const name of ['Смена', 'Полнота', 'ОФД', 'ФН', 'Прошивка', 'Карта памяти', 'Бумага', 'Часы']) {
        assert.equal(await card.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }).count(), 1, name);
      }
    }
    const missing = registers.reduce((n, r) => n + r.completeness.documents_expected - r.completeness.documents_received, 0);
    assert.equal(Number((await page.getByTestId('missing-total').innerText()).replace(/\D/g, '')), missing);
    await open(`registers/${registers[0].kkt_serial}`);
    await page.getByRole('heading', { name: 'Паспорт кассы' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('show a new sale among the documents without a reload', onRequest, async () => {
    await open('documents');
    const rows = page.getByTestId('document');
    await rows.first().waitFor();
    await page.evaluate(() => (window.notReloaded = true));
    const sale = await ask('sale');
    const row = page.locator(`[data-testid=document][data-key$=":${sale.fd_number}"]`).first();
    await row.waitFor({ timeout: 20_000 });
    assert.equal(await row.evaluate((element) => element.classList.contains('doc-new')), true);
    assert.equal(await page.evaluate(() => window.notReloaded), true);
    assert.deepEqual(complaints, []);
  });

  it('open one document with its total, its paper, its QR code, its fields and its bytes', async () => {
    const head = await newest('&type=3');
    assert.ok(head, 'the cabinet holds no receipt');
    await open(`documents?doc=${head.fn_serial}:${head.fd_number}`);
    await page.getByTestId('document-body').waitFor();
    assert.equal(await sumIn('document-total'), head.total_sum);
    const strip = await page.getByTestId('receipt').innerText();
    assert.match(strip, new RegExp(head.fn_serial));
    const qr = page.getByTestId('qr');
    await qr.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => {
      const image = document.querySelector('[data-testid=qr]');
      return image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0;
    });
    await page.getByRole('tab', { name: 'Реквизиты' }).click();
    await page.getByTestId('fields').getByText('fiscalDriveNumber').waitFor();
    await page.getByRole('tab', { name: 'Байты' }).click();
    assert.match(await page.getByTestId('hex').innerText(), /^0000 {2}[0-9A-F]{2} /);
    assert.deepEqual(complaints, []);
  });

  it('filter documents by what the address says and by what is typed', async () => {
    const head = await newest('&type=3');
    await open(`documents?type=3&register=${head.kkt_serial}`);
    await page.getByTestId('document').first().waitFor();
    await page.getByLabel('Товар, кассир, номер ФД').fill(String(head.fd_number));
    await page.waitForFunction((text) => window.location.hash.includes(`text=${text}`), String(head.fd_number));
    const key = `${head.fn_serial}:${head.fd_number}`;
    await page.locator(`[data-testid=document][data-key="${key}"]`).waitFor();
    await page.getByLabel('Товар, кассир, номер ФД').fill('такого товара нет нигде');
    await page.getByText('По этим условиям ничего не нашлось').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('show totals that equal the cabinet’s own, with their completeness', async () => {
    const head = await newest('&type=3');
    const date = head.datetime.slice(0, 10);
    await open(`totals?from=${date}&to=${date}`);
    await page.getByTestId('chart').locator('canvas').waitFor();
    const totals = await api(`/totals?from=${date}&to=${date}&group=day`);
    assert.equal(await sumIn('totals-revenue'), totals.total.revenue);
    assert.equal(await sumIn('totals-sales'), totals.total.sales);
    assert.equal(Number((await page.getByTestId('totals-receipts').innerText()).replace(/\D/g, '')), totals.total.receipts);
    const whole = totals.completeness.every((entry) => entry.complete);
    const statement = await page.getByTestId('completeness').innerText();
    assert.match(statement, whole ? /Итоги полны/ : /Итоги неполны/);
    assert.deepEqual(complaints, []);
  });

  it('raise the totals by exactly the sale just rung', onRequest, async () => {
    const { datetime } = await newest('&type=3');
    const date = datetime.slice(0, 10);
    await open(`totals?from=${date}&to=${date}`);
    await page.getByTestId('totals-revenue').waitFor();
    const before = await sumIn('totals-revenue');
    const sale = await ask('sale');
    const { total_sum: sum, operation } = await arrived(sale.fd_number);
    const after = before + (operation.endsWith('_return') ? -sum : sum);
    await page.waitForFunction(
      (wanted) => document.querySelector('[data-testid=totals-revenue]')?.textContent.replace(/\D/g, '') === wanted,
      String(after),
      { timeout: 10_000 },
    );
    assert.equal(await sumIn('totals-revenue'), after);
  });

  it('list every document set aside with its reason', async () => {
    const { rejected } = await api('/rejected');
    await open('rejected');
    await page.getByRole('heading', { name: 'Отложенные документы' }).waitFor();
    if (rejected.length === 0) await page.getByText('Отложенных документов нет').waitFor();
    for (const [i, { fd_number: number, reason }] of rejected.entries()) {
      const item = page.getByTestId('rejected').nth(i);
      await item.getByText(reason).waitFor();
      await item.getByRole('heading', { name: number === null ? 'Документ без номера' : `ФД ${number}` }).waitFor();
    }
    assert.equal(await page.getByTestId('rejected').count(), rejected.length);
    assert.deepEqual(complaints, []);
  });

  it('show what changed about a register, and why its firmware is judged so', async () => {
    const { registers } = await api('/registers');
    const judged = registers.find((register) => register.firmware.source) ?? registers[0];
    const { changes } = await api(`/registers/${judged.kkt_serial}/history`);
    await open(`registers/${judged.kkt_serial}`);
    await page.getByRole('heading', { name: 'Что менялось' }).waitFor();
    const news = changes.filter((change) => change.was !== null || /absent|missing|failing|open|silent/.test(change.value));
    if (news.length === 0) await page.getByText('ничего не менялось').waitFor();
    else await page.getByTestId('history').locator('li').nth(Math.min(news.length, 8) - 1).waitFor();
    if (judged.firmware.source) await page.getByText(judged.firmware.source).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('send commands to a register only after the owner has switched them on, and say what became of them', async () => {
    const { registers } = await api('/registers');
    const { kkt_serial: serial } = registers[0];
    await open(`registers/${serial}`);
    const card = page.getByTestId('commands');
    await card.getByText('Выключены').waitFor();
    assert.equal(await card.getByRole('button', { name: 'Закрыть смену' }).count(), 0);
    await card.getByRole('switch').click();
    await card.getByText('Включены').waitFor();
    const { agent_allows: allows, permission_by: who } = await api(`/registers/${serial}/commands`);
    assert.equal(who, email);
    if (allows.length === 0) {
      await card.getByText('На кассе не разрешено ни одной команды').waitFor();
    } else {
      await card.getByRole('button', { name: 'Снять X-отчёт' }).click();
      await card.locator('[data-testid=command][data-state=done]', { hasText: 'X-отчёт: выполнено' }).waitFor();
      await card.getByRole('button', { name: 'Закрыть смену' }).click();
      const ask = card.getByTestId('close-shift-ask');
      await ask.getByRole('button', { name: 'Отмена' }).click();
      assert.equal((await api(`/registers/${serial}/commands`)).commands.length, 1, 'cancelled, and sent all the same');
      await card.getByRole('button', { name: 'Закрыть смену' }).click();
      await ask.getByRole('button', { name: 'Да, закрыть смену' }).click();
      const closed = card.locator('[data-testid=command][data-state=done]', { hasText: 'Закрытие смены: выполнено' });
      await closed.getByRole('link', { name: /^ФД \d+$/ }).waitFor();
      await card.getByLabel('Сообщение на чековой ленте').fill('Завтра учёт');
      await card.getByRole('button', { name: 'Напечатать' }).click();
      const refused = card.locator('[data-testid=command][data-state=refused]', { hasText: 'Завтра учёт' });
      await refused.getByText('в кассе нет бумаги').waitFor();
    }
    await card.getByRole('switch').click();
    await card.getByText('Выключены').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('offer no command that the register itself does not allow', async () => {
    const { registers } = await api('/registers');
    let seen = 0;
    for (const { kkt_serial: serial } of registers.slice(0, 3)) {
      const { agent_allows: allows } = await api(`/registers/${serial}/commands`);
      if (allows.length === 0 || allows.includes('close_shift')) continue;
      seen += 1;
      await open(`registers/${serial}`);
      const card = page.getByTestId('commands');
      await card.getByRole('switch').click();
      await card.getByText('не разрешено на кассе').first().waitFor();
      assert.equal(await card.getByRole('button', { name: 'Закрыть смену' }).isDisabled(), true);
      assert.equal(await card.getByRole('button', { name: 'Снять X-отчёт' }).isDisabled(), false);
      await card.getByRole('switch').click();
      await card.getByText('Выключены').waitFor();
    }
    if (!real) assert.equal(seen, 1);
  });

  it('create an enrolment code and put it into the command', async () => {
    await open('connect');
    await page.getByRole('button', { name: 'Создать код' }).click();
    const code = (await page.getByTestId('enrolment-code').innerText()).trim();
    assert.match(code, /^[0-9A-Z-]{6,}$/);
    await page.getByText('Действует ещё').waitFor();
    await page.locator('.command', { hasText: code }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('speak English on request, and remember it', async () => {
    await page.locator('.who').click();
    await page.getByText('English').click();
    await page.getByRole('heading', { name: 'Registers' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Registers' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  });

  it('say that the cabinet is away, and come back by themselves with what was missed', onRequest, async () => {
    await open('documents');
    await page.getByTestId('document').first().waitFor();
    await ask('away');
    await page.getByTestId('lost-banner').waitFor();
    const sale = await ask('sale');
    await ask('back');
    await page.locator('[data-testid=live][data-state=live]').waitFor({ timeout: 40_000 });
    // The agent tries again by itself too, a few seconds later.
    await page.locator(`[data-testid=document][data-key$=":${sale.fd_number}"]`).first().waitFor({ timeout: 40_000 });
    assert.equal(await page.getByTestId('lost-banner').count(), 0);
  });

  it('lead back to login with a word when the session is over', onRequest, async () => {
    await ask('forget');
    await open('rejected');
    await page.getByText('Сеанс закончился, войдите снова').waitFor();
  });

  it('say what to do when there is nothing yet', onEmpty, async () => {
    if (real) {
      await newPage();
      await login(page, process.env.KB_EMPTY_EMAIL, password);
    } else {
      await ask('empty');
      await page.reload();
    }
    try {
      await page.getByText('Касс пока нет').waitFor();
      await open('documents');
      await page.getByText('Документов нет').waitFor();
    } finally {
      if (!real) await ask('filled');
    }
  });

  it('keep the place in a long list while documents arrive above it', onRequest, async () => {
    await open('documents');
    await page.getByTestId('document').first().waitFor();
    await page.locator('.vlist').evaluate((list) => list.scrollTo({ top: 42 * 70 }));
    await page.waitForFunction(() => document.querySelector('.vlist').scrollHeight > 42 * 150);
    const seen = () =>
      page.evaluate(() => {
        const top = document.querySelector('.vlist').getBoundingClientRect().top + 60;
        const rows = [...document.querySelectorAll('[data-testid=document]')];
        return rows.find((row) => row.getBoundingClientRect().top >= top)?.dataset.key;
      });
    const before = await seen();
    await ask('sale');
    await page.getByText('1 новый документ').waitFor();
    assert.equal(await seen(), before);
    assert.ok((await page.getByTestId('document').count()) < 60, 'only the rows in sight are drawn');
  });
});

describe('a phone', () => {
  for (const width of [360, 390]) {
    it(`of ${width} px has no horizontal scroll on any page`, async () => {
      await newPage({ viewport: { width, height: 780 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
      const overflow = () =>
        page.evaluate(() => {
          const boxes = [document.documentElement, document.querySelector('#content'), ...document.querySelectorAll('.scroll-x')].filter(Boolean);
          return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
        });
      await page.getByLabel('Электронная почта').waitFor();
      assert.equal(await overflow(), 0, 'login');
      await login(page, email, password);
      const head = await newest('&type=3');
      const { registers } = await api('/registers');
      const places = [...kPages, `registers/${registers[0].kkt_serial}`, `documents?doc=${head.fn_serial}:${head.fd_number}`];
      for (const place of places) {
        await open(place);
        await page.locator('h1').first().waitFor();
        await page.waitForLoadState('networkidle', { timeout: 2_000 }).catch(() => undefined); // SSE never idles
        assert.equal(await overflow(), 0, place);
      }
      await open(`registers/${registers[0].kkt_serial}`);
      const card = page.getByTestId('commands');
      await card.getByRole('switch').click();
      await card.getByText('Включены').waitFor();
      const close = card.getByRole('button', { name: 'Закрыть смену' });
      if ((await close.count()) > 0) {
        await close.click();
        await card.getByTestId('close-shift-ask').waitFor();
      }
      assert.equal(await overflow(), 0, 'commands');
      await card.getByRole('switch').click();
      await card.getByText('Выключены').waitFor();
      assert.deepEqual(complaints, []);
    });
  }
});
