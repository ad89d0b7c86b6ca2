// The list of conversations: a column on wide screens, a drawer on narrow ones.
import { notify } from './announcer';
import type { Chat } from './chat';
import type { Conversation } from './conversation';
import { element, icon, iconButton } from './dom';

const narrow = window.matchMedia('(max-width: 760px)');
const DAY = 86_400_000;

function ageOf(time: number): string {
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (time >= midnight) return 'Today';
  if (time >= midnight - DAY) return 'Yesterday';
  if (time >= midnight - 7 * DAY) return 'Last seven days';
  return new Date(time).toLocaleDateString('en', { month: 'long', year: 'numeric' });
}

function holds(conversation: Conversation, words: string[]): boolean {
  const texts = [conversation.title, ...conversation.messages.map((message) => message.text)];
  const all = texts.join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
}

export class Sidebar {
  private list = element('div', { class: 'conversations' });
  private search = element('input', {
    type: 'search',
    placeholder: 'Search',
    'aria-label': 'Search conversations',
    input: () => this.show(),
  });
  private footer = element('div', { class: 'sidebar-footer' });
  readonly root: HTMLElement;
  readonly backdrop = element('div', { class: 'backdrop', click: () => this.close() });
  /** What the drawer covers, which is out of reach while it is open. */
  private covered: HTMLElement[] = [];

  constructor(
    private chat: Chat,
    private focusQuestion: () => void,
  ) {
    const create = element(
      'button',
      { type: 'button', class: 'new-conversation', click: () => this.begin() },
      icon('add'),
      'New conversation',
    );
    this.root = element(
      'nav',
      { class: 'sidebar', id: 'sidebar', 'aria-label': 'Conversations' },
      element(
        'div',
        { class: 'sidebar-head' },
        element('span', { class: 'brand' }, 'r1'),
        iconButton('menu', 'Hide the list', () => this.close(), { class: 'icon-button hide-list' }),
      ),
      create,
      this.search,
      this.list,
      this.footer,
    );
    chat.listChanged.on(() => this.show());
    narrow.addEventListener('change', () => this.set(!narrow.matches));
    this.root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && narrow.matches) {
        event.stopPropagation();
        this.close();
      }
    });
    this.show();
  }

  begin(): void {
    this.chat.begin();
    this.closeDrawer();
    this.focusQuestion();
  }

  covers(...elements: HTMLElement[]): void {
    this.covered = elements;
    this.set(!narrow.matches);
  }
  addToFooter(...children: HTMLElement[]): void {
    this.footer.append(...children);
  }

  /** Out of the way of what is opened from it. */
  closeDrawer(): void {
    if (narrow.matches) this.set(false);
  }

  get isOpen(): boolean {
    return document.body.classList.contains('sidebar-open');
  }
  toggle(): void {
    this.set(!this.isOpen);
    if (this.isOpen && narrow.matches) this.root.querySelector('button')?.focus();
  }
  close(): void {
    this.set(false);
    document.querySelector<HTMLElement>('.show-list')?.focus();
  }

  private set(open: boolean): void {
    document.body.classList.toggle('sidebar-open', open);
    this.root.inert = !open;
    for (const element of this.covered) element.inert = open && narrow.matches;
    document.querySelector('.show-list')?.setAttribute('aria-expanded', String(open));
  }

  private show(): void {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.chat.conversations.filter((one) => holds(one, words));
    const groups = new Map<string, HTMLElement>();
    const nodes: HTMLElement[] = [];
    for (const conversation of found) {
      const age = ageOf(conversation.updated);
      let group = groups.get(age);
      if (!group) {
        group = element('ul', { 'aria-label': age });
        groups.set(age, group);
        nodes.push(element('h2', {}, age), group);
      }
      group.append(this.item(conversation));
    }
    if (nodes.length === 0) {
      const text = words.length ? 'Nothing holds these words.' : 'Your conversations appear here.';
      nodes.push(element('p', { class: 'nothing' }, text));
    }
    this.list.replaceChildren(...nodes);
  }

  private item(conversation: Conversation): HTMLElement {
    const current = conversation === this.chat.current;
    const title = conversation.title || 'Without a title';
    const item = element('li', { class: current ? 'current' : '' });
    const open = element(
      'button',
      {
        type: 'button',
        class: 'title',
        title,
        'aria-current': current ? 'true' : undefined,
        click: () => {
          this.chat.open(conversation.id);
          this.closeDrawer();
        },
      },
      this.chat.isAnswering(conversation) ? element('span', { class: 'busy' }) : null,
      element('span', {}, title),
    );
    item.append(
      open,
      element(
        'span',
        { class: 'item-actions' },
        iconButton('edit', `Rename ${title}`, () => this.rename(conversation, item)),
        iconButton('remove', `Delete ${title}`, () => this.remove(conversation)),
      ),
    );
    return item;
  }

  private rename(conversation: Conversation, item: HTMLElement): void {
    const input = element('input', { 'aria-label': 'Title', maxlength: 200 });
    input.value = conversation.title;
    let ended = false;
    const end = (keep: boolean) => {
      if (ended) return;
      ended = true;
      const title = input.value.trim();
      if (keep && title) this.chat.rename(conversation, title);
      else this.show();
    };
    input.addEventListener('blur', () => end(true));
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') end(true);
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      end(false);
    });
    item.replaceChildren(input);
    input.select();
  }

  private remove(conversation: Conversation): void {
    void this.chat.remove(conversation);
    notify('The conversation is deleted.', {
      label: 'Undo',
      run: async () => {
        await this.chat.add([conversation]);
        this.chat.open(conversation.id);
      },
    });
  }
}
