// The live page of a training run, of a model so small that a step takes moments.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { test } from 'node:test';
import { desktop, launch, phone, screenshot } from './browser.mjs';

const config = {
  model_type: 'deepseek_v3', vocab_size: 49152, hidden_size: 32, intermediate_size: 48,
  num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 4, rms_norm_eps: 1e-6,
  max_position_embeddings: 256, rope_theta: 10000, tie_word_embeddings: true,
  moe_intermediate_size: 16, q_lora_rank: 16, kv_lora_rank: 16, qk_nope_head_dim: 8,
  qk_rope_head_dim: 8, v_head_dim: 8, n_routed_experts: 4, n_shared_experts: 1,
  num_experts_per_tok: 2, first_k_dense_replace: 1, n_group: 2, topk_group: 1,
};
const recipe = `
[model]
config = "config.json"
tokenizer = "${process.env.R1_MODEL}"
[[stage]]
type = "grpo"
tasks = ["comparing-decimals"]
prompt = "text"
steps = 100000
prompts = 2
group = 4
max_tokens = 8
kl_weight = 0.01
learning_rate = 1e-3
evaluate_every = 2
evaluation_questions = 2
samples = 2
`;

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** `faults` gathers what must not happen on the page. */
async function openRun(browser, address, options, faults) {
  const page = await browser.newPage(options);
  page.on('pageerror', (error) => faults.push(`error: ${error}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/Failed to load|net::ERR_/.test(text)) faults.push(text);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(address).host) faults.push(request.url());
  });
  await page.goto(address);
  return page;
}

test('a run of training can be watched, and its end is said', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'r1-dashboard-'));
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(path.join(folder, 'small.toml'), recipe);
  const child = spawn(process.env.R1_PROGRAM, ['train', 'small.toml', '--dashboard', '0'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const browser = await launch();
  const faults = [];
  try {
    const address = await new Promise((resolve, reject) => {
      const said = [];
      readline.createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        const found = /page is (\S+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
      child.on('exit', () => reject(new Error(`r1 train ended: ${said.join('\n')}`)));
    });
    const page = await openRun(browser, address, { viewport: { width: 1400, height: 1500 } }, faults);
    for (const title of ['Reward', 'Held-out accuracy', 'Response length', 'Entropy', 'KL', 'Loss',
      'Gradient norm', 'Expert load', 'Speed']) {
      await page.locator('.chart:visible', { has: page.locator(`h2:text-is("${title}")`) })
        .locator('canvas').waitFor({ timeout: 60_000 });
    }
    const step = async () => Number(/grpo (\d+) of/.exec(await page.locator('.place').innerText())[1]);
    const before = await step();
    await page.waitForFunction((from) =>
      Number(/grpo (\d+) of/.exec(document.querySelector('.place').textContent)[1]) > from, before);
    const sample = page.locator('.sample').first();
    await sample.waitFor();
    assert.match(await sample.innerText(), /step \d+/);
    assert.match(await sample.locator('.prompt').innerText(), /\d\.\d/);
    await screenshot(page, 'dashboard');
    assert.deepEqual(faults, []);
    child.removeAllListeners('exit');
    child.kill('SIGINT');
    await once(child, 'exit');
    await page.locator('.gone:visible').waitFor({ timeout: 30_000 });
  } finally {
    await browser.close();
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});

const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

test('a folder of a run is shown on any screen, and no text in it becomes markup', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'r1-watch-'));
  await mkdir(path.join(folder, 'samples'));
  const lines = Array.from({ length: 60 }, (_, i) => ({
    step: i + 1, stage: 'grpo', stage_step: i + 1, stage_steps: 100, seconds: 3, peak_share: 0.4,
    tokens_per_second: 400, reward: 1 - 1 / (i + 1), kl: i / 1000, loss: 2 / (i + 1), grad_norm: 1,
    expert_load: { largest: 1.5, smallest: 0.5 }, [markup]: 5,
    ...(i % 20 === 0 && { held_out_accuracy: i / 60 }),
  }));
  const jsonl = (objects) => objects.map((one) => `${JSON.stringify(one)}\n`).join('');
  const sample = (step) => ({
    step, task: markup, prompt: `${markup} ${step}`, response: markup, answer: markup,
    correct: step % 2 === 0, reward: 0.5, tokens: 3,
  });
  await writeFile(path.join(folder, 'recipe.toml'), `# ${markup}\n`);
  await writeFile(path.join(folder, 'metrics.jsonl'), jsonl(lines));
  await writeFile(path.join(folder, 'samples', 'grpo.jsonl'), jsonl(lines.map(({ step }) => sample(step))));
  const child = spawn(process.env.R1_PROGRAM, ['watch', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await launch();
  const faults = [];
  try {
    const [line] = await once(readline.createInterface({ input: child.stdout }), 'line');
    const address = /^listening on (\S+)/.exec(line)[1];
    for (const [name, options] of Object.entries({
      'run-desktop': { ...desktop, colorScheme: 'light' },
      'run-desktop-dark': { ...desktop, colorScheme: 'dark' },
      'run-phone': { ...phone, colorScheme: 'light' },
      'run-phone-dark': { ...phone, colorScheme: 'dark' },
    })) {
      const page = await openRun(browser, address, options, faults);
      await page.locator('canvas').first().waitFor();
      await page.locator('.sample').first().waitFor();
      await screenshot(page, name);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name}: ${wide} pixels too wide`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
      assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], name);
      await page.close();
    }
    const page = await openRun(browser, address, desktop, faults);
    await page.locator('.sample').first().waitFor();
    assert.match(await page.locator('.place').innerText(), /^grpo 60 of 100 .* 3 s a step · 2 min left$/);
    const reward = page.locator('.chart', { has: page.locator('h2:text-is("Reward")') });
    assert.equal(await reward.locator('.legend').innerText(), 'reward 0.9833');
    await reward.locator('.u-over').hover({ position: { x: 1, y: 50 } });
    assert.match(await reward.locator('.legend').innerText(), /^reward 0\s+step 1$/);
    assert.equal(await page.locator('.sample').count(), 12);
    assert.ok((await page.locator('.sample .response').first().innerText()).includes(markup));
    await page.click('text=Show more');
    assert.equal(await page.locator('.sample').count(), 24);
    await page.selectOption('.filter select', 'right');
    assert.equal(await page.locator('.sample.wrong').count(), 0);
    await appendFile(path.join(folder, 'metrics.jsonl'), jsonl([{ ...lines[59], step: 61, stage_step: 61 }]));
    await page.locator('.place', { hasText: 'grpo 61 of 100' }).waitFor({ timeout: 10_000 });
    await writeFile(path.join(folder, 'metrics.jsonl'), jsonl(lines.slice(0, 5)));
    await page.locator('.place', { hasText: 'grpo 5 of 100' }).waitFor({ timeout: 10_000 });
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
});
