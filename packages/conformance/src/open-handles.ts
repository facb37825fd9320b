// Finds what an adapter leaves open, in runtimes that tell: timers, connections, servers, processes. It looks at all
// that is opened while a case runs, by whatever runs in it, and in the end at what of it still keeps the process alive.

import type { LeftOpen } from "./left-open.ts";
import { authorFrames } from "./stack.ts";

/** What Node.js calls the things that keep a process alive, and how a reader knows them. */
const KINDS: Readonly<Record<string, string>> = {
  Timeout: "timer",
  TCPWRAP: "connection",
  TCPSERVERWRAP: "server",
  PIPEWRAP: "pipe",
  PIPESERVERWRAP: "server",
  UDPWRAP: "socket",
  PROCESSWRAP: "process",
  FSEVENTWRAP: "file watcher",
  STATWATCHER: "file watcher",
  WORKER: "worker",
};

/** How long what is left may take to end, as long as none of it ends, and in all; in milliseconds. */
const GRACE_MS = 5_000;
const MOST_MS = 60_000;
const LOOK_MS = 20;
/** How many lines of a stack are noted: those of the runtime come first. */
const STACK_LINES = 30;
/** How many lines of it are shown. */
const MOST_FRAMES = 4;

/** What keeps a process alive, or no longer does. */
interface Resource {
  hasRef?(): boolean;
  unref?(): unknown;
  /** Of a timer: that it has fired, or was cleared. */
  readonly _destroyed?: boolean;
}

/** The part of `node:async_hooks` that is used here. */
interface AsyncHooks {
  readonly AsyncLocalStorage: new () => {
    run<T>(store: string, work: () => T): T;
    getStore(): string | undefined;
  };
  createHook(hooks: { init(id: number, type: string, trigger: number, resource: Resource): void }): {
    enable(): void;
    disable(): void;
  };
}

/** What of the process of Node.js is used here. */
interface NodeProcess {
  readonly stdout?: unknown;
  readonly stderr?: unknown;
  getBuiltinModule?(name: string): AsyncHooks | undefined;
}

interface Opened {
  readonly kind: string;
  readonly openedBy: string;
  readonly resource: Resource;
  readonly error: Error;
}

/** Notes what is opened while cases run. */
export class OpenHandles {
  readonly #case: InstanceType<AsyncHooks["AsyncLocalStorage"]>;
  readonly #unhook: () => void;
  #opened: Opened[] = [];

  private constructor(hooks: AsyncHooks) {
    this.#case = new hooks.AsyncLocalStorage();
    const looksAtTimers = tellsClearedTimers();
    const hook = hooks.createHook({
      init: (_id, type, _trigger, resource) => {
        const kind = KINDS[type];
        if (kind === undefined || (type === "Timeout" && !looksAtTimers)) return;
        const openedBy = this.#case.getStore();
        if (openedBy !== undefined) this.#opened.push({ kind, openedBy, resource, error: placeOf() });
      },
    });
    hook.enable();
    this.#unhook = () => hook.disable();
  }

  /** Begins to look. Undefined in a runtime that does not tell what is opened, as in a browser. */
  static start(): OpenHandles | undefined {
    const runtime = (globalThis as { readonly process?: NodeProcess }).process;
    // Bun and Deno have the module, and never call a hook: nothing is found there.
    const hooks = runtime?.getBuiltinModule?.("node:async_hooks");
    // The first to write opens these: they are of the process, and of no case.
    void [runtime?.stdout, runtime?.stderr];
    return hooks === undefined ? undefined : new OpenHandles(hooks);
  }

  /** Runs a case. What it opens is noted under its id. */
  async during<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#case.run(id, work);
    } finally {
      this.#opened = this.#opened.filter(isOpen);
    }
  }

  /**
   * Gives what is still open, after a moment in which it may end, and stops to look. A connection that is told to end
   * takes a few turns of the event loop; as long as one after the other does, the rest are waited for. What is left
   * then no longer keeps the process alive: it has been told, and nobody has to wait for it.
   */
  async end(): Promise<readonly LeftOpen[]> {
    const started = performance.now();
    let progress = started;
    let count = this.#opened.length;
    for (;;) {
      this.#opened = this.#opened.filter(isOpen);
      const now = performance.now();
      if (this.#opened.length < count) progress = now;
      count = this.#opened.length;
      if (count === 0 || now - progress > GRACE_MS || now - started > MOST_MS) break;
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_MS);
      });
    }
    this.#unhook();
    for (const { resource } of this.#opened) resource.unref?.();
    return this.#opened.map(({ kind, openedBy, error }) => ({
      what: kind,
      openedBy,
      stack: authorFrames(error).slice(0, MOST_FRAMES),
    }));
  }
}

/** Whether something still keeps the process alive. */
function isOpen({ resource }: { readonly resource: Resource }): boolean {
  return resource.hasRef?.() === true && resource._destroyed !== true;
}

/** Whether this runtime tells a timer that was cleared from one that still runs. */
function tellsClearedTimers(): boolean {
  const resource = setTimeout(() => undefined, 1) as unknown as Resource;
  const before = isOpen({ resource });
  clearTimeout(resource as unknown as ReturnType<typeof setTimeout>);
  return before && !isOpen({ resource });
}

/** Where something is opened just now. */
function placeOf(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_LINES;
  const error = new Error("opened here");
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
