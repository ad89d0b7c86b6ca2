// Conversations as a JSON file, out and in.
import type { Conversation, End, Message } from './conversation';
import { titleOf } from './conversation';

const FORMAT = 'r1-conversations';

export function exportFile(conversations: Conversation[]): File {
  const text = JSON.stringify({ format: FORMAT, version: 1, conversations }, null, 1);
  const day = new Date().toISOString().slice(0, 10);
  return new File([text], `r1-conversations-${day}.json`, { type: 'application/json' });
}

/** Gives a file to the user. */
export function download(file: File): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

type Fields = Record<string, unknown>;

function fields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} is no object`);
  }
  return value as Fields;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`${what} is no text`);
  return value;
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is no list`);
  return value;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function readMessage(value: unknown, what: string, known: Set<string>): Message {
  const from = fields(value, what);
  const role = from.role;
  if (role !== 'user' && role !== 'assistant') throw new Error(`${what} has no role`);
  const parent = from.parent === null ? null : text(from.parent, `${what}.parent`);
  // A parent that comes later could make a circle.
  if (parent !== null && !known.has(parent)) throw new Error(`${what}.parent is not there`);
  const id = text(from.id, `${what}.id`);
  if (known.has(id)) throw new Error(`${what}.id is there twice`);
  known.add(id);
  const ends: End[] = ['stop', 'length', 'stopped', 'error'];
  return {
    id,
    parent,
    role,
    text: text(from.text, `${what}.text`),
    time: number(from.time) ?? Date.now(),
    thinking: optionalText(from.thinking),
    thinkingSeconds: number(from.thinkingSeconds),
    model: optionalText(from.model),
    tokens: number(from.tokens),
    tokensPerSecond: number(from.tokensPerSecond),
    end: ends.find((end) => end === from.end),
    error: optionalText(from.error),
  };
}

function readConversation(value: unknown, what: string): Conversation {
  const from = fields(value, what);
  const known = new Set<string>();
  const messages = list(from.messages, `${what}.messages`).map((message, i) =>
    readMessage(message, `${what}.messages[${i}]`, known),
  );
  const chosen: Record<string, string> = Object.create(null);
  for (const [parent, child] of Object.entries(fields(from.chosen ?? {}, `${what}.chosen`))) {
    if (typeof child === 'string') chosen[parent] = child;
  }
  const created = number(from.created) ?? Date.now();
  return {
    id: text(from.id, `${what}.id`),
    title: optionalText(from.title) ?? titleOf(messages[0]?.text ?? ''),
    created,
    updated: number(from.updated) ?? created,
    messages,
    chosen: { ...chosen },
  };
}

/** Throws an Error that says what is wrong with the file. */
export function readExport(contents: string): Conversation[] {
  let value: unknown;
  try {
    value = JSON.parse(contents);
  } catch {
    throw new Error('the file is no JSON');
  }
  const file = fields(value, 'the file');
  if (file.format !== FORMAT) throw new Error('the file holds no conversations of r1');
  return list(file.conversations, 'conversations').map((one, i) =>
    readConversation(one, `conversations[${i}]`),
  );
}
