// The page as a person meets it: a real browser, r1 itself, and answers written down beforehand.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { answered, answerTo, ask, launch, openPage, phone, screenshot, send } from './browser.mjs';
import { sampleAnswer, sampleThinking } from './sample.mjs';
import { startR1, startScripted } from './servers.mjs';
import { xssCorpus } from './xss_corpus.mjs';

const program = process.env.R1_PROGRAM;
const model = process.env.R1_MODEL;
const roots = 'What are the roots of x² - 3x + 2?';
const scripts = {
  [roots]: { thinking: sampleThinking, text: sampleAnswer },
  boxed: {
    text: 'It is \\boxed{\\frac{1}{2}}, \\boxed{3 hours and 5 minutes}, \\boxed{A, B}. \\boxed{never closed',
  },
  slow: { thinking: sampleThinking, text: sampleAnswer, wait: 40 },
  long: { text: 'word '.repeat(400), wait: 10 },
  breaks: { text: 'This answer never ends', breakAfter: 3, wait: 10 },
  busy: { status: 429, error: 'too many requests wait', headers: { 'Retry-After': '3' } },
};

let r1;
let scripted;
let browser;
before(async () => {
  r1 = await startR1(program, ['-m', model]);
  scripted = await startScripted(r1, scripts);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await scripted?.stop();
  await r1?.stop();
});

/** A test with a page of its own, on which nothing may go wrong. */
function pageTest(name, options, run) {
  test(name, { timeout: 120_000 }, async () => {
    const opened = await openPage(browser, options.address?.() ?? scripted.address, options);
    try {
      await run(opened.page, opened);
      assert.deepEqual(opened.faults, options.faults ?? []);
    } finally {
      await opened.close();
    }
  });
}

const real = { address: () => r1.address };

pageTest(
  'r1 answers, the conversation outlives a reload, and a question can be edited',
  real,
  async (page) => {
    const answer = await ask(page, 'What is the capital of France? Answer in one sentence.');
    const text = await answer.locator('.markdown').last().innerText();
    assert.match(text, /Paris/);
    assert.match(await answer.locator('.figures').innerText(), /\d+ tokens · [\d.]+ tokens\/s/);
    await page.reload();
    await page.locator('.answer').waitFor();
    assert.equal(await page.locator('.answer .markdown').last().innerText(), text);
    assert.equal(await page.locator('.conversations li').count(), 1);
    await page.hover('.question');
    await page.click('[aria-label="Edit the question"]');
    await page.fill(
      '[aria-label="Edit your question"]',
      'What is the capital of Italy? Answer in one sentence.',
    );
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      document.querySelector('.bubble')?.textContent.includes('Italy'),
    );
    await answered(page);
    assert.match(await page.locator('.answer .markdown').last().innerText(), /Rome|Italy/);
    await page.click('[aria-label="Previous form of the question"]');
    assert.match(await page.locator('.bubble').innerText(), /France/);
  },
);

pageTest('an answer of r1 can be stopped and gone on with', real, async (page) => {
  await send(page, 'Tell a very long story about a dragon, a river and a mountain.');
  await page.waitForFunction(
    () => document.querySelector('.answer > .markdown')?.textContent.length > 40,
  );
  await page.keyboard.press('Escape');
  await answered(page);
  const answer = page.locator('.answer .markdown').last();
  const before = (await answer.innerText()).length;
  assert.match(await page.locator('.note').innerText(), /You stopped the answer/);
  await page.click('text=Go on');
  await page.waitForFunction(
    (length) => document.querySelector('.answer > .markdown').textContent.length > length + 20,
    before,
  );
  await page.click('[aria-label^="Stop the answer"]');
  await answered(page);
});

pageTest(
  'thinking streams into an open panel, folds when the answer begins, and stays out of the next prompt',
  {},
  async (page) => {
    await send(page, 'slow');
    const panel = page.locator('.thinking');
    await page.waitForFunction(() =>
      /^Thinking for \d/.test(document.querySelector('.thinking summary')?.textContent ?? ''),
    );
    assert.equal(await panel.evaluate((details) => details.open), true);
    await screenshot(page, 'thinking');
    await page.waitForFunction(
      () => document.querySelector('.answer > .markdown').textContent.length > 10,
      null,
      { timeout: 30_000 },
    );
    assert.equal(await panel.evaluate((details) => details.open), false);
    assert.match(await panel.locator('summary').innerText(), /^Thought for \d+ seconds$/);
    await panel.locator('summary').click();
    await page.keyboard.press('Escape');
    await answered(page);
    assert.equal(await panel.evaluate((details) => details.open), true);
    assert.match(await panel.innerText(), /discriminant is 9 - 8 = 1/);
    await ask(page, 'and now?');
    const asked = scripted.requests.at(-1).messages;
    assert.deepEqual(
      asked.map(({ role }) => role),
      ['user', 'assistant', 'user'],
    );
    assert.equal(JSON.stringify(asked).includes('discriminant is 9 - 8'), false);
  },
);

pageTest(
  'Markdown, formulas and code are shown as what they are, and prices as prices',
  {},
  async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const answer = await ask(page, roots);
    assert.equal(await answer.locator('h4').innerText(), 'Step by step');
    assert.equal(await answer.locator('table tr').count(), 3);
    assert.equal(await answer.locator('.formula.display .katex').count(), 2); // one is a thought
    assert.ok((await answer.locator('.formula .katex').count()) >= 8);
    assert.equal(await answer.locator('.katex-error, .formula > code').count(), 0);
    assert.match(await answer.innerText(), /it costs \$5 or \$6 to print it/);
    assert.ok((await answer.locator('.code-block .hljs-keyword').count()) >= 3);
    await answer.locator('[aria-label="Copy code"]').click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(copied.startsWith('import math\n\ndef roots('));
    const link = answer.locator('a', { hasText: 'the proof' });
    assert.equal(await link.getAttribute('href'), 'https://example.org/proof');
    assert.match(await link.getAttribute('rel'), /noopener/);
  },
);

pageTest('an answer that is boxed outside of a formula is shown as one', {}, async (page) => {
  const answer = await ask(page, 'boxed');
  const boxes = answer.locator('.formula .katex .boxed, .formula .katex .fbox');
  assert.equal(await boxes.count(), 3);
  assert.match(await answer.locator('.formula').nth(1).innerText(), /3\shours\sand\s5\sminutes/);
  assert.match(await answer.innerText(), /\\boxed\{never closed/);
  assert.equal(await answer.locator('.katex-error, .formula > code').count(), 0);
});

pageTest(
  'text that comes in pieces ends as the same elements as text that came whole',
  {},
  async (page) => {
    const shape = () =>
      page
        .locator('.answer > .markdown')
        .last()
        .evaluate((root) => root.innerHTML.replace(/ open=""/g, ''));
    await ask(page, roots);
    const grown = await shape();
    await page.reload();
    await page.locator('.answer').waitFor();
    assert.equal(await shape(), grown);
  },
);

pageTest('no text of a model runs, loads or leads anywhere', {}, async (page, { faults }) => {
  for (const [i, text] of xssCorpus.entries()) {
    scripts[`xss ${i}`] = { thinking: text, text: `${text}\n\nend`, wait: 0 };
  }
  scripts['xss all'] = { text: xssCorpus.join('\n\n'), wait: 0 };
  for (const [i, text] of [...xssCorpus.entries(), ['all', '']]) {
    await page.evaluate(() => document.querySelector('.new-conversation').click());
    await ask(page, `xss ${i}`);
    const found = await page.locator('.column').evaluate((column) => {
      const bad = [];
      for (const one of column.querySelectorAll('*')) {
        if (
          /^(script|iframe|object|embed|img|video|audio|style|link|meta|base|form|template|input|use|animate)$/i.test(
            one.tagName,
          )
        )
          bad.push(one.tagName);
        for (const { name, value } of one.attributes) {
          if (/^on/i.test(name) || name === 'srcdoc' || name === 'action')
            bad.push(`${one.tagName} ${name}`);
          if (/^(href|src|xlink:href)$/i.test(name) && !/^(https?|mailto):/i.test(value))
            bad.push(`${name}=${value}`);
        }
        if (one.id && one.closest('.markdown')) bad.push(`id=${one.id}`);
      }
      return bad;
    });
    assert.deepEqual(found, [], `xss ${i}: ${text}`);
    assert.equal(await page.evaluate(() => window.hacked), undefined, text);
    assert.deepEqual(faults.splice(0), [], text);
    assert.equal(new URL(page.url()).origin, scripted.address);
  }
  // The same as a question, a title and an imported conversation.
  await ask(page, xssCorpus[3]);
  assert.equal(await page.locator('img').count(), 0);
});

pageTest(
  'settings reach the server, and a key in the address is kept and hidden',
  { faults: [] },
  async (page) => {
    await page.goto(`${scripted.address}/#key=r1-secret`);
    await page.reload();
    assert.equal(new URL(page.url()).hash, '');
    await page.keyboard.press('Control+,');
    await page.fill('label:has-text("Temperature") + input', '0.3');
    await page.fill('label:has-text("Top p") + input', '0.9');
    await page.fill('label:has-text("Longest answer") + input', '77');
    await page.fill('label:has-text("System prompt") + textarea', 'Be brief.');
    await page.selectOption('label:has-text("Thinking") + select', '2048');
    assert.equal(await page.inputValue('.key'), 'r1-secret');
    await page.keyboard.press('Escape');
    await ask(page, 'hello');
    const asked = scripted.requests.at(-1);
    assert.equal(asked.temperature, 0.3);
    assert.equal(asked.top_p, 0.9);
    assert.equal(asked.max_tokens, 77);
    assert.equal(asked.thinking_budget, 2048);
    assert.deepEqual(asked.messages[0], { role: 'system', content: 'Be brief.' });
    await page.click('text=Think first');
    await page.reload();
    await ask(page, 'hello again');
    assert.deepEqual(scripted.requests.at(-1).thinking, { type: 'disabled' });
  },
);

test(
  'a server with a key is asked with it, or the page says that it is missing',
  { timeout: 60_000 },
  async () => {
    const locked = await startR1(program, ['-m', model, '--api-key', 'the-key']);
    const { page, close } = await openPage(browser, locked.address);
    await page.locator('.banner', { hasText: 'wants an API key' }).waitFor();
    await page.click('text=Enter it');
    await page.keyboard.type('the-key');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.locator('.banner').waitFor({ state: 'hidden' });
    await ask(page, 'Say hello.');
    assert.equal(await page.locator('.note.error').count(), 0);
    await close();
    await locked.stop();
  },
);

pageTest('what goes wrong is said, and can be tried again', {}, async (page) => {
  const busy = await ask(page, 'busy');
  assert.match(
    await busy.locator('.note').innerText(),
    /too many requests wait Try again in 3 s\./,
  );
  scripts.busy = { text: 'Now there is time.' };
  await answerTo(page, () => page.click('.note >> text=Try again'));
  assert.match(await page.locator('.answer').last().innerText(), /Now there is time/);
  const broken = await ask(page, 'breaks');
  assert.match(await broken.innerText(), /This answer/);
  assert.match(await broken.locator('.note').innerText(), /The connection broke off/);
  await page.locator('.banner').waitFor({ state: 'hidden' });
  const asking = page.waitForRequest('**/v1/chat/completions');
  await page.click('.note >> text=Go on');
  assert.equal((await asking).postDataJSON().messages.at(-1).prefix, true);
});

pageTest(
  'answers can be asked for again, and go on while another conversation is shown',
  {},
  async (page) => {
    await ask(page, 'first');
    await answerTo(page, () => page.click('[aria-label="Answer again"]'));
    assert.match(await page.locator('.answer .siblings').innerText(), /2\/2/);
    await page.click('.new-conversation');
    await send(page, 'long');
    await page.waitForFunction(
      () => document.querySelector('.answer > .markdown').textContent.length > 40,
    );
    await page.click('.conversations li:nth-child(2) .title');
    assert.match(await page.locator('.bubble').innerText(), /first/);
    await page.locator('.conversations .busy').waitFor();
    await page.click('.conversations li:nth-child(1) .title');
    await answered(page);
    assert.equal(
      (await page.locator('.answer > .markdown').innerText()).trim().split(/\s+/).length,
      400,
    );
    await page.goBack();
    assert.match(await page.locator('.bubble').innerText(), /first/);
  },
);

pageTest(
  'conversations can be exported, deleted, and imported as they were; other files are refused',
  {},
  async (page) => {
    await ask(page, roots);
    const before = await page.locator('.column').innerText();
    await page.keyboard.press('Control+,');
    const downloading = page.waitForEvent('download');
    await page.click('text=Export');
    const file = await (await downloading).path();
    assert.equal(JSON.parse(await readFile(file, 'utf8')).conversations.length, 1);
    await page.click('text=Delete all');
    assert.equal(await page.locator('.conversations li').count(), 0);
    await page.setInputFiles('input[type=file]', {
      name: 'x.json',
      mimeType: 'application/json',
      buffer: Buffer.from(
        '{"format":"r1-conversations","conversations":[{"id":"a","messages":[{"id":"b","parent":"b","role":"user","text":"x"}]}]}',
      ),
    });
    await page
      .locator('.notice', {
        hasText: 'Nothing was imported: conversations[0].messages[0].parent is not there.',
      })
      .waitFor();
    await page.setInputFiles('input[type=file]', file);
    await page.locator('.conversations li').waitFor();
    await page.keyboard.press('Escape');
    await page.click('.conversations .title');
    assert.equal(await page.locator('.column').innerText(), before);
  },
);

pageTest('everything can be done by keyboard', {}, async (page) => {
  await page.keyboard.type('first line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('second line');
  await page.keyboard.press('Enter');
  await answered(page);
  assert.equal(await page.locator('.bubble').innerText(), 'first line\nsecond line');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'question');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.type(' and more');
  await page.keyboard.press('Enter');
  await answered(page);
  assert.match(await page.locator('.bubble').innerText(), /second line and more/);
  await page.keyboard.press('Control+Shift+S');
  assert.equal(await page.locator('.sidebar').isVisible(), false);
  await page.keyboard.press('Control+Shift+S');
  await page.keyboard.press('Control+Shift+O');
  await page.locator('.welcome').waitFor();
  await page.keyboard.type('long');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    () => document.querySelector('.answer > .markdown')?.textContent.length > 20,
  );
  await page.keyboard.press('Escape');
  await answered(page);
  assert.match(await page.locator('[role=status].unseen').innerText(), /^Stopped: word/);
});

pageTest(
  'a conversation is renamed, found by its words, and deleted for good or not',
  {},
  async (page) => {
    await ask(page, 'about herons');
    await page.click('.new-conversation');
    await ask(page, 'about volcanoes');
    await page.click('[aria-label="Rename about volcanoes"]');
    await page.keyboard.type('Fire');
    await page.keyboard.press('Enter');
    await page.fill('[aria-label="Search conversations"]', 'herons');
    assert.deepEqual(await page.locator('.conversations .title').allInnerTexts(), ['about herons']);
    await page.fill('[aria-label="Search conversations"]', '');
    await page.click('[aria-label="Delete Fire"]');
    assert.equal(await page.locator('.conversations li').count(), 1);
    await page.click('text=Undo');
    await page.locator('.page-title', { hasText: 'Fire' }).waitFor();
    assert.equal(await page.locator('.conversations li').count(), 2);
  },
);

pageTest(
  'on a phone nothing is too small, nothing sticks out, and the list is a drawer',
  phone,
  async (page) => {
    const fits = () =>
      page.evaluate(() => {
        const wide = document.documentElement.scrollWidth > innerWidth;
        const small = [...document.querySelectorAll('button, summary, select, input, .composer')]
          .filter(
            (one) => one.checkVisibility() && !one.closest('[inert]') && !one.closest('.unseen'),
          )
          .filter((one) => {
            const { width, height } = one.getBoundingClientRect();
            return height < 43.5 || (width < 39.5 && height < 43.5);
          })
          .map((one) => one.outerHTML.slice(0, 120));
        return { wide, small };
      });
    const good = { wide: false, small: [] };
    assert.deepEqual(await fits(), good);
    await screenshot(page, 'phone-welcome');
    await page.tap('#question');
    await page.keyboard.type('two');
    await page.keyboard.press('Enter'); // makes a new line, as there is no Shift
    await page.keyboard.type('lines');
    await page.tap('[aria-label="Send"]');
    await answered(page);
    assert.equal(await page.locator('.bubble').innerText(), 'two\nlines');
    await ask(page, roots);
    assert.deepEqual(await fits(), good);
    await screenshot(page, 'phone-answer');
    await page.tap('.show-list');
    await page.locator('.sidebar').waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(await fits(), good);
    await screenshot(page, 'phone-drawer');
    await page.mouse.click(370, 400);
    await page.locator('.sidebar').waitFor({ state: 'hidden' });
    await page.tap('.show-list');
    await page.tap('.footer-button');
    await page.waitForTimeout(300);
    assert.deepEqual(await fits(), good);
    await screenshot(page, 'phone-settings');
  },
);

pageTest('the question stays above the keyboard of a phone', phone, async (page) => {
  await ask(page, roots);
  await page.setViewportSize({ width: 390, height: 480 }); // as when a keyboard comes up
  const box = await page.locator('.composer').boundingBox();
  assert.ok(box.y + box.height <= 480 && box.y > 200);
});

pageTest(
  'without the server the page opens, shows what it has and says what is missing',
  {},
  async (page) => {
    const answer = await (await ask(page, roots)).innerText();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await scripted.stop();
    try {
      await page.reload();
      await page
        .locator('.banner', { hasText: 'can’t be reached: you can read, but not ask' })
        .waitFor();
      assert.equal(await page.locator('.answer').innerText(), answer);
      await page.evaluate(() => document.fonts.ready);
      await screenshot(page, 'unreachable');
      const failed = await ask(page, 'Are you there?');
      assert.match(await failed.locator('.note').innerText(), /The server can’t be reached/);
    } finally {
      await scripted.start();
    }
    await page.click('.banner >> text=Try again');
    await page.locator('.banner').waitFor({ state: 'hidden' });
    await answerTo(page, () => page.click('.note >> text=Try again'));
    assert.match(await page.locator('.answer').last().innerText(), /Heard: Are you there\?/);
  },
);

pageTest('on localhost it can be installed as an app', {}, async (page, { context }) => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  const protocol = await context.newCDPSession(page);
  const { errors } = await protocol.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await protocol.send('Page.getInstallabilityErrors');
  // A private window, which each test has, never installs anything.
  assert.deepEqual(
    installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
    [],
  );
  const manifest = await page.evaluate(async () => (await fetch('manifest.webmanifest')).json());
  for (const { src, sizes, type } of manifest.icons) {
    if (type !== 'image/png') continue;
    const size = await page.evaluate(async (address) => {
      const picture = await createImageBitmap(await (await fetch(address)).blob());
      return `${picture.width}x${picture.height}`;
    }, src);
    assert.equal(size, sizes);
  }
});

pageTest(
  'over plain HTTP it works as a page and says why it can’t be installed',
  {
    address: () => scripted.address.replace('127.0.0.1', 'insecure.example'),
  },
  async (page) => {
    assert.equal(await page.evaluate(() => isSecureContext), false);
    const answer = await ask(page, roots);
    await answer.locator('[aria-label="Copy the answer"]').click();
    await answer.locator('[aria-label="Copied"]').waitFor();
    await page.keyboard.press('Control+,');
    const advice = page.locator('.dialog section', { hasText: 'App' });
    assert.match(await advice.innerText(), /plain HTTP.*only over TLS.*--tls auto/s);
  },
);

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

async function seriousFaults(page) {
  // Through the debugger's protocol: the page's policy lets in no script but its own.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' ; ')}`);
}

for (const [name, device] of [
  ['desktop', {}],
  ['phone', phone],
]) {
  for (const colorScheme of ['light', 'dark']) {
    pageTest(
      `axe finds no serious fault: ${name}, ${colorScheme}`,
      { ...device, colorScheme },
      async (page) => {
        const look = async (what) => {
          await page.waitForTimeout(300); // colours that are still changing have no contrast yet
          await screenshot(page, `${name}-${colorScheme}-${what}`);
          assert.deepEqual(await seriousFaults(page), [], what);
        };
        await look('welcome');
        await ask(page, roots);
        await page.locator('.thinking summary').click();
        await look('answer');
        await ask(page, 'breaks');
        await look('error');
        if (name === 'phone') {
          await page.tap('.show-list');
          await look('drawer');
        }
        await page.click('.footer-button');
        await look('settings');
        await page.locator('.dialog section').last().scrollIntoViewIfNeeded();
        await look('settings-end');
      },
    );
  }
}
