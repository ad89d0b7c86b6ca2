// What the model thought, in a panel that folds.
import type { Message } from './conversation';
import { element, icon } from './dom';
import { MarkdownView } from './markdown';
import { settings } from './settings';

export function duration(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  const whole = Math.round(seconds);
  if (whole < 60) return whole === 1 ? '1 second' : `${whole} seconds`;
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

export class ThinkingView {
  private label = element('span');
  private text = new MarkdownView();
  readonly root = element(
    'details',
    { class: 'thinking' },
    element('summary', {}, icon('think'), this.label, icon('fold')),
    this.text.root,
  );
  private touched = false; // the user folded or unfolded it

  constructor() {
    this.root.querySelector('summary')?.addEventListener('click', () => {
      this.touched = true;
    });
  }

  update(message: Message, coming: boolean): void {
    const { thinking, thinkingSeconds } = message;
    this.root.hidden = !thinking;
    if (!thinking) return;
    const isThinking = coming && !message.text;
    const time = thinkingSeconds === undefined ? '' : ` for ${duration(thinkingSeconds)}`;
    this.label.textContent = isThinking ? `Thinking${time}` : `Thought${time}`;
    this.root.classList.toggle('active', isThinking);
    if (!this.touched) {
      this.root.open = settings.thoughts === 'open' || (settings.thoughts === 'fold' && isThinking);
    }
    this.text.show(thinking);
  }
}
