// Where questions are written.
import type { Chat } from './chat';
import { element, icon, iconButton } from './dom';
import { saveSettings, settings } from './settings';

/** On a touch screen Enter makes a new line, as there is no Shift with it. */
const touch = window.matchMedia('(pointer: coarse)');

export class Composer {
  private input = element('textarea', {
    id: 'question',
    rows: 1,
    placeholder: 'Ask anything',
    'aria-label': 'Your question',
    enterkeyhint: touch.matches ? 'enter' : 'send',
    autocomplete: 'off',
  });
  private think = element(
    'button',
    { type: 'button', class: 'chip', click: () => this.toggleThinking() },
    icon('think'),
    'Think first',
  );
  private send = iconButton('send', 'Send', () => this.submit(), { class: 'icon-button send' });
  private stop = iconButton('stop', 'Stop the answer (Esc)', () => this.chat.stop(), {
    class: 'icon-button send',
  });
  private model = element('button', { type: 'button', class: 'chip model-chip' });
  readonly root = element(
    'form',
    { class: 'composer' },
    this.input,
    element(
      'div',
      { class: 'tools' },
      this.think,
      this.model,
      element('span', { class: 'space' }),
      this.send,
      this.stop,
    ),
  );

  constructor(
    private chat: Chat,
    openSettings: () => void,
  ) {
    this.input.addEventListener('input', () => this.update());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.model.addEventListener('click', openSettings);
    chat.listChanged.on(() => this.update());
    chat.shownChanged.on(() => this.update());
    chat.answerEnded.on(() => this.update());
    this.update();
  }

  focus(): void {
    this.input.focus();
  }
  /** Not on touch screens, where it would raise the keyboard. */
  focusUnlessTouch(): void {
    if (!touch.matches) this.focus();
  }
  onEmptyArrowUp: () => void = () => {};

  showModel(name: string): void {
    this.model.hidden = name === '';
    this.model.replaceChildren(element('span', {}, name), icon('fold'));
    this.model.setAttribute('aria-label', `Model ${name}: settings`);
  }

  update(): void {
    const { answering } = this.chat;
    const hadFocus = this.root.contains(document.activeElement);
    this.send.hidden = answering;
    this.stop.hidden = !answering;
    if (hadFocus && document.activeElement === document.body) this.focus();
    this.send.disabled = this.input.value.trim() === '';
    this.think.setAttribute('aria-pressed', String(settings.thinking !== false));
    this.input.style.height = 'auto';
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  private toggleThinking(): void {
    saveSettings({ thinking: settings.thinking === false });
    this.update();
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (!text || this.chat.answering) return;
    this.input.value = '';
    this.chat.send(text);
    this.update();
    this.focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !touch.matches) {
      event.preventDefault();
      this.submit();
    } else if (event.key === 'ArrowUp' && this.input.value === '') {
      event.preventDefault();
      this.onEmptyArrowUp();
    }
  }
}
