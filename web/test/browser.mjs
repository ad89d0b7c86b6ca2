// Chromium with the page in it, and what a person does there.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const screenshots = process.env.R1_SCREENSHOTS ?? path.join(here, '../../build/screenshots');

export const desktop = { viewport: { width: 1280, height: 860 } };
export const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
};

/** `insecure.example` leads to this machine, as a name in a local network would. */
export function launch(options = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--host-resolver-rules=MAP insecure.example 127.0.0.1'],
    ...options,
  });
}

/** A page in a browser profile of its own; `faults` gathers what must not happen on it. */
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({ ...desktop, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/Failed to load resource|net::ERR_/.test(text)) {
      faults.push(`console: ${text}`);
    }
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    const own = url.host === new URL(address).host || ['blob:', 'data:'].includes(url.protocol);
    if (!own) faults.push(`request: ${url}`);
  });
  await page.goto(address);
  await page.locator('.composer').waitFor();
  return { page, context, faults, close: () => context.close() };
}

export async function send(page, question) {
  await page.fill('#question', question);
  await page.click('[aria-label="Send"]');
}

export async function answered(page) {
  await page.waitForFunction(
    () => document.querySelector('.answer') && !document.querySelector('.answer.coming'),
    null,
    { timeout: 60_000 },
  );
}

/** Does what makes the page ask the server, waits for the answer, and gives its element. */
export async function answerTo(page, act) {
  const asking = page.waitForRequest('**/v1/chat/completions');
  await act();
  await asking; // before, an older answer would pass for this one
  await answered(page);
  return page.locator('.answer').last();
}

/** Asks, waits, and gives the answer's element. */
export function ask(page, question) {
  return answerTo(page, () => send(page, question));
}

export async function screenshot(page, name) {
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
}
