// A line above the question when the server can't answer.
import { element, icon, textButton } from './dom';
import type { Server } from './server';

export function serverBanner(server: Server, enterKey: () => void): HTMLElement {
  const text = element('span');
  const action = element('span');
  const root = element('div', { class: 'banner', role: 'status' }, icon('warn'), text, action);
  root.hidden = true;
  server.changed.on(() => {
    root.hidden = server.state === 'ready';
    if (server.state === 'unreachable') {
      text.textContent = navigator.onLine
        ? `The server ${location.host} can’t be reached: you can read, but not ask.`
        : 'You are offline: you can read, but not ask.';
      action.replaceChildren(textButton('Try again', () => void server.look()));
    } else if (server.state === 'key-needed') {
      text.textContent = 'This server wants an API key.';
      action.replaceChildren(textButton('Enter it', enterKey));
    }
  });
  return root;
}
