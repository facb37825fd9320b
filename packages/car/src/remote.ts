// A CAR file as a remote that can be read.

import {
  Address,
  type ByteRange,
  type HashType,
  logIdIn,
  MalformedError,
  type Remote,
  type Resolution,
  rawSha256,
} from "@remote-log/core";
import {
  type Call,
  checkOptionTypes,
  checkSize,
  checkWhole,
  defineNames,
  defineStorage,
  failureOf,
  type OperationContext,
  type OptionKind,
  optionKinds,
  type ReadOnlyNameDriver,
  type ReadOnlyStorageDriver,
  type ResolveRequest,
} from "@remote-log/core/adapter";
import { type CarInput, isCarInput, placeOf } from "./car-bytes.ts";
import { OpenedCar } from "./opened-car.ts";

/** The largest content that is read, in bytes. */
const LARGEST_CONTENT = 64 * 1024 * 1024;

/** The largest head: what the protocol allows. */
const LARGEST_HEAD = 4 * 1024 * 1024;

/** What a stream may have, in bytes, by default. */
const LARGEST_STREAM = 256 * 1024 * 1024;

/** How many blocks are read by default. */
const MOST_BLOCKS = 4_194_304;

/** The most that can be asked for: a table of them has some 8 GiB. */
const MOST_BLOCKS_EVER = 2 ** 27;

const READ_ONLY = "a CAR file is only read. To write one, use `exportCar`.";

/** Options of {@link carRemote}. */
export interface CarRemoteOptions {
  /** The file: its bytes, a `Blob`, a stream, or what `carFile` of `@remote-log/car/node` gives. */
  readonly file: CarInput;
  /** What the remote is called; unique among the remotes of a log. Default: the place of the file, or `"car"`. */
  readonly label?: string | undefined;
  /** How many blocks the file may have. Each takes some 60 bytes of memory. Default 4,194,304; at most 134,217,728. */
  readonly mostBlocks?: number | undefined;
  /** The most bytes that are taken from a stream. Default 256 MiB (268,435,456). */
  readonly largestStream?: number | undefined;
}

const { number, required, text } = optionKinds;
const kinds: Readonly<Record<keyof CarRemoteOptions, OptionKind>> = {
  file: required({
    is: isCarInput,
    expected: "the file: a Uint8Array, a Blob, a stream of Uint8Array, or what carFile() gives",
  }),
  label: text,
  mostBlocks: number,
  largestStream: number,
};

/**
 * A CAR file as a remote: whoever has the file and the link of the log reads it, and verifies all of it, without any network. The name
 * of a log leads to the root of the file. It can't be written.
 *
 * The file is opened at the first read, and scanned once: its blocks are found, and not read. Nothing in it is trusted.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { openReader, type LogLink } from "@remote-log/core";
 * import { carRemote } from "@remote-log/car";
 *
 * export async function read(file: Blob, { logId, key }: LogLink): Promise<void> {
 *   const reader = await openReader({ logId, key, remotes: [carRemote({ file })] });
 *   for await (const { sequence, content } of reader.from(0)) console.log(sequence, content);
 *   await reader.close();
 * }
 * ```
 */
export function carRemote(options: CarRemoteOptions): Remote {
  checkOptionTypes(options, kinds, { name: "carRemote", operation: "car.open" });
  const { file, mostBlocks = MOST_BLOCKS, largestStream = LARGEST_STREAM } = options;
  checkWhole({ mostBlocks }, { operation: "car.open", largest: MOST_BLOCKS_EVER });
  checkWhole({ largestStream }, { operation: "car.open", largest: 2 ** 31 - 1 });
  const place = placeOf(file);
  const car = new OpenedCar({ file, hashType: rawSha256, mostBlocks, largestStream });
  return {
    label: options.label ?? (place === placeOf(new Uint8Array(0)) ? "car" : place),
    storage: defineStorage(new CarStorage(car, place)),
    names: defineNames(new CarNames(car, place)),
  };
}

class InCar {
  readonly name = "car";
  readonly place: string;
  readonly preposition = "in";
  readonly readOnly = READ_ONLY;
  protected readonly car: OpenedCar;

  constructor(car: OpenedCar, place: string) {
    this.car = car;
    this.place = place;
  }

  translate(cause: unknown, context: OperationContext): unknown {
    return failureOf("unreachable", context, { cause, advice: "Check the file, and that it can be read." });
  }

  close(): Promise<void> {
    return this.car.close();
  }
}

class CarStorage extends InCar implements ReadOnlyStorageDriver {
  readonly capabilities: ReadOnlyStorageDriver["capabilities"] = {
    largestContent: LARGEST_CONTENT,
    hashTypes: [rawSha256],
    readYourWrites: true,
  };

  get({ digest }: Address, limit: number, { signal, context }: Call): Promise<Uint8Array | undefined> {
    return this.car.block(digest, { limit, signal, context });
  }

  /** Nothing checks a part against the address: that is for whoever knows what it must be. */
  async getRange({ digest }: Address, range: ByteRange, { signal }: Call): Promise<Uint8Array | undefined> {
    const { blocks, bytes } = await this.car.scanned(signal);
    const [place] = blocks.find(digest);
    if (place === undefined) return undefined;
    const offset = Math.min(range.offset, place.length);
    return bytes.read(place.offset + offset, Math.min(range.length, place.length - offset));
  }

  async has({ digest }: Address, { signal }: Call): Promise<boolean> {
    return (await this.car.scanned(signal)).blocks.find(digest).length > 0;
  }

  async *list({ signal }: Call): AsyncGenerator<Address, void, undefined> {
    const { blocks } = await this.car.scanned(signal);
    for (const digest of blocks.digests()) yield addressOfDigest(rawSha256, digest);
  }
}

class CarNames extends InCar implements ReadOnlyNameDriver {
  readonly capabilities: ReadOnlyNameDriver["capabilities"] = {
    compareAndSet: "none",
    readYourWrites: true,
    largestContent: LARGEST_HEAD,
  };

  // Whoever made the file chose its roots. A head proves itself by its signature.
  async resolve(name: string, { known, limit }: ResolveRequest, call: Call): Promise<Resolution> {
    for await (const { logId, head, address } of headsIn(this.car, limit, call)) {
      if (logId !== name) continue;
      const revision = `${address}`;
      if (revision === known) return { status: "unchanged", revision };
      return { status: "found", content: head, revision };
    }
    return { status: "absent" };
  }
}

/** A root of a file that is the head of a log. */
export interface HeadInCar {
  readonly logId: string;
  readonly head: Uint8Array;
  readonly address: Address;
}

/**
 * The roots of a file that are heads of logs.
 *
 * @throws MalformedError `ERR_MALFORMED`, reason `"no-head"`, if the file lacks one of its roots
 */
export async function* headsIn(
  car: OpenedCar,
  limit: number,
  { signal, context }: Call,
): AsyncGenerator<HeadInCar, void, undefined> {
  const { roots } = await car.scanned(signal);
  for (const digest of roots) {
    const head = await car.block(digest, { limit, signal, context });
    if (head === undefined)
      throw new MalformedError("The CAR file can't be read: it does not have the block that is its root.", {
        operation: context.operation,
        reason: "no-head",
      });
    checkSize(head.length, limit, context);
    const logId = logIdIn(head);
    if (logId !== undefined) yield { logId, head, address: addressOfDigest(rawSha256, digest) };
  }
}

function addressOfDigest({ codec, hash }: HashType, digest: Uint8Array): Address {
  return Address.create(codec, hash, digest);
}
