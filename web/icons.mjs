// Draws the PNG icons from src/icon.svg with the installed Chromium: node icons.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const drawing = await readFile(new URL('src/icon.svg', import.meta.url), 'utf8');
// A maskable icon and Apple's are cut by the system: square, with the sign well inside.
const square = drawing
  .replace(/ rx="\d+"/, '')
  .replace('<g ', '<g transform="translate(51 51) scale(.8)" ');
const icons = [
  ['icon-180.png', 180, square],
  ['icon-192.png', 192, drawing],
  ['icon-512.png', 512, drawing],
  ['icon-maskable-512.png', 512, square],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const [name, size, svg] of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>*{margin:0;display:block}</style>${svg}`);
  const picture = await page.screenshot({ omitBackground: true });
  await writeFile(new URL(`src/icons/${name}`, import.meta.url), picture);
  await page.close();
}
await browser.close();
