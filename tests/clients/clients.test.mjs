// Clients from npm, as their users call them, against `r1 serve`: whole answers and streams, with
// reasoning, by a template that opens the thinking and a budget that closes it.
import { createDeepSeek } from '@ai-sdk/deepseek';
import { ChatDeepSeek } from '@langchain/deepseek';
import { generateText, streamText } from 'ai';
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { startR1 } from '../../web/test/servers.mjs';

const thinkingTemplate =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
  '<|im_start|>assistant\n<think>\n';
const question = 'Why is the sky blue?';
const key = 'the-key';
const ask = {
  model: 'deepseek-reasoner',
  messages: [{ role: 'user', content: question }],
  max_tokens: 60,
};
let folder;
let r1;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'r1-clients-'));
  const template = path.join(folder, 'thinking.jinja');
  await writeFile(template, thinkingTemplate);
  const options = [
    '--chat-template',
    template,
    '--thinking-budget',
    '8',
    '--temperature',
    '0',
    '--api-key',
    key,
  ];
  r1 = await startR1(process.env.R1_PROGRAM, ['-m', process.env.R1_MODEL, ...options]);
});
after(async () => {
  await r1?.stop();
  await rm(folder, { recursive: true });
});

const openai = () => new OpenAI({ baseURL: `${r1.address}/v1`, apiKey: key, maxRetries: 0 });

test('openai: models, whole answers and streams say the same, reasoning included', async () => {
  const client = openai();
  const models = [];
  for await (const model of await client.models.list()) models.push(model.id);
  assert.ok(models.includes('deepseek-reasoner'));
  const whole = await client.chat.completions.create(ask);
  const { content, reasoning_content: reasoning } = whole.choices[0].message;
  assert.ok(content.length > 0 && reasoning.length > 0);
  assert.ok(whole.usage.completion_tokens_details.reasoning_tokens >= 8);
  const streamed = { content: '', reasoning_content: '' };
  let usage;
  const options = { stream: true, stream_options: { include_usage: true } };
  for await (const chunk of await client.chat.completions.create({ ...ask, ...options })) {
    const delta = chunk.choices[0]?.delta ?? {};
    if (delta.reasoning_content) assert.equal(streamed.content, ''); // thinking comes first
    for (const part of Object.keys(streamed)) streamed[part] += delta[part] ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.deepEqual(streamed, { content, reasoning_content: reasoning });
  assert.equal(usage.total_tokens, whole.usage.total_tokens);
  const final = await client.chat.completions.stream(ask).finalChatCompletion();
  assert.equal(final.choices[0].message.content, content);
});

test('openai: text completions, JSON by a schema, and errors that name the field', async () => {
  const client = openai();
  const { model } = ask;
  const text = await client.completions.create({
    model,
    prompt: 'The capital of France is',
    max_tokens: 8,
  });
  assert.match(text.choices[0].text, /Paris/);
  const schema = {
    type: 'object',
    properties: { answer: { type: 'integer' } },
    required: ['answer'],
    additionalProperties: false,
  };
  const response_format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  const json = await client.chat.completions.create({ ...ask, max_tokens: 200, response_format });
  assert.ok(Number.isInteger(JSON.parse(json.choices[0].message.content).answer));
  await assert.rejects(
    client.chat.completions.create({ ...ask, temperature: 9 }),
    ({ status, param }) => status === 400 && param === 'temperature',
  );
  const stranger = new OpenAI({ baseURL: `${r1.address}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), ({ status }) => status === 401);
});

test('openai: a stream that the client gives up is given up by the server', async () => {
  const stream = await openai().chat.completions.create({ ...ask, max_tokens: 4000, stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk.choices);
    break; // leaves the connection
  }
  const running = async () => {
    const metrics = await (
      await fetch(`${r1.address}/metrics`, { headers: { Authorization: `Bearer ${key}` } })
    ).text();
    return Number(/^r1_requests_in_work (\d+)/m.exec(metrics)?.[1]);
  };
  for (let i = 0; i < 100 && (await running()) !== 0; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await running(), 0);
});

test('@ai-sdk/deepseek with ai: whole answers and streams, with reasoning', async () => {
  const deepseek = createDeepSeek({ baseURL: r1.address, apiKey: key });
  const options = {
    model: deepseek('deepseek-reasoner'),
    prompt: question,
    maxOutputTokens: 60,
    maxRetries: 0,
  };
  const whole = await generateText(options);
  assert.ok(whole.text.length > 0 && whole.reasoningText.length > 0);
  assert.ok(whole.usage.totalTokens > 20);
  const stream = streamText(options);
  let text = '';
  for await (const part of stream.textStream) text += part;
  assert.equal(text, whole.text);
  assert.equal(await stream.reasoningText, whole.reasoningText);
});

test('@langchain/deepseek: whole answers and streams, with reasoning', async () => {
  const chat = new ChatDeepSeek({
    model: 'deepseek-reasoner',
    apiKey: key,
    configuration: { baseURL: `${r1.address}/v1` },
    maxTokens: 60,
    maxRetries: 0,
  });
  const whole = await chat.invoke(question);
  const reasoning = whole.additional_kwargs.reasoning_content;
  assert.ok(whole.content.length > 0 && reasoning.length > 0);
  const streamed = { text: '', reasoning: '' };
  for await (const chunk of await chat.stream(question)) {
    streamed.text += chunk.content;
    streamed.reasoning += chunk.additional_kwargs.reasoning_content ?? '';
  }
  assert.deepEqual(streamed, { text: whole.content, reasoning });
});
