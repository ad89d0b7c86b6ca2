// Tells screen readers what happens, and shows short notices to everybody.
import { element, textButton } from './dom';

const region = element('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
const notices = element('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });

export function announcerElements(): HTMLElement[] {
  return [region, notices];
}

export function announce(text: string): void {
  region.textContent = text;
}

export function notify(text: string, action?: { label: string; run: () => void }): void {
  const notice = element('div', { class: 'notice' }, element('span', {}, text));
  const remove = () => notice.remove();
  if (action) {
    notice.append(
      textButton(action.label, () => {
        remove();
        action.run();
      }),
    );
  }
  notices.replaceChildren(notice);
  setTimeout(remove, 8_000);
}
