// Puts the page together.
import { followAddress } from './address';
import { announce, announcerElements, notify } from './announcer';
import { serverBanner } from './banner';
import { Chat } from './chat';
import { Composer } from './composer';
import { element, icon, iconButton } from './dom';
import { Installer } from './install';
import { Server } from './server';
import { saveSettings, settings, showTheme, takeKeyFromAddress } from './settings';
import { SettingsDialog } from './settings_dialog';
import { listenForShortcuts } from './shortcuts';
import { Sidebar } from './sidebar';
import { Transcript } from './transcript';

takeKeyFromAddress();
const server = new Server();
const chat = new Chat(server);
const installer = new Installer();
const transcript = new Transcript(chat);
const composer: Composer = new Composer(chat, () => dialog.open());
const sidebar = new Sidebar(chat, () => composer.focusUnlessTouch());
const dialog: SettingsDialog = new SettingsDialog(chat, server, installer, showSettings);

function showSettings(): void {
  const known = server.models.some(({ id }) => id === settings.model);
  if (server.models.length && !known) saveSettings({ model: server.models[0]!.id });
  composer.showModel(settings.model);
  composer.update();
}

function switchTheme(): void {
  const dark = getComputedStyle(document.documentElement).colorScheme === 'dark';
  const systemDark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  const isDark = settings.theme === 'system' ? systemDark : dark;
  saveSettings({ theme: isDark ? 'light' : 'dark' });
}

function openFromSidebar(): void {
  sidebar.closeDrawer();
  dialog.open();
}

const title = element('h1', { class: 'page-title' }, 'New conversation');
const header = element(
  'header',
  { class: 'page-header' },
  iconButton('menu', 'Conversations', () => sidebar.toggle(), {
    class: 'icon-button show-list',
    'aria-controls': 'sidebar',
    'aria-expanded': 'false',
  }),
  title,
  iconButton('add', 'New conversation', () => sidebar.begin(), { class: 'icon-button new' }),
);
const main = element(
  'main',
  {},
  header,
  transcript.root,
  element(
    'div',
    { class: 'bottom' },
    transcript.toEnd,
    serverBanner(server, () => dialog.openAtKey()),
    composer.root,
    element('p', { class: 'advice' }, 'Answers can be wrong: check what matters.'),
  ),
);
sidebar.addToFooter(
  element(
    'button',
    { type: 'button', class: 'footer-button', click: openFromSidebar },
    icon('settings'),
    'Settings',
  ),
  iconButton('theme', 'Light or dark', switchTheme),
);
document.body.append(sidebar.root, sidebar.backdrop, main, dialog.root, ...announcerElements());
sidebar.covers(main);

function showTitle(): void {
  const name = chat.current.title || 'New conversation';
  title.textContent = name;
  document.title = chat.current.title ? `${name} · r1` : 'r1';
}
chat.shownChanged.on(showTitle);
chat.listChanged.on(showTitle);
chat.failed.on((text) => notify(text));
chat.messageChanged.on((message) => {
  if (!message.text && !message.thinking && chat.isComing(message))
    announce('The answer is coming.');
});
chat.answerEnded.on((message) => {
  const text = message.error ?? message.text.slice(0, 2000);
  announce(`${message.end === 'stopped' ? 'Stopped' : 'Answer'}: ${text}`);
});
composer.onEmptyArrowUp = () => transcript.editLast();
server.changed.on(showSettings);
listenForShortcuts({
  stop: () => chat.stop(),
  begin: () => sidebar.begin(),
  toggleList: () => sidebar.toggle(),
  settings: () => dialog.open(),
  question: () => composer.focus(),
});

showTheme();
void server.look();
void chat.load().then(() => {
  followAddress(chat);
  composer.focusUnlessTouch();
});
