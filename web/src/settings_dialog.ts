// Settings of model, sampling and looks; conversations out and in; the server and the app.
import { notify } from './announcer';
import type { Chat } from './chat';
import { element, iconButton, textButton } from './dom';
import { installAdvice, type Installer } from './install';
import type { Server } from './server';
import { saveSettings, type Settings, settings } from './settings';
import { download, exportFile, readExport } from './transfer';

const hasKeyboard = window.matchMedia('(pointer: fine)');
let ids = 0;

function row(label: string, control: HTMLElement, hint = ''): HTMLElement {
  control.id ||= `setting-${(ids += 1)}`;
  const about = hint ? element('p', { class: 'hint', id: `${control.id}-hint` }, hint) : null;
  if (about) control.setAttribute('aria-describedby', about.id);
  return element(
    'div',
    { class: 'row' },
    element('label', { for: control.id }, label),
    control,
    about,
  );
}

function choice(options: [string, string][], value: string, set: (value: string) => void) {
  const select = element('select');
  for (const [name, label] of options) select.append(element('option', { value: name }, label));
  select.value = value;
  select.addEventListener('change', () => set(select.value));
  return select;
}

type NumberName = 'temperature' | 'topP' | 'maxTokens';

/** Empty: the model's own. */
function numberInput(name: NumberName, least: number, most: number, step: number) {
  const input = element('input', {
    type: 'number',
    inputmode: 'decimal',
    min: least,
    max: most,
    step,
    placeholder: 'the model’s own',
  });
  input.value = settings[name]?.toString() ?? '';
  input.addEventListener('change', () => {
    const value = input.valueAsNumber;
    const kept = Number.isNaN(value) ? undefined : Math.min(most, Math.max(least, value));
    saveSettings({ [name]: kept });
    input.value = kept?.toString() ?? '';
  });
  return input;
}

function section(title: string, ...children: (HTMLElement | null)[]): HTMLElement {
  return element('section', {}, element('h3', {}, title), ...children);
}

export class SettingsDialog {
  private content = element('div', { class: 'dialog-content' });
  readonly root = element(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'settings-title' },
    element(
      'header',
      {},
      element('h2', { id: 'settings-title' }, 'Settings'),
      iconButton('close', 'Close', () => this.root.close()),
    ),
    this.content,
  );

  constructor(
    private chat: Chat,
    private server: Server,
    private installer: Installer,
    private changed: () => void,
  ) {
    this.root.addEventListener('click', (event) => {
      if (event.target === this.root) this.root.close(); // outside of it
    });
    this.root.addEventListener('close', changed);
    server.changed.on(() => {
      if (this.root.open && !this.content.contains(document.activeElement)) this.fill();
    });
  }

  open(): void {
    this.fill();
    if (!this.root.open) this.root.showModal();
  }
  openAtKey(): void {
    this.open();
    this.content.querySelector<HTMLElement>('.key')?.focus();
  }

  private set(changes: Partial<Settings>): void {
    saveSettings(changes);
    this.changed();
  }

  private fill(): void {
    this.content.replaceChildren(
      section('Model', this.modelRow(), this.systemRow()),
      section('Answers', ...this.answerRows()),
      section('Looks', ...this.looksRows()),
      section('Conversations', this.transferButtons()),
      section('Server', this.serverState(), this.keyRow()),
      section('App', ...installAdvice(this.installer)),
      hasKeyboard.matches ? section('Keys', this.keyTable()) : '',
    );
  }

  private modelRow(): HTMLElement {
    const { models } = this.server;
    const names = models.map(({ id }): [string, string] => [id, id]);
    const known = models.some(({ id }) => id === settings.model);
    const select = choice(
      names.length ? names : [['', 'the server’s']],
      known ? settings.model : (models[0]?.id ?? ''),
      (model) => this.set({ model }),
    );
    const context = models[0]?.contextLength;
    return row('Name', select, context ? `Context: ${context.toLocaleString('en')} tokens` : '');
  }

  private systemRow(): HTMLElement {
    const area = element('textarea', { rows: 3, placeholder: 'none' });
    area.value = settings.system;
    area.addEventListener('change', () => this.set({ system: area.value }));
    return row('System prompt', area, 'Said to the model before every conversation.');
  }

  private answerRows(): HTMLElement[] {
    const budgets = [1024, 2048, 4096, 8192, 16384, 32768];
    const thinking = choice(
      [
        ['true', 'as long as it takes'],
        ...budgets.map((n): [string, string] => [`${n}`, `up to ${n.toLocaleString('en')} tokens`]),
        ['false', 'not at all'],
      ],
      String(settings.thinking),
      (value) => this.set({ thinking: JSON.parse(value) }),
    );
    return [
      row('Thinking', thinking),
      row('Temperature', numberInput('temperature', 0, 2, 0.1), '0: always the likeliest word'),
      row('Top p', numberInput('topP', 0, 1, 0.05)),
      row(
        'Longest answer',
        numberInput('maxTokens', 1, 1 << 20, 1),
        'in tokens, thinking included',
      ),
    ];
  }

  private looksRows(): HTMLElement[] {
    const theme = choice(
      [
        ['system', 'as the system'],
        ['light', 'light'],
        ['dark', 'dark'],
      ],
      settings.theme,
      (value) => this.set({ theme: value as Settings['theme'] }),
    );
    const thoughts = choice(
      [
        ['fold', 'fold when the answer begins'],
        ['open', 'stay open'],
        ['folded', 'stay folded'],
      ],
      settings.thoughts,
      (value) => this.set({ thoughts: value as Settings['thoughts'] }),
    );
    return [row('Colours', theme), row('Thoughts', thoughts)];
  }

  private transferButtons(): HTMLElement {
    const file = element('input', {
      type: 'file',
      accept: 'application/json',
      hidden: true,
      'aria-label': 'File to import',
    });
    file.addEventListener('change', () => void this.importFrom(file));
    return element(
      'div',
      { class: 'buttons' },
      textButton('Export', () => download(exportFile(this.chat.conversations))),
      textButton('Import', () => file.click()),
      file,
      textButton('Delete all', () => this.removeAll(), { class: 'text-button danger' }),
    );
  }

  private async importFrom(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    try {
      const conversations = readExport(await file.text());
      await this.chat.add(conversations);
      notify(`${conversations.length} conversations imported.`);
    } catch (error) {
      notify(`Nothing was imported: ${error instanceof Error ? error.message : error}.`);
    }
    input.value = '';
  }

  private removeAll(): void {
    const all = this.chat.conversations;
    if (all.length === 0) return;
    void this.chat.removeAll();
    notify(`${all.length} conversations deleted.`, {
      label: 'Undo',
      run: () => void this.chat.add(all),
    });
  }

  private serverState(): HTMLElement {
    const states = {
      unknown: 'Looking for it …',
      ready: `${location.host} answers.`,
      unreachable: `${location.host} can’t be reached.`,
      'key-needed': `${location.host} wants a key.`,
    };
    return element('p', {}, states[this.server.state]);
  }

  private keyRow(): HTMLElement {
    const input = element('input', { type: 'password', class: 'key', autocomplete: 'off' });
    input.value = settings.key;
    input.addEventListener('change', () => {
      this.set({ key: input.value.trim() });
      void this.server.look();
    });
    return row('API key', input, 'Printed by r1 serve when it starts; kept in this browser.');
  }

  private keyTable(): HTMLElement {
    const keys: [string, string][] = [
      ['Enter', 'send'],
      ['Shift + Enter', 'new line'],
      ['Esc', 'stop the answer'],
      ['↑', 'edit the last question, from an empty field'],
      ['Ctrl + Shift + O', 'new conversation'],
      ['Ctrl + Shift + S', 'show or hide the list'],
      ['Ctrl + ,', 'settings'],
      ['/', 'to the question'],
    ];
    return element(
      'dl',
      { class: 'keys' },
      ...keys.flatMap(([key, what]) => [
        element('dt', {}, element('kbd', {}, key)),
        element('dd', {}, what),
      ]),
    );
  }
}
