// The driver of names as IPNS records (IPNS Record and Protocol): update, resolve, and records as they are.

import {
  type Address,
  addressOf,
  isRemoteLogError,
  type Resolution,
  type Revision,
  rawSha256,
} from "@remote-log/core";
import {
  type Call,
  type Lifetime,
  lifetimeOf,
  type NameDriver,
  type OperationContext,
  type ResolveRequest,
} from "@remote-log/core/adapter";
import { translateFailure } from "../http/errors.ts";
import { expiredFor, type IpnsRecord, LARGEST_RECORD } from "../record/ipns-record.ts";
import { NameKeys } from "../record/name-keys.ts";
import { readRecord } from "../record/read-record.ts";
import { formatRevision, headAddress, parseRevision, sequenceAfter } from "../record/revision.ts";
import { mostTelling } from "../routes/most-telling.ts";
import { type AskOptions, askRoutes } from "./ask-routes.ts";
import { conflict, expired, headTooLarge, older, withoutKey } from "./errors.ts";
import { Heads } from "./heads.ts";
import { NameState } from "./name-state.ts";
import { type CheckedNamesOptions, checkNamesOptions, type IpnsNamesOptions } from "./options.ts";
import type { PutOutcome } from "./put-on-routes.ts";
import { RecordPublisher } from "./record-publisher.ts";

/** How long storing a head may take before its record is published, in milliseconds. */
const STORING_MILLISECONDS = 60_000;

/** The largest head, in bytes: a block of that size is exchanged by every node. */
const LARGEST_HEAD = 1024 * 1024;

/** The most bytes that a record has besides its head. */
const RECORD_BYTES = 1024;

/** Names as IPNS records, in the shell of the core. */
export class IpnsDriver implements NameDriver {
  readonly name: string = "ipns";
  readonly place: string;
  readonly capabilities: NameDriver["capabilities"];
  readonly translate: NameDriver["translate"] = translateFailure;
  /** The lifetime of the resolver: publishing and releasing continue in it after an update. */
  readonly lifetime: Lifetime;
  readonly #options: CheckedNamesOptions;
  readonly #keys: NameKeys;
  readonly #states = new Map<string, NameState>();
  readonly #heads: Heads;
  readonly #publisher: RecordPublisher;

  /** @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used */
  constructor(options: IpnsNamesOptions) {
    const checked = checkNamesOptions(options);
    const { routes, storage, publishMilliseconds } = checked;
    this.place = routes.map((route) => route.name).join(", ");
    this.#options = checked;
    this.#keys = new NameKeys(options.nameKey);
    this.capabilities = {
      compareAndSet: "none",
      readYourWrites: false,
      // The head is stored first, and other routes may delay the end.
      updateMilliseconds: publishMilliseconds + STORING_MILLISECONDS,
      largestContent: Math.min(LARGEST_HEAD, storage.capabilities.largestContent),
    };
    this.lifetime = lifetimeOf(this, "name resolver");
    this.#heads = new Heads(storage, this.lifetime);
    this.#publisher = new RecordPublisher(checked, this.lifetime);
  }

  async update(
    name: string,
    content: Uint8Array,
    expected: Revision | null,
    call: Call,
  ): Promise<Revision | undefined> {
    const { signal, context } = call;
    const state = await this.stateOf(name);
    const { key } = state;
    if (key === undefined) throw withoutKey(context);
    this.#publisher.check(context);
    const sequence = sequenceAfter(expected, context);
    if (sequence === undefined) return undefined;
    const address = await addressOf(content, rawSha256);
    checkAbove(state, sequence, address, context);
    const head = { name, address, content, previous: parseRevision(expected)?.address };
    await this.#heads.publish(head, call, async () => {
      const { lifetimeMilliseconds, ttlMilliseconds } = this.#options;
      const times = { lifetimeMilliseconds, ttlMilliseconds };
      const record = await state.sign(key, { address, head: content, sequence, ...times });
      await this.#publisher.publish(state, record, context, signal);
    });
    return formatRevision({ sequence, address });
  }

  async resolve(name: string, { known, limit }: ResolveRequest, call: Call): Promise<Resolution> {
    const { signal, context } = call;
    const { routeMilliseconds: milliseconds, patienceMilliseconds } = this.#options;
    const state = await this.stateOf(name);
    const acceptExpired = this.#acceptsExpired(state);
    const atLeast = parseRevision(known)?.sequence ?? 0n;
    const isEnough = (record: IpnsRecord): boolean =>
      record.sequence >= state.floor(atLeast) && (acceptExpired || expiredFor(record) === undefined);
    const maxBytes = Math.min(LARGEST_RECORD, limit + RECORD_BYTES);
    const asking = { milliseconds, patienceMilliseconds, isEnough, maxBytes, signal };
    const record = await this.#read(state, asking).catch((error: unknown) => {
      // A record with a head within the limit would not be too large.
      throw isTooLarge(error) && maxBytes < LARGEST_RECORD ? headTooLarge(limit, context) : error;
    });
    if (record === undefined) return this.#absent(state, context);
    const floor = state.floor(atLeast);
    if (record.sequence < floor) throw older(record.sequence, floor, context);
    const age = expiredFor(record);
    if (age !== undefined && !acceptExpired) throw expired(age, context);
    const address = headAddress(record, context);
    const revision = formatRevision({ sequence: record.sequence, address });
    if (revision === known) return { status: "unchanged", revision };
    const content = await this.#heads.read(record, address, limit, call);
    return { status: "found", content, revision, ...(age !== undefined && { expired: true }) };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#options.routes.map(async (route) => route.close?.()));
  }

  /** The record of a name: the highest that any route shows. */
  async record(name: string, { signal, context }: Call): Promise<IpnsRecord | undefined> {
    const state = await this.stateOf(name);
    const { routeMilliseconds: milliseconds } = this.#options;
    const all = { milliseconds, patienceMilliseconds: 0, isEnough: () => false, signal };
    const record = await this.#read(state, all);
    const floor = state.floor();
    if (record !== undefined && record.sequence < floor) throw older(record.sequence, floor, context);
    return record;
  }

  /** Puts a record on all routes as it is. */
  async putRecord(
    name: string,
    bytes: Uint8Array,
    { signal, context }: Call,
  ): Promise<readonly PutOutcome[]> {
    this.#publisher.check(context);
    const state = await this.stateOf(name);
    const record = await readRecord(bytes, state.name);
    const age = expiredFor(record);
    if (age !== undefined) throw expired(age, context);
    const floor = state.floor();
    if (record.sequence < floor) throw conflict(record.sequence, floor, context);
    return this.#publisher.putAgain(state, record, context, signal);
  }

  /** What is remembered of the name that a text stands for. */
  async stateOf(text: string): Promise<NameState> {
    const known = this.#states.get(text);
    if (known !== undefined) return known;
    const found = new NameState(await this.#keys.find(text));
    // Another operation may have been faster.
    const state = this.#states.get(text) ?? found;
    this.#states.set(text, state);
    return state;
  }

  async #read(state: NameState, options: AskOptions): Promise<IpnsRecord | undefined> {
    const { record, failures } = await askRoutes(this.#options.routes, state.name, options);
    if (record !== undefined) state.saw(record);
    else if (failures.length > 0) throw mostTelling(failures);
    return record;
  }

  // Nodes don't hand out records that have expired: they answer as if there had never been one.
  #absent(state: NameState, context: OperationContext): Resolution {
    const age = state.highest === undefined ? undefined : expiredFor(state.highest);
    if (age !== undefined && !this.#acceptsExpired(state)) throw expired(age, context);
    return { status: "absent" };
  }

  // A writer has to see an expired record, in order to continue from it.
  #acceptsExpired({ key }: NameState): boolean {
    return this.#options.acceptExpired ?? key !== undefined;
  }
}

// A lower sequence is stale; an equal one with another head is another writer's.
function checkAbove(
  { highest }: NameState,
  sequence: bigint,
  address: Address,
  context: OperationContext,
): void {
  if (highest === undefined || sequence > highest.sequence) return;
  const isOurs = sequence === highest.sequence && highest.address?.equals(address) === true;
  if (!isOurs) throw conflict(sequence, highest.sequence, context);
}

function isTooLarge(error: unknown): boolean {
  return isRemoteLogError(error) && error.code === "ERR_TOO_LARGE";
}
