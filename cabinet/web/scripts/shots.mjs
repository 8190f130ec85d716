// Takes a picture of every page, phone and desk, light and dark, for a person to look at; needs a built dist.
import { mkdirSync } from 'node:fs';
import { kEmail, kPassword, startMock } from '../e2e/mock/server.mjs';
import { launch, login } from '../e2e/browser.mjs';

const out = process.argv[2] ?? 'e2e/out';
const only = process.argv[3];
mkdirSync(out, { recursive: true });
const mock = await startMock();
const browser = await launch();
const pages = [
  ['registers', '#/registers'],
  ['register', '#/registers/00106900000027'],
  ['documents', '#/documents'],
  ['document', '#/documents?doc=9999078900001234:2393'],
  ['short', '#/documents?doc=9999078900005678:400'],
  ['totals-day', '#/totals'],
  ['totals-month', '#/totals?from=2026-11-01&to=2026-11-23'],
  ['connect', '#/connect'],
  ['rejected', '#/rejected'],
];
try {
  for (const [kind, width, height, scheme] of [['phone', 390, 844, 'light'], ['desk', 1440, 900, 'light'], ['dark', 1440, 900, 'dark'], ['dark-phone', 360, 740, 'dark']]) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'ru-RU' });
    const page = await context.newPage();
    await page.goto(mock.url);
    await page.getByLabel('Электронная почта').waitFor();
    if (!only || only === 'login') await page.screenshot({ path: `${out}/${kind}-login.png` });
    await login(page, kEmail, kPassword);
    for (const [name, hash] of pages) {
      if (only && !only.split(',').includes(name)) continue;
      await page.goto(mock.url + hash);
      await page.waitForLoadState('load');
      await page.waitForTimeout(900);
      if (name === 'connect') await page.getByRole('button', { name: 'Создать код' }).click();
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${out}/${kind}-${name}.png` });
    }
    await context.close();
  }
} finally {
  await browser.close();
  await mock.close();
}
