// What the user has set, kept in the browser. Absent numbers are the model's own.

export type Theme = 'system' | 'light' | 'dark';
export type Thoughts = 'fold' | 'open' | 'folded';

export interface Settings {
  model: string;
  system: string;
  /** false: none; a number: at most so many tokens; true: as long as it takes. */
  thinking: boolean | number;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  thoughts: Thoughts;
  theme: Theme;
  key: string;
}

const NAME = 'r1-settings';
const defaults: Settings = {
  model: '',
  system: '',
  thinking: true,
  thoughts: 'fold',
  theme: 'system',
  key: '',
};

function load(): Settings {
  try {
    return { ...defaults, ...JSON.parse(localStorage.getItem(NAME) ?? '{}') };
  } catch {
    return { ...defaults };
  }
}

export const settings: Settings = load();

export function saveSettings(changes: Partial<Settings>): void {
  Object.assign(settings, changes);
  localStorage.setItem(NAME, JSON.stringify(settings));
  showTheme();
}

export function showTheme(): void {
  if (settings.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
  const bar = document.querySelector('meta[name="theme-color"]');
  bar?.setAttribute('content', getComputedStyle(document.documentElement).backgroundColor);
}

/** A key in the address (#key=...), as the QR code carries it, is kept and taken out of sight. */
export function takeKeyFromAddress(): void {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (!key) return;
  saveSettings({ key });
  history.replaceState(null, '', location.pathname + location.search);
}
