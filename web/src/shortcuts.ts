// Keys that work everywhere on the page.

export interface Shortcuts {
  stop(): void;
  begin(): void;
  toggleList(): void;
  settings(): void;
  question(): void;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}

export function listenForShortcuts(shortcuts: Shortcuts): void {
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || document.querySelector('dialog[open]')) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    let action: (() => void) | undefined;
    if (key === 'escape') action = shortcuts.stop;
    else if (control && event.shiftKey && key === 'o') action = shortcuts.begin;
    else if (control && event.shiftKey && key === 's') action = shortcuts.toggleList;
    else if (control && key === ',') action = shortcuts.settings;
    else if (key === '/' && !control && !isWriting(event.target)) action = shortcuts.question;
    if (!action) return;
    event.preventDefault();
    action();
  });
}
