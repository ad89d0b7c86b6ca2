// The messages of the conversation that is shown; follows an answer as it grows.
import type { Chat } from './chat';
import type { Message } from './conversation';
import { element, iconButton } from './dom';
import { AnswerView, type MessageView, QuestionView } from './message_view';

const NEAR = 80; // pixels from the end that still count as there

const examples = [
  'Prove that the square root of 2 is irrational.',
  'Write a Python function that merges two sorted lists.',
  'Why is the sky blue, and sunsets red?',
  'A train leaves at 9:40 and arrives at 12:05. How long is the journey?',
];

export class Transcript {
  private column = element('div', { class: 'column' });
  readonly root = element(
    'div',
    { class: 'transcript', role: 'region', 'aria-label': 'Conversation', tabindex: 0 },
    this.column,
  );
  readonly toEnd = iconButton('down', 'To the end', () => this.scrollToEnd('smooth'), {
    class: 'icon-button to-end',
    hidden: true,
  });
  private views = new Map<Message, MessageView>();
  private changed = new Set<Message>();
  private drawing = false;
  private following = true;

  constructor(private chat: Chat) {
    chat.shownChanged.on(() => this.showAll());
    chat.messageChanged.on((message) => this.schedule(message));
    chat.answerEnded.on(() => this.updateAll());
    this.root.addEventListener('scroll', () => this.noteScroll(), { passive: true });
    new ResizeObserver(() => {
      if (this.following) this.scrollToEnd('instant');
    }).observe(this.root);
    this.showAll();
  }

  /** The last question, to be edited. */
  editLast(): void {
    const last = this.chat.shown.filter((message) => message.role === 'user').at(-1);
    const view = last && this.views.get(last);
    if (view instanceof QuestionView && !this.chat.answering) view.edit();
  }

  private showAll(): void {
    const shown = this.chat.shown;
    const kept = new Map<Message, MessageView>();
    for (const message of shown) {
      const make = message.role === 'user' ? QuestionView : AnswerView;
      kept.set(message, this.views.get(message) ?? new make(this.chat, message));
    }
    this.views = kept;
    const roots = [...kept.values()].map((view) => view.root);
    this.column.replaceChildren(...(roots.length ? roots : [this.welcome()]));
    this.root.classList.toggle('empty', roots.length === 0);
    this.updateAll();
    this.scrollToEnd('instant');
  }

  private updateAll(): void {
    for (const view of this.views.values()) view.update();
    if (this.following) this.scrollToEnd('instant');
  }

  private welcome(): HTMLElement {
    const ask = (text: string) =>
      element(
        'button',
        { type: 'button', class: 'example', click: () => this.chat.send(text) },
        text,
      );
    return element(
      'section',
      { class: 'welcome' },
      element('h2', {}, 'What shall we think about?'),
      element('div', { class: 'examples' }, ...examples.map(ask)),
    );
  }

  /** Draws at most once a frame, and leaves the page time to breathe between long drawings. */
  private schedule(message: Message): void {
    this.changed.add(message);
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      const begun = performance.now();
      for (const one of this.changed) this.views.get(one)?.update();
      this.changed.clear();
      if (this.following) this.scrollToEnd('instant');
      const cost = performance.now() - begun;
      setTimeout(() => {
        this.drawing = false;
        for (const one of this.changed) this.schedule(one);
      }, 2 * cost);
    });
  }

  private noteScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.root;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    this.toEnd.hidden = this.following;
  }

  private scrollToEnd(behavior: ScrollBehavior): void {
    this.following = true;
    this.toEnd.hidden = true;
    this.root.scrollTo({ top: this.root.scrollHeight, behavior });
  }
}
