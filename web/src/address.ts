// The conversation that is shown stands in the address, so that reload, back and forth find it.
import type { Chat } from './chat';

function idInAddress(): string {
  return location.hash.startsWith('#/') ? location.hash.slice(2) : '';
}

export function followAddress(chat: Chat): void {
  const open = () => {
    const id = idInAddress();
    if (id === chat.current.id) return;
    if (!id || !chat.open(id)) chat.begin();
  };
  if (idInAddress()) open();
  window.addEventListener('popstate', open);
  const show = () => {
    const id = chat.conversations.includes(chat.current) ? chat.current.id : '';
    if (id === idInAddress()) return;
    const address = location.pathname + location.search + (id ? `#/${id}` : '');
    history.pushState(null, '', address);
  };
  chat.shownChanged.on(show);
}
