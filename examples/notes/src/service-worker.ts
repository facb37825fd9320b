// Keeps the page itself on the device, so that it opens without a network. It keeps nothing else: no note, and no credentials.

/** What `build.mjs` puts in: the paths of the page, and a name that changes with any of them. */
declare const SHELL: readonly string[];
declare const VERSION: string;

interface LifetimeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent extends LifetimeEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: LifetimeEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: RequestEvent) => void): void;
}

const worker = globalThis as unknown as WorkerScope;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers());
});

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== worker.location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(fromShell(pathname, event.request));
});

async function keepShell(): Promise<void> {
  const shell = await caches.open(VERSION);
  await shell.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
  await worker.skipWaiting();
}

async function forgetOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name !== VERSION);
  await Promise.all(others.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const shell = await caches.open(VERSION);
  return (await shell.match(path)) ?? fetch(request);
}
