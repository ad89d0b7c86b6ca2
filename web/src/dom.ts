// Making elements. Text becomes text nodes, so nothing that is written here can be markup.

type Value = string | number | boolean | undefined | ((event: never) => void);
type Child = Node | string | null | undefined | false;

/** An element with attributes (functions: listeners, true: present, false: absent) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

const shapes = {
  add: 'M12 5v14M5 12h14',
  back: 'M14.5 6l-6 6 6 6',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  down: 'M12 5v14M6 13l6 6 6-6',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3',
  forth: 'M9.5 6l6 6-6 6',
  fold: 'M7 10l5 5 5-5',
  go_on: 'M5 6l7 6-7 6zM13 6l7 6-7 6z',
  menu: 'M4 7h16M4 12h16M4 17h10',
  again: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  remove: 'M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7M10.3 11v5M13.7 11v5',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  send: 'M12 19V5M6 11l6-6 6 6',
  settings:
    'M12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2',
  stop: 'M7 7h10v10H7z',
  think:
    'M9 18h6M10 21h4M12 3a6 6 0 0 0-3.6 10.8c.7.6 1.1 1.3 1.1 2.2h5c0-.9.4-1.6 1.1-2.2A6 6 0 0 0 12 3z',
  theme: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 4v16M12 8.5h6.5M12 12h7.6M12 15.5h6.5',
  warn: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.1',
};

export type Icon = keyof typeof shapes;

export function icon(name: Icon): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon alone; its label is for screen readers and as a tooltip. */
export function iconButton(
  name: Icon,
  label: string,
  click: (event: MouseEvent) => void,
  attributes: Record<string, Value> = {},
): HTMLButtonElement {
  const all = { type: 'button', class: 'icon-button', 'aria-label': label, title: label };
  return element('button', { ...all, ...attributes, click }, icon(name));
}

export function textButton(
  label: string,
  click: (event: MouseEvent) => void,
  attributes: Record<string, Value> = {},
): HTMLButtonElement {
  return element('button', { type: 'button', class: 'text-button', ...attributes, click }, label);
}

/** Another icon and label for a moment, as after copying. */
export function confirm(button: HTMLButtonElement, label: string): void {
  const [before, was] = [button.firstElementChild, button.getAttribute('aria-label')];
  if (!before || button.dataset.confirming) return;
  button.dataset.confirming = 'true';
  before.replaceWith(icon('check'));
  button.setAttribute('aria-label', label);
  setTimeout(() => {
    button.firstElementChild?.replaceWith(before);
    if (was) button.setAttribute('aria-label', was);
    delete button.dataset.confirming;
  }, 1600);
}

/** The clipboard's own interface exists only over TLS and on localhost. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = element('textarea', { class: 'unseen', 'aria-hidden': 'true' });
  area.value = text;
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
