import {
  type Address,
  addressOf,
  isRemoteLogError,
  type NameCapabilities,
  type NameResolver,
  type OperationOptions,
  type Resolution,
  type ResolveOptions,
  type Revision,
  rawSha256,
  type UpdateOptions,
} from "@remote-log/core";
import { Lifetime, type OperationContext } from "@remote-log/core/adapter";
import { translateFailure } from "./errors.ts";
import type { IpnsName } from "./record/ipns-name.ts";
import { expiredFor, type IpnsRecord } from "./record/ipns-record.ts";
import { NameKeys } from "./record/name-keys.ts";
import { readRecord } from "./record/read-record.ts";
import { formatRevision, headAddress, parseRevision, sequenceAfter } from "./record/revision.ts";
import { askRoutes, mostTelling } from "./resolver/ask-routes.ts";
import { conflict, expired, older, tooLarge, withoutKey, wrongAddress } from "./resolver/errors.ts";
import { HeadPins } from "./resolver/head-pins.ts";
import { NameState } from "./resolver/name-state.ts";
import { type CheckedNamesOptions, checkNamesOptions, type IpnsNamesOptions } from "./resolver/options.ts";
import type { PutOutcome } from "./resolver/put-on-routes.ts";
import { readHead } from "./resolver/read-head.ts";
import { RecordPublisher } from "./resolver/record-publisher.ts";
import { LARGEST_RECORD } from "./routes/route.ts";

export type { HeadStorage, IpnsNamesOptions } from "./resolver/options.ts";
export type { PutOutcome } from "./resolver/put-on-routes.ts";

/** Names as IPNS records. */
export interface IpnsNames extends NameResolver {
  /**
   * The IPNS name that a text stands for: `k51…` for itself, any other text for a name whose key is derived from it and
   * the name key.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a text that stands for none
   */
  nameOf(text: string): Promise<IpnsName>;

  /**
   * Reads the record of a name from all routes, and waits for every one of them.
   *
   * @returns the highest one, which may have expired (see `expiredFor`); `undefined` where every route has none
   * @throws StaleError `ERR_STALE` where it is older than one that was seen before
   */
  record(name: string, options?: OperationOptions): Promise<IpnsRecord | undefined>;

  /**
   * Puts a record on all routes, as it is, and waits for every one of them. The key is not needed: whoever has a record
   * may put it again, so that the network does not forget it.
   *
   * @returns what became of it on each route; at least one took it
   * @throws IntegrityError `ERR_INTEGRITY`, MalformedError `ERR_MALFORMED` for what is no record of the name
   * @throws StaleError `ERR_STALE` for one that has expired
   * @throws NameConflictError `ERR_NAME_CONFLICT` where another one stands above it
   */
  putRecord(name: string, record: Uint8Array, options?: OperationOptions): Promise<readonly PutOutcome[]>;

  close(): Promise<void>;
}

/** How long storing a head may take besides, in milliseconds. */
const STORING_MILLISECONDS = 60_000;

/** The largest head, in bytes: that of a block which every node hands on. */
const LARGEST_HEAD = 1024 * 1024;

/** The most bytes that a record has besides its head. */
const RECORD_BYTES = 1024;

/**
 * Names as IPNS records, which are made and signed here, and published and read as they are over several routes at once.
 *
 * - A record points at its head, a raw block (`/ipfs/bafk…`), and carries it along where it has at most 10 KiB then.
 * - A revision is `<sequence number>-<address of the head>`. The number comes from `expected`, and never from the network.
 * - **Compare-and-set is not enforced.** An update that expects an outdated revision is refused where a route notices.
 * - Every record is checked against the name. The highest one that any route shows wins. One that is lower than `known`,
 *   or than what this object has seen before, is `ERR_STALE`, and so is one that has expired, with its age.
 * - The head before the last two is released in the background (`storage.release`): each name holds two pins. A
 *   process that starts anew, or one that can't reach the node then, leaves a pin behind; take care not to
 *   pin a head for another purpose on the same node.
 * - An update goes on in the background on those routes that were too slow, until the next one, or `close`.
 *
 * Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function ipnsNames(options: IpnsNamesOptions): IpnsNames {
  return new RecordNames(checkNamesOptions(options), new NameKeys(options.nameKey));
}

class RecordNames implements IpnsNames {
  readonly name = "ipns";
  readonly capabilities: NameCapabilities;
  readonly #options: CheckedNamesOptions;
  readonly #keys: NameKeys;
  readonly #states = new Map<string, NameState>();
  readonly #pins = new HeadPins();
  // Heads whose pins are being taken away, by address.
  readonly #releasing = new Map<string, Promise<void>>();
  readonly #lifetime: Lifetime;
  readonly #publisher: RecordPublisher;

  constructor(options: CheckedNamesOptions, keys: NameKeys) {
    this.#options = options;
    this.#keys = keys;
    const { storage, routes } = options;
    this.capabilities = Object.freeze({
      compareAndSet: "none",
      readYourWrites: false,
      watch: false,
      // The head is stored first, and others may be behind with their part.
      updateMilliseconds: options.publishMilliseconds + STORING_MILLISECONDS,
      largestContent: Math.min(LARGEST_HEAD, storage.capabilities.largestContent),
    });
    this.#lifetime = new Lifetime({
      what: "name resolver",
      translate: translateFailure,
      release: async () => {
        await Promise.allSettled(routes.map(async (route) => route.close?.()));
      },
    });
    this.#publisher = new RecordPublisher(options, this.#lifetime);
  }

  async nameOf(text: string): Promise<IpnsName> {
    const context = contextOf("ipns.name", "looking up", text);
    return this.#lifetime.run(context, undefined, async () => (await this.#stateOf(text)).name);
  }

  async update(name: string, content: Uint8Array, options: UpdateOptions): Promise<Revision> {
    const { expected } = options;
    const context = contextOf("names.update", "updating", name);
    const limit = this.capabilities.largestContent;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      if (content.length > limit) throw tooLarge(content.length, limit, context);
      // The caller may change its bytes as soon as it has this promise.
      const head = new Uint8Array(content);
      const state = await this.#stateOf(name);
      const { key } = state;
      if (key === undefined) throw withoutKey(context);
      this.#publisher.check(context);
      const sequence = sequenceAfter(expected, context);
      const address = await addressOf(head, rawSha256);
      this.#checkAbove(state, sequence, address, context);
      this.#pins.begin(name, address);
      try {
        // Else the pin that this puts there could be the one that is taken away.
        await this.#releasing.get(`${address}`);
        const stored = await this.#options.storage.put(head, { signal });
        if (!stored.equals(address)) throw wrongAddress(`${stored}`, `${address}`, context);
        const { lifetimeMilliseconds, ttlMilliseconds } = this.#options;
        const times = { lifetimeMilliseconds, ttlMilliseconds };
        const record = await state.sign(key, { address, head, sequence, ...times });
        await this.#publisher.publish(state, record, context, signal);
        this.#release(this.#pins.accept(name, address, parseRevision(expected)?.address));
        return formatRevision({ sequence, address });
      } finally {
        this.#pins.end(address);
      }
    });
  }

  async resolve(name: string, options: ResolveOptions = {}): Promise<Resolution> {
    const { known, maxBytes } = options;
    const context = contextOf("names.resolve", "resolving", name);
    const { routeMilliseconds: milliseconds, patienceMilliseconds } = this.#options;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const state = await this.#stateOf(name);
      const acceptExpired = this.#acceptsExpired(state);
      const atLeast = parseRevision(known)?.sequence ?? 0n;
      const isEnough = (record: IpnsRecord): boolean =>
        record.sequence >= floorOf(state, atLeast) && (acceptExpired || expiredFor(record) === undefined);
      const most = Math.min(LARGEST_RECORD, (maxBytes ?? LARGEST_RECORD) + RECORD_BYTES);
      const asking = { milliseconds, patienceMilliseconds, isEnough, maxBytes: most, signal };
      const record = await this.#read(state, asking).catch((error: unknown) => {
        throw isTooLarge(error) && most < LARGEST_RECORD ? tooLarge(most, maxBytes ?? 0, context) : error;
      });
      if (record === undefined) return this.#absent(state, context);
      const floor = floorOf(state, atLeast);
      if (record.sequence < floor) throw older(record.sequence, floor, context);
      const age = expiredFor(record);
      if (age !== undefined && !acceptExpired) throw expired(age, context);
      const address = headAddress(record, context);
      const revision = formatRevision({ sequence: record.sequence, address });
      if (revision === known) return { status: "unchanged", revision };
      const limit = Math.min(maxBytes ?? Number.POSITIVE_INFINITY, this.capabilities.largestContent);
      const content = await readHead(record, {
        storage: this.#options.storage,
        address,
        limit,
        signal,
        context,
      });
      return { status: "found", content, revision, ...(age !== undefined && { expired: true }) };
    });
  }

  async record(name: string, options: OperationOptions = {}): Promise<IpnsRecord | undefined> {
    const context = contextOf("ipns.get", "reading the record of", name);
    const { routeMilliseconds: milliseconds } = this.#options;
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const state = await this.#stateOf(name);
      const all = { milliseconds, patienceMilliseconds: 0, isEnough: () => false, signal };
      const record = await this.#read(state, all);
      const floor = floorOf(state);
      if (record !== undefined && record.sequence < floor) throw older(record.sequence, floor, context);
      return record;
    });
  }

  async putRecord(
    name: string,
    bytes: Uint8Array,
    options: OperationOptions = {},
  ): Promise<readonly PutOutcome[]> {
    const context = contextOf("ipns.put", "publishing the record of", name);
    const copy = new Uint8Array(bytes);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      this.#publisher.check(context);
      const state = await this.#stateOf(name);
      const record = await readRecord(copy, state.name);
      const age = expiredFor(record);
      if (age !== undefined) throw expired(age, context);
      const floor = floorOf(state);
      if (record.sequence < floor) throw conflict(record.sequence, floor, context);
      return this.#publisher.putAgain(state, record, context, signal);
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  async #stateOf(text: string): Promise<NameState> {
    const known = this.#states.get(text);
    if (known !== undefined) return known;
    const found = new NameState(await this.#keys.find(text));
    // Another operation may have been faster.
    const state = this.#states.get(text) ?? found;
    this.#states.set(text, state);
    return state;
  }

  async #read(state: NameState, options: Parameters<typeof askRoutes>[2]): Promise<IpnsRecord | undefined> {
    const { record, failures } = await askRoutes(this.#options.routes, state.name, options);
    if (record !== undefined) state.saw(record);
    else if (failures.length > 0) throw mostTelling(failures);
    return record;
  }

  // Nodes give away no record that has expired: they answer as if there had never been one.
  #absent(state: NameState, context: OperationContext): Resolution {
    const age = state.highest === undefined ? undefined : expiredFor(state.highest);
    if (age !== undefined && !this.#acceptsExpired(state)) throw expired(age, context);
    return { status: "absent" };
  }

  // Whoever has the key has to see what has expired, in order to go on from there.
  #acceptsExpired({ key }: NameState): boolean {
    return this.#options.acceptExpired ?? key !== undefined;
  }

  // What stands below a record that was seen can't win, and what stands beside it is somebody else's.
  #checkAbove({ highest }: NameState, sequence: bigint, address: Address, context: OperationContext): void {
    if (highest === undefined || sequence > highest.sequence) return;
    const isOurs = sequence === highest.sequence && highest.address?.equals(address) === true;
    if (!isOurs) throw conflict(sequence, highest.sequence, context);
  }

  // In the background: a pin too many does no harm, and the next update has a pin of its own to release.
  #release(heads: readonly Address[]): void {
    const { storage } = this.#options;
    for (const head of heads) {
      const context = { operation: "storage.release", action: `releasing the head ${head}` };
      const releasing = this.#lifetime
        .run(context, undefined, async (signal) => storage.release?.(head, { signal }))
        .catch(() => undefined)
        .finally(() => this.#releasing.delete(`${head}`));
      this.#releasing.set(`${head}`, releasing);
    }
  }
}

/** The least sequence number that is believed: what is known to the caller, and what was seen before. */
function floorOf({ highest }: NameState, known = 0n): bigint {
  return highest !== undefined && highest.sequence > known ? highest.sequence : known;
}

function isTooLarge(error: unknown): boolean {
  return isRemoteLogError(error) && error.code === "ERR_TOO_LARGE";
}

/** What is done with a name, for messages. */
function contextOf(operation: string, verb: string, name: string): OperationContext {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return { operation, action: `${verb} the name ${JSON.stringify(shown)}` };
}
