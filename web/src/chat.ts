// Conversations and the answers that are coming; what the user does, without its looks.
import { ApiError, ask, type Piece, type PromptMessage } from './api';
import {
  addMessage,
  choose,
  type Conversation,
  type Message,
  newConversation,
  shownMessages,
  siblingsOf,
} from './conversation';
import type { Server } from './server';
import { settings } from './settings';
import { Signal } from './signal';
import * as storage from './storage';

const SAVE_EVERY = 1_000; // milliseconds, while an answer comes

/** What is known of an answer that is coming. */
interface Coming {
  stop: AbortController;
  message: Message;
  begun: number; // when asked, and when the first token came; milliseconds
  first: number;
  tokens: number;
  tokensBefore: number; // of an answer that is gone on with
  thinkingBefore: number;
}

export class Chat {
  conversations: Conversation[] = [];
  current = newConversation();
  readonly listChanged = new Signal();
  readonly shownChanged = new Signal();
  readonly messageChanged = new Signal<Message>();
  readonly answerEnded = new Signal<Message>();
  readonly failed = new Signal<string>();
  private coming = new Map<Conversation, Coming>();

  constructor(private server: Server) {
    storage.onChangeElsewhere(() => this.load());
    window.addEventListener('pagehide', () => {
      for (const conversation of this.coming.keys()) this.save(conversation);
    });
  }

  /** Reads the list; what is being answered here stays as it is. */
  async load(): Promise<void> {
    try {
      const stored = await storage.loadConversations();
      const here = [...this.coming.keys()];
      const others = stored.filter((one) => !here.some((busy) => busy.id === one.id));
      this.conversations = [...here, ...others].sort((a, b) => b.updated - a.updated);
      const again = this.conversations.find((one) => one.id === this.current.id);
      if (again && again !== this.current) {
        this.current = again;
        this.shownChanged.emit();
      }
    } catch {
      this.failed.emit('This browser doesn’t keep conversations here: they end with the page.');
    }
    this.listChanged.emit();
  }

  get shown(): Message[] {
    return shownMessages(this.current);
  }
  get answering(): boolean {
    return this.coming.has(this.current);
  }
  isComing(message: Message): boolean {
    return this.coming.get(this.current)?.message === message;
  }
  isAnswering(conversation: Conversation): boolean {
    return this.coming.has(conversation);
  }

  begin(): void {
    this.current = newConversation();
    this.shownChanged.emit();
    this.listChanged.emit();
  }
  open(id: string): boolean {
    const found = this.conversations.find((one) => one.id === id);
    if (found && found !== this.current) {
      this.current = found;
      this.shownChanged.emit();
      this.listChanged.emit();
    }
    return found !== undefined;
  }

  send(text: string): void {
    this.askFrom(this.shown.at(-1)?.id ?? null, text);
  }
  /** Another form of a question, beside the old one. */
  edit(question: Message, text: string): void {
    this.askFrom(question.parent, text);
  }
  private askFrom(parent: string | null, text: string): void {
    if (this.answering) return;
    const question = addMessage(this.current, parent, 'user', text);
    if (!this.conversations.includes(this.current)) this.conversations.unshift(this.current);
    this.answerTo(question);
  }
  /** Another answer, beside the old one. */
  again(answer: Message): void {
    const question = this.current.messages.find((message) => message.id === answer.parent);
    if (question && !this.answering) this.answerTo(question);
  }
  private answerTo(question: Message): void {
    const answer = addMessage(this.current, question.id, 'assistant', '');
    this.shownChanged.emit();
    void this.receive(this.current, answer);
  }
  /** Goes on with an answer that was cut off. */
  goOn(answer: Message): void {
    if (this.answering) return;
    answer.end = undefined;
    answer.error = undefined;
    void this.receive(this.current, answer);
  }
  stop(): void {
    this.coming.get(this.current)?.stop.abort();
  }

  show(message: Message): void {
    choose(this.current, message);
    void this.save(this.current);
    this.shownChanged.emit();
  }
  siblings(message: Message): Message[] {
    return siblingsOf(this.current, message);
  }

  rename(conversation: Conversation, title: string): void {
    conversation.title = title;
    void this.save(conversation);
    this.listChanged.emit();
  }
  async remove(conversation: Conversation): Promise<void> {
    this.coming.get(conversation)?.stop.abort();
    this.conversations = this.conversations.filter((one) => one !== conversation);
    if (conversation === this.current) this.begin();
    this.listChanged.emit();
    await storage.deleteConversation(conversation.id);
  }
  async removeAll(): Promise<void> {
    for (const coming of this.coming.values()) coming.stop.abort();
    this.conversations = [];
    this.begin();
    await storage.deleteAllConversations();
  }
  /** Takes conversations in, those of the same id replaced. */
  async add(conversations: Conversation[]): Promise<void> {
    for (const one of conversations) await storage.saveConversation(one);
    await this.load();
  }

  private async save(conversation: Conversation): Promise<void> {
    if (!this.conversations.includes(conversation)) return; // removed meanwhile
    await storage.saveConversation(conversation).catch(() => {
      this.failed.emit('The conversation couldn’t be kept in this browser.');
    });
  }

  private prompt(conversation: Conversation, answer: Message): PromptMessage[] {
    const shown = shownMessages(conversation);
    const before = shown.slice(0, shown.indexOf(answer));
    const messages: PromptMessage[] = before.map(({ role, text }) => ({ role, content: text }));
    if (answer.text || answer.thinking) {
      const reasoning_content = answer.thinking || undefined;
      messages.push({ role: 'assistant', content: answer.text, reasoning_content, prefix: true });
    }
    return messages;
  }

  private async receive(conversation: Conversation, answer: Message): Promise<void> {
    const now = performance.now();
    const coming: Coming = {
      stop: new AbortController(),
      message: answer,
      begun: now,
      first: 0,
      tokens: 0,
      tokensBefore: answer.tokens ?? 0,
      thinkingBefore: answer.thinkingSeconds ?? 0,
    };
    this.coming.set(conversation, coming);
    answer.model = settings.model || this.server.models[0]?.id;
    conversation.updated = Date.now();
    this.messageChanged.emit(answer);
    this.listChanged.emit();
    await this.save(conversation);
    let saved = now;
    try {
      for await (const piece of ask(this.prompt(conversation, answer), coming.stop.signal)) {
        this.take(piece, coming);
        if (performance.now() - saved > SAVE_EVERY) {
          saved = performance.now();
          void this.save(conversation);
        }
      }
    } catch (error) {
      this.broken(answer, error, coming.stop.signal.aborted);
    }
    this.coming.delete(conversation);
    conversation.updated = Date.now();
    this.messageChanged.emit(answer);
    this.answerEnded.emit(answer);
    this.listChanged.emit();
    await this.save(conversation);
  }

  private take(piece: Piece, coming: Coming): void {
    const { message } = coming;
    const now = performance.now();
    if (piece.kind === 'end') {
      message.end = piece.reason === 'length' ? 'length' : 'stop';
    } else if (piece.kind === 'usage') {
      coming.tokens = piece.tokens;
      message.tokens = coming.tokensBefore + piece.tokens;
    } else {
      coming.first ||= now;
      coming.tokens += 1;
      message.tokens = coming.tokensBefore + coming.tokens;
      const seconds = (now - coming.first) / 1000;
      if (seconds > 0.02) message.tokensPerSecond = (coming.tokens - 1) / seconds;
      if (piece.kind === 'thinking') {
        message.thinking = (message.thinking ?? '') + piece.text;
        message.thinkingSeconds = coming.thinkingBefore + (now - coming.begun) / 1000;
      } else {
        message.text += piece.text;
      }
    }
    this.messageChanged.emit(message);
  }

  private broken(answer: Message, error: unknown, stopped: boolean): void {
    if (stopped) {
      answer.end = 'stopped';
      return;
    }
    answer.end = 'error';
    answer.error = error instanceof Error ? error.message : String(error);
    if (error instanceof ApiError && error.retrySeconds) {
      answer.error += ` Try again in ${error.retrySeconds} s.`;
    }
    this.server.failed(error);
  }
}
