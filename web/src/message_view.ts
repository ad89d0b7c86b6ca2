// One question or answer, and what can be done with it.
import type { Chat } from './chat';
import type { Message } from './conversation';
import { confirm, copyText, element, icon, iconButton, textButton } from './dom';
import { MarkdownView } from './markdown';
import { ThinkingView } from './thinking_view';

export interface MessageView {
  readonly root: HTMLElement;
  update(): void;
}

function copyButton(message: Message, label: string): HTMLButtonElement {
  const button: HTMLButtonElement = iconButton('copy', label, async () => {
    if (await copyText(message.text)) confirm(button, 'Copied');
  });
  return button;
}

/** Goes between the forms of a question, or the answers to one. */
function siblingSwitch(chat: Chat, message: Message): HTMLElement | null {
  const siblings = chat.siblings(message);
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(message);
  const what = message.role === 'user' ? 'form of the question' : 'answer';
  const go = (name: 'back' | 'forth', to: number) =>
    iconButton(
      name,
      name === 'back' ? `Previous ${what}` : `Next ${what}`,
      () => chat.show(siblings[to]!),
      { disabled: siblings[to] === undefined || chat.answering },
    );
  return element(
    'div',
    { class: 'siblings', role: 'group', 'aria-label': `${what} ${at + 1} of ${siblings.length}` },
    go('back', at - 1),
    element('span', {}, `${at + 1}/${siblings.length}`),
    go('forth', at + 1),
  );
}

export class QuestionView implements MessageView {
  private text = element('div', { class: 'bubble' });
  private actions = element('div', { class: 'actions' });
  readonly root = element(
    'article',
    { class: 'message question', 'aria-label': 'Your question' },
    this.text,
    this.actions,
  );

  constructor(
    private chat: Chat,
    private message: Message,
  ) {
    this.text.textContent = message.text;
  }

  update(): void {
    const edit = iconButton('edit', 'Edit the question', () => this.edit(), {
      disabled: this.chat.answering,
    });
    const siblings = siblingSwitch(this.chat, this.message);
    this.actions.replaceChildren(copyButton(this.message, 'Copy the question'), edit);
    if (siblings) this.actions.append(siblings);
  }

  edit(): void {
    const area = element('textarea', { 'aria-label': 'Edit your question', rows: 3 });
    area.value = this.message.text;
    const close = () => {
      form.replaceWith(this.text);
      this.actions.hidden = false;
    };
    const form = element(
      'form',
      { class: 'edit-form' },
      area,
      element(
        'div',
        { class: 'buttons' },
        textButton('Cancel', close),
        element('button', { type: 'submit', class: 'text-button primary' }, 'Ask this'),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = area.value.trim();
      close();
      if (text) this.chat.edit(this.message, text);
    });
    area.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        close();
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    this.actions.hidden = true;
    this.text.replaceWith(form);
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }
}

export class AnswerView implements MessageView {
  private thinking = new ThinkingView();
  private text = new MarkdownView();
  private waiting = element(
    'p',
    { class: 'waiting' },
    element('span', { class: 'unseen' }, 'The answer is coming'),
  );
  private note = element('div', { class: 'note', hidden: true });
  private actions = element('div', { class: 'actions' });
  readonly root = element(
    'article',
    { class: 'message answer', 'aria-label': 'Answer' },
    this.thinking.root,
    this.text.root,
    this.waiting,
    this.note,
    this.actions,
  );

  constructor(
    private chat: Chat,
    private message: Message,
  ) {}

  update(): void {
    const { message, chat } = this;
    const coming = chat.isComing(message);
    this.thinking.update(message, coming);
    this.text.show(message.text);
    this.root.setAttribute('aria-busy', String(coming));
    this.root.classList.toggle('coming', coming);
    this.waiting.hidden = !coming || Boolean(message.text || message.thinking);
    this.showNote(coming);
    this.showActions(coming);
  }

  private showNote(coming: boolean): void {
    const { message } = this;
    const notes = {
      stop: '',
      length: 'The answer reached its longest length.',
      stopped: message.text || message.thinking ? 'You stopped the answer.' : 'You stopped it.',
      error: message.error ?? 'Something went wrong.',
    };
    // An answer without an end was cut off with the page.
    const text = coming ? '' : message.end ? notes[message.end] : 'The answer broke off.';
    this.note.hidden = text === '';
    if (!text) return;
    this.note.classList.toggle('error', message.end === 'error');
    this.note.replaceChildren(message.end === 'error' ? icon('warn') : '', text);
    const begun = message.text || message.thinking;
    if (begun) this.note.append(textButton('Go on', () => this.chat.goOn(message)));
    else this.note.append(textButton('Try again', () => this.chat.again(message)));
  }

  private showActions(coming: boolean): void {
    const speed = this.figures();
    if (coming) {
      this.actions.replaceChildren(speed);
      return;
    }
    const again = iconButton('again', 'Answer again', () => this.chat.again(this.message), {
      disabled: this.chat.answering,
    });
    const siblings = siblingSwitch(this.chat, this.message);
    this.actions.replaceChildren(copyButton(this.message, 'Copy the answer'), again);
    if (siblings) this.actions.append(siblings);
    this.actions.append(speed);
  }

  private figures(): HTMLElement {
    const { model, tokens, tokensPerSecond } = this.message;
    const parts = [
      tokens ? `${tokens.toLocaleString('en')} tokens` : '',
      tokensPerSecond ? `${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0)} tokens/s` : '',
    ].filter(Boolean);
    return element(
      'span',
      { class: 'figures' },
      model && parts.length ? element('span', { class: 'model' }, model) : null,
      parts.join(' · '),
    );
  }
}
