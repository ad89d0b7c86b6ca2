// The server, as the page talks to it.
import { eventData } from './event_stream';
import { settings } from './settings';

export class ApiError extends Error {
  /** `status` 0: the server could not be reached. */
  constructor(
    readonly status: number,
    message: string,
    readonly retrySeconds?: number,
  ) {
    super(message);
  }
}

export interface ModelInfo {
  id: string;
  contextLength?: number;
}

export interface PromptMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
  reasoning_content?: string;
  prefix?: boolean;
}

/** A piece of an answer as it comes. */
export type Piece =
  | { kind: 'thinking' | 'text'; text: string }
  | { kind: 'end'; reason: string }
  | { kind: 'usage'; tokens: number };

function headers(): Record<string, string> {
  return settings.key ? { Authorization: `Bearer ${settings.key}` } : {};
}

async function request(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers: { ...headers(), ...options.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The server can’t be reached.');
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  const message = answer?.error?.message ?? `The server answers with status ${response.status}.`;
  const wait = Number(response.headers.get('Retry-After'));
  throw new ApiError(response.status, String(message), wait > 0 ? wait : undefined);
}

export async function listModels(): Promise<ModelInfo[]> {
  const response = await request('v1/models', { cache: 'no-store' });
  const { data } = await response.json();
  return data.map((model: { id: string; context_length?: number }) => ({
    id: model.id,
    contextLength: model.context_length,
  }));
}

function body(messages: PromptMessage[]): string {
  const { system, thinking } = settings;
  return JSON.stringify({
    model: settings.model || undefined,
    messages: system.trim() ? [{ role: 'system', content: system }, ...messages] : messages,
    stream: true,
    stream_options: { include_usage: true },
    temperature: settings.temperature,
    top_p: settings.topP,
    max_tokens: settings.maxTokens,
    thinking: thinking === false ? { type: 'disabled' } : undefined,
    thinking_budget: typeof thinking === 'number' ? thinking : undefined,
  });
}

/** Asks for an answer, which comes in pieces. Throws ApiError. */
export async function* ask(messages: PromptMessage[], signal: AbortSignal): AsyncGenerator<Piece> {
  const response = await request('v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: body(messages),
    signal,
  });
  let ended = false;
  try {
    for await (const data of eventData(response.body!)) {
      if (data === '[DONE]') return;
      const event = JSON.parse(data);
      if (event.error) throw new ApiError(500, String(event.error.message));
      if (event.usage) yield { kind: 'usage', tokens: event.usage.completion_tokens };
      const choice = event.choices?.[0];
      const delta = choice?.delta;
      if (delta?.reasoning_content) yield { kind: 'thinking', text: delta.reasoning_content };
      if (delta?.content) yield { kind: 'text', text: delta.content };
      if (choice?.finish_reason) {
        ended = true;
        yield { kind: 'end', reason: choice.finish_reason };
      }
    }
  } catch (error) {
    if (error instanceof ApiError || signal.aborted) throw error;
    throw new ApiError(0, 'The connection broke off.');
  }
  if (!ended) throw new ApiError(0, 'The connection broke off.');
}
