// Keeps the page itself, so that it opens without the server. What the server says is never kept.
declare const SHELL: string[]; // the page's files, filled in by the build
declare const VERSION: string;

export {}; // a module: its names are its own

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface WorkerScope {
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  registration: { scope: string };
}

const worker = self as unknown as WorkerScope;
const cacheName = `r1-${VERSION}`;

worker.addEventListener('install', (event) => {
  const keep = async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(SHELL.map((file) => new Request(file, { cache: 'reload' })));
    await worker.skipWaiting();
  };
  event.waitUntil(keep());
});

worker.addEventListener('activate', (event) => {
  const clean = async () => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((other) => other !== cacheName).map((other) => caches.delete(other)),
    );
    await worker.clients.claim();
  };
  event.waitUntil(clean());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || !address.href.startsWith(worker.registration.scope)) return;
  address.search = '';
  address.hash = '';
  const file = address.href.slice(worker.registration.scope.length) || './';
  if (!SHELL.includes(file)) return;
  const answer = async () => (await (await caches.open(cacheName)).match(file)) ?? fetch(request);
  event.respondWith(answer());
});
