// The page as an app: its service worker, and what hinders installing it.
import { notify } from './announcer';
import { element, textButton } from './dom';
import { Signal } from './signal';

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

interface ScriptPolicy {
  createScriptURL(address: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy;
}

/** The one address of a script that this page ever loads later. */
function workerAddress(): string {
  const address = 'service-worker.js';
  const factory = (window as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (!factory) return address;
  return factory.createPolicy('r1', { createScriptURL: () => address }).createScriptURL(address);
}

export class Installer {
  prompt: InstallPrompt | null = null;
  problem = '';
  readonly changed = new Signal();

  constructor() {
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.prompt = event as InstallPrompt;
      this.changed.emit();
    });
    window.addEventListener('appinstalled', () => {
      this.prompt = null;
      this.changed.emit();
    });
    void this.register();
  }

  private async register(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    const first = !navigator.serviceWorker.controller;
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (first) return;
      notify('A newer page is here.', { label: 'Load it', run: () => location.reload() });
    });
    try {
      await navigator.serviceWorker.register(workerAddress());
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

/** What to do to have the page as an app, or why it can't be. */
export function installAdvice(installer: Installer): HTMLElement[] {
  const paragraph = (text: string) => element('p', { class: 'hint' }, text);
  if (window.matchMedia('(display-mode: standalone)').matches) {
    return [paragraph('This is the app. It opens without a network too.')];
  }
  if (!window.isSecureContext) {
    return [
      paragraph(
        'This page came over plain HTTP, and browsers install apps only over TLS or from this ' +
          'very machine. Everything else works. Start the server with --tls auto to install it.',
      ),
    ];
  }
  if (installer.problem && location.protocol === 'https:') {
    const link = element('a', { href: 'r1-ca.crt', download: 'r1-ca.crt' }, 'its authority');
    const advice = paragraph(
      'This device doesn’t trust the server yet, so it installs no app. Load ',
    );
    advice.append(link, ', compare its fingerprint with what r1 serve printed, and install it.');
    return [advice];
  }
  if (installer.problem) {
    return [paragraph(`The browser keeps no copy of the page: ${installer.problem}`)];
  }
  const prompt = installer.prompt;
  if (prompt) {
    return [
      paragraph('As an app it has its own window and opens without a network.'),
      element(
        'div',
        { class: 'buttons' },
        textButton('Install', () => void prompt.prompt()),
      ),
    ];
  }
  return [
    paragraph(
      'To have it as an app: on an iPhone Share, then Add to Home Screen; elsewhere the browser’s ' +
        'menu, Install.',
    ),
  ];
}
