// A remote in memory that is as slow, stale and dear as a model says. The log on it is the real one.

import { type Address, type Remote, type Resolution, UnreachableError } from "@remote-log/core";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import type { VirtualClock } from "../clock/virtual-clock.ts";
import type { Kind } from "../figures/outcome.ts";
import type { CostModel, OperationCost } from "./cost-models.ts";

/** What is told of each operation. */
export interface Use {
  readonly kind: Kind;
  readonly writes: boolean;
  readonly requests: number;
  /** Bytes of the content, and of everything around it. */
  readonly contentBytes: number;
  readonly otherBytes: number;
}

/** Who uses a remote. */
export interface User {
  /** Whether the log is the user's own. */
  readonly owns: boolean;
  readonly isOnline: () => boolean;
  readonly used: (use: Use) => void;
}

/** What takes a byte each 8 µs: 1 Mbit/s. */
const BYTE_MILLISECONDS = 8 / 1000;

/** A service on which a log lies. */
export class ModelledService {
  readonly #clock: VirtualClock;
  readonly #model: CostModel;
  readonly #contents = new Map<string, Uint8Array>();
  readonly #table = new NameTable();
  /** What each name held, and since when. */
  readonly #history = new Map<string, { readonly since: number; readonly value: Resolution }[]>();

  constructor(clock: VirtualClock, model: CostModel) {
    this.#clock = clock;
    this.#model = model;
  }

  /** What is stored, in bytes. */
  get storedBytes(): number {
    return [...this.#contents.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The remote, as one user has it. */
  remoteOf(user: User): Remote {
    const model = this.#model;
    const storage = memoryStorage({ contents: this.#contents });
    const names = memoryNames({ table: this.#table });
    const read: Kind = user.owns ? "read back" : "read";
    const does = <T>(what: Doing<T>): Promise<T> => this.#do(user, what);
    return {
      label: model.name,
      storage: {
        name: model.name,
        capabilities: storage.capabilities,
        put: (content, options) =>
          does({
            kind: "page",
            cost: model.put,
            up: content.length,
            work: () => storage.put(content, options),
          }),
        get: (address, options) =>
          does({ kind: read, cost: model.get, work: () => storage.get(address, options), down: lengthOf }),
        has: (address: Address, options) =>
          does({ kind: read, cost: model.has, work: () => storage.has(address, options) }),
      },
      names: {
        name: model.name,
        capabilities: { ...names.capabilities, watch: false },
        update: (name, content, options) =>
          does({
            kind: "head",
            cost: model.update,
            up: content.length,
            work: async () => {
              const revision = await names.update(name, content, options);
              this.#remember(name, { status: "found", content: new Uint8Array(content), revision });
              return revision;
            },
          }),
        resolve: (name, options = {}) =>
          does({
            kind: read,
            cost: model.resolve,
            work: async () =>
              user.owns || model.staleMilliseconds === 0
                ? names.resolve(name, options)
                : this.#staleValue(name, options.known),
            down: (value) => (value.status === "found" ? value.content.length : this.#lengthOf(name)),
            costOf: (value) => (value.status === "found" ? model.resolve : model.unchanged),
          }),
      },
    };
  }

  async #do<T>(user: User, { kind, cost, up, work, down, costOf }: Doing<T>): Promise<T> {
    const rejectOffline = (): void => {
      if (!user.isOnline()) throw new UnreachableError("The device is offline.", { operation: "simulator" });
    };
    rejectOffline();
    await this.#wait(cost.milliseconds / 2 + (up ?? 0) * BYTE_MILLISECONDS);
    const result = await work();
    const { requests, bytes, copies = 1 } = costOf?.(result) ?? cost;
    const content = up ?? down?.(result) ?? 0;
    const pieces = Math.max(1, Math.ceil(content / (this.#model.pieceBytes ?? Number.POSITIVE_INFINITY)));
    const use = { kind, writes: up !== undefined, requests: requests * pieces, otherBytes: bytes * pieces };
    user.used({ ...use, contentBytes: content * Math.min(1, copies) });
    // What was set is read back.
    if (copies > 1) user.used({ ...NOTHING, kind: "read back", contentBytes: content * (copies - 1) });
    await this.#wait(cost.milliseconds / 2 + (up === undefined ? content * copies * BYTE_MILLISECONDS : 0));
    rejectOffline();
    return result;
  }

  async #wait(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await this.#clock.wait(milliseconds);
  }

  #lengthOf(name: string): number {
    const last = this.#history.get(name)?.at(-1)?.value;
    return last?.status === "found" ? last.content.length : 0;
  }

  #remember(name: string, value: Resolution): void {
    const history = this.#history.get(name) ?? [];
    history.push({ since: this.#clock.elapsed, value });
    this.#history.set(name, history);
  }

  /** What a cache shows that looks anew as often as the model says. */
  #staleValue(name: string, known: string | undefined): Resolution {
    const { staleMilliseconds } = this.#model;
    const looked = Math.floor(this.#clock.elapsed / staleMilliseconds) * staleMilliseconds;
    const shown = this.#history.get(name)?.findLast(({ since }) => since <= looked);
    if (shown === undefined) return { status: "absent" };
    const { value } = shown;
    if (value.status === "found" && value.revision === known) return { status: "unchanged", revision: known };
    return value;
  }
}

/** An operation of a user. */
interface Doing<T> {
  readonly kind: Kind;
  readonly cost: OperationCost;
  /** The bytes that are written; absent for a read. */
  readonly up?: number;
  readonly work: () => Promise<T>;
  readonly down?: (result: T) => number;
  readonly costOf?: (result: T) => OperationCost;
}

const NOTHING = { writes: false, requests: 0, otherBytes: 0 };

function lengthOf({ length }: Uint8Array): number {
  return length;
}
