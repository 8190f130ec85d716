// Draws the PNG icons of the PWA from icon.svg with the installed Chromium; run by hand when the drawing changes.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const here = new URL('../public/icons/', import.meta.url);
const svg = readFileSync(new URL('icon.svg', here), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.KB_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const [name, size, scale] of [['icon-192', 192, 1], ['icon-512', 512, 1], ['maskable-512', 512, 0.8]]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const inner = Math.round(size * scale);
    const ground = scale < 1 ? '#0f6b5f' : 'transparent';
    await page.setContent(
      `<body style="margin:0;background:${ground};display:grid;place-items:center;height:100vh">` +
        `<div style="width:${inner}px;height:${inner}px">${svg}</div></body>`,
    );
    await page.screenshot({ path: new URL(`${name}.png`, here).pathname, omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
