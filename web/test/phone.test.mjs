// From a phone in the local network: the QR code, TLS, and the authority behind it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import jsQR from 'jsqr';
import { ask, launch, openPage, phone, screenshot } from './browser.mjs';
import { startR1 } from './servers.mjs';

const program = process.env.R1_PROGRAM;
const model = process.env.R1_MODEL;
const run = promisify(execFile);
let folder;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'r1-phone-'));
  process.env.XDG_DATA_HOME = folder;
});
after(() => rm(folder, { recursive: true }));

/** What answers at an address, trusting only `ca`. */
function get(address, options = {}) {
  const client = address.startsWith('https') ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.get(address, { agent: false, ...options }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    request.on('error', reject);
  });
}

const localhost = (address) => address.replace(/\/\/[^:]+:/, '//127.0.0.1:');

/** The picture that the lines of a QR code show, for a reader. */
function picture(lines) {
  const rows = lines.flatMap((line) => {
    const blocks = [...line.replace(/\x1b\[[\d;]*m/g, '')];
    return [blocks.map((c) => '▀█'.includes(c)), blocks.map((c) => '▄█'.includes(c))];
  });
  const size = 4; // pixels a square
  const [width, height] = [rows[0].length * size, rows.length * size];
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (rows[Math.floor(y / size)][Math.floor(x / size)])
        pixels.fill(0, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  }
  return [pixels, width, height];
}

test(
  'the QR code in a terminal opens the page on a phone, with the key',
  { timeout: 120_000 },
  async () => {
    // script gives it a terminal.
    const command = `exec ${program} serve -m ${model} --host 0.0.0.0 --port 0 --quiet`;
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = [];
    for await (const line of readline.createInterface({ input: child.stdout })) {
      lines.push(line);
      const code = lines.filter((one) => one.includes('\x1b[38;5;16'));
      if (code.length > 0 && code.length * 2 >= [...code[0].replace(/\x1b\[[\d;]*m/g, '')].length)
        break;
    }
    child.stdout.resume();
    const shown = lines
      .find((line) => line.startsWith('on a phone'))
      ?.trim()
      .split(' ')
      .at(-1);
    const read = jsQR(...picture(lines.filter((one) => one.includes('\x1b[38;5;16'))));
    assert.equal(read?.data, shown);
    const key = lines
      .find((line) => line.startsWith('API key: '))
      ?.trim()
      .slice(9);
    assert.ok(key.length > 40 && read.data.endsWith(`/#key=${key}`));
    const browser = await launch();
    const { page, faults } = await openPage(browser, localhost(read.data), phone);
    await ask(page, 'Say hello.');
    assert.equal(await page.locator('.note.error').count(), 0);
    assert.equal(page.url().includes(key), false);
    assert.deepEqual(faults, []);
    await browser.close();
    child.kill('SIGTERM');
    await once(child, 'exit');
  },
);

test(
  '--tls auto: an authority of its own, the same each time, that clients can trust',
  { timeout: 120_000 },
  async () => {
    let r1 = await startR1(program, ['-m', model, '--tls', 'auto']);
    const { port } = new URL(r1.address);
    assert.match(r1.address, /^https:/);
    const plain = await get(`http://127.0.0.1:${port}/r1-ca.crt`);
    const ca = plain.body;
    const moved = await get(`http://127.0.0.1:${port}/chat?x`);
    assert.equal(moved.headers.location, `https://127.0.0.1:${port}/chat?x`);
    for (const name of ['127.0.0.1', 'localhost']) {
      const models = await get(`https://${name}:${port}/v1/models`, { ca, family: 4 });
      assert.equal(models.status, 200);
      assert.equal(JSON.parse(models.body).object, 'list');
    }
    assert.equal((await get(`https://127.0.0.1:${port}/r1-ca.crt`, { ca })).body, ca);
    await assert.rejects(get(`https://127.0.0.1:${port}/health`), /self-signed|unable to/);
    await r1.stop();
    r1 = await startR1(program, ['-m', model, '--tls', 'auto']);
    assert.equal((await get(`${r1.address}/health`, { ca })).status, 200);
    const file = r1.lines.find((line) => line.startsWith('certificate authority: ')).slice(23);
    const fingerprint = r1.lines
      .find((line) => line.startsWith('its SHA-256'))
      .split(' ')
      .at(-1);
    assert.equal(await readFile(file, 'utf8'), ca);
    assert.equal(new X509Certificate(ca).fingerprint256, fingerprint);
    await r1.stop();
  },
);

test(
  'over TLS that is trusted the page installs; untrusted it says what to do',
  { timeout: 120_000 },
  async (t) => {
    const r1 = await startR1(program, ['-m', model, '--tls', 'auto']);
    t.after(r1.stop);
    const ca = new X509Certificate(
      (await get(r1.address.replace('https', 'http') + '/r1-ca.crt')).body,
    );
    const spki = createHash('sha256')
      .update(ca.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    const hosts = '--host-resolver-rules=MAP r1-box.local 127.0.0.1';
    const trusting = await launch({
      args: ['--no-sandbox', hosts, `--ignore-certificate-errors-spki-list=${spki}`],
    });
    t.after(() => trusting.close());
    const opened = await openPage(trusting, r1.address, phone);
    await opened.page.evaluate(() => navigator.serviceWorker.ready);
    await opened.page.reload();
    const protocol = await opened.context.newCDPSession(opened.page);
    const { installabilityErrors } = await protocol.send('Page.getInstallabilityErrors');
    assert.deepEqual(
      installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
      [],
    );
    await ask(opened.page, 'Say hello.');
    assert.equal(await opened.page.locator('.note.error').count(), 0);
    assert.deepEqual(opened.faults, []);

    const browser = await launch();
    t.after(() => browser.close());
    const { page } = await openPage(browser, r1.address, { ...phone, ignoreHTTPSErrors: true });
    await ask(page, 'Say hello.');
    assert.equal(await page.locator('.note.error').count(), 0);
    await page.tap('.show-list');
    await page.tap('.footer-button');
    const advice = page.locator('.dialog section', { hasText: 'App' });
    await page.waitForTimeout(500);
    await advice.scrollIntoViewIfNeeded();
    await screenshot(page, 'phone-untrusted');
    const text = await advice.innerText();
    assert.match(text, /doesn’t trust the server yet.*its authority.*fingerprint/s);
  },
);

test(
  'certificate files are used, and refused where they don’t belong together',
  { timeout: 120_000 },
  async () => {
    const [certificate, key, other] = ['c.pem', 'k.pem', 'o.pem'].map((name) =>
      path.join(folder, name),
    );
    const make = (out, secret) =>
      run('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=box',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        secret,
        '-out',
        out,
      ]);
    await make(path.join(folder, 'other.crt'), other);
    await make(certificate, key);
    const r1 = await startR1(program, ['-m', model, '--tls-cert', certificate, '--tls-key', key]);
    const ca = await readFile(certificate, 'utf8');
    const { port } = new URL(r1.address);
    assert.equal((await get(`https://localhost:${port}/health`, { ca, family: 4 })).status, 200);
    assert.equal((await get(`http://localhost:${port}/r1-ca.crt`, { family: 4 })).status, 308);
    await r1.stop();
    await assert.rejects(
      run(program, [
        'serve',
        '-m',
        model,
        '--port',
        '0',
        '--tls-cert',
        certificate,
        '--tls-key',
        other,
      ]),
      ({ code, stderr }) => code === 1 && /o\.pem: is not the key of the certificate/.test(stderr),
    );
  },
);
