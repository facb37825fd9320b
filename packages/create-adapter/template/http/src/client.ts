// Stands for the client of your service, and for the service: a map that answers as a server over HTTP would. Replace this
// file: `sendRequest` and `readBody` of @remote-log/core/adapter send a request, and read a body up to a limit.

/** The largest content that the service takes, in bytes. */
export const LARGEST_CONTENT: number = 1024 * 1024;

/** What tells the answers of the service from those of anybody else: the value of a header of its own, say. */
export const SENDER: string = "template";

/** What the service holds under a key. */
export interface Stored {
  readonly bytes: Uint8Array;
  /** Counts the writes of this key. */
  readonly revision: string;
}

/** Everything that the service holds, by key. */
export class Service extends Map<string, Stored> {}

/** What the service answers. */
export interface Reply {
  readonly status: number;
  /** {@link SENDER}, if it is the service that answers; in its place a proxy may, or a network that wants a login. */
  readonly sender: string | null;
  /** What the key holds, if a read found it; after a write, what it holds now. */
  readonly stored?: Stored;
}

/** What a write demands of a key: that it holds this revision, or nothing (`null`), or whatever it likes. */
export type Condition = string | null | undefined;

const answer = { sender: SENDER };

/** A client of the service. Every request can fail and can be given up. */
export class Client {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** 200 with what is there, or 404. */
  async get(key: string, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    const stored = this.#service.get(key);
    return stored === undefined ? { ...answer, status: 404 } : { ...answer, status: 200, stored };
  }

  /** 200, or 412 if the condition does not hold. Nothing is awaited in between: a compare-and-set. */
  async put(key: string, bytes: Uint8Array, condition: Condition, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    const held = this.#service.get(key)?.revision ?? null;
    if (condition !== undefined && condition !== held) return { ...answer, status: 412 };
    const stored = { bytes, revision: String(Number(held) + 1) };
    this.#service.set(key, stored);
    return { ...answer, status: 200, stored };
  }

  /** 200, whether there was something or not. */
  async delete(key: string, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    this.#service.delete(key);
    return { ...answer, status: 200 };
  }
}
