// Conversations in the browser's database, and word of changes to other tabs.
import type { Conversation } from './conversation';

const STORE = 'conversations';
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('r1-conversations') : null;
let database: Promise<IDBDatabase> | undefined;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function opened(): Promise<IDBDatabase> {
  database ??= (() => {
    const request = indexedDB.open('r1', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    return settled(request);
  })();
  return database;
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  return (await opened()).transaction(STORE, mode).objectStore(STORE);
}

/** All of them, the last used first. */
export async function loadConversations(): Promise<Conversation[]> {
  const all: Conversation[] = await settled((await store('readonly')).getAll());
  return all.sort((a, b) => b.updated - a.updated);
}

export async function saveConversation(conversation: Conversation): Promise<void> {
  await settled((await store('readwrite')).put(conversation));
  channel?.postMessage(conversation.id);
}

export async function deleteConversation(id: string): Promise<void> {
  await settled((await store('readwrite')).delete(id));
  channel?.postMessage(id);
}

export async function deleteAllConversations(): Promise<void> {
  await settled((await store('readwrite')).clear());
  channel?.postMessage('');
}

/** Calls back when another tab has changed something. */
export function onChangeElsewhere(callback: () => void): void {
  channel?.addEventListener('message', callback);
}
