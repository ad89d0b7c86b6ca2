// A conversation is a tree: editing a question or asking again makes a sibling, nothing is lost.

export type Role = 'user' | 'assistant';
/** How an answer ended; absent while it comes. */
export type End = 'stop' | 'length' | 'stopped' | 'error';

export interface Message {
  id: string;
  parent: string | null;
  role: Role;
  text: string;
  time: number; // milliseconds since 1970
  thinking?: string;
  thinkingSeconds?: number;
  model?: string;
  tokens?: number;
  tokensPerSecond?: number;
  end?: End;
  error?: string;
}

export interface Conversation {
  id: string;
  title: string;
  created: number;
  updated: number;
  messages: Message[];
  /** Which of a message's children is shown (of the beginning: ''); the last one if none is named. */
  chosen: Record<string, string>;
}

/** Not crypto.randomUUID: browsers have it only over TLS and on localhost. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function newConversation(): Conversation {
  const now = Date.now();
  return { id: newId(), title: '', created: now, updated: now, messages: [], chosen: {} };
}

function childrenOf(conversation: Conversation, parent: string | null): Message[] {
  return conversation.messages.filter((message) => message.parent === parent);
}

/** The messages that are shown, first to last. */
export function shownMessages(conversation: Conversation): Message[] {
  const children = new Map<string | null, Message[]>();
  for (const message of conversation.messages) {
    const siblings = children.get(message.parent);
    if (siblings) siblings.push(message);
    else children.set(message.parent, [message]);
  }
  const shown: Message[] = [];
  for (let parent: string | null = null; ;) {
    const siblings: Message[] = children.get(parent) ?? [];
    const chosen: string | undefined = conversation.chosen[parent ?? ''];
    const next: Message | undefined =
      siblings.find((message) => message.id === chosen) ?? siblings.at(-1);
    if (!next) return shown;
    shown.push(next);
    parent = next.id;
  }
}

/** The messages beside this one, itself included, oldest first. */
export function siblingsOf(conversation: Conversation, message: Message): Message[] {
  return childrenOf(conversation, message.parent);
}

export function choose(conversation: Conversation, message: Message): void {
  conversation.chosen[message.parent ?? ''] = message.id;
}

export function addMessage(
  conversation: Conversation,
  parent: string | null,
  role: Role,
  text: string,
): Message {
  const message: Message = { id: newId(), parent, role, text, time: Date.now() };
  conversation.messages.push(message);
  choose(conversation, message);
  if (!conversation.title && role === 'user') conversation.title = titleOf(text);
  return message;
}

export function titleOf(question: string): string {
  const line = question.trim().replace(/\s+/g, ' ');
  if (line.length <= 60) return line;
  const cut = line.slice(0, 60);
  const space = cut.lastIndexOf(' ');
  return `${space > 30 ? cut.slice(0, space) : cut}…`;
}
