// The bytes of a CAR file, wherever they are: in memory, in a Blob, in a stream, or in a file.

import { TooLargeError } from "@remote-log/core";
import { concatBytes } from "@remote-log/core/adapter";

/** The bytes of a CAR file that is open. */
export interface CarBytes {
  /** How many there are. */
  readonly size: number;
  /**
   * Reads a part; less only if the file has become shorter.
   *
   * @param offset - the first byte
   * @param length - how many
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Lets go of the file. */
  close?(): Promise<void>;
}

/** A CAR file that is opened when it is needed: what `carFile` of `@remote-log/car/node` gives. */
export interface CarFile {
  /** Opens it. */
  open(): Promise<CarBytes>;
  /** What messages call it. */
  readonly place: string;
}

/**
 * What a CAR file can be read from. A `Blob` is read in parts (a file that a user chose in a browser is one). A stream is taken into
 * memory, once.
 */
export type CarInput = Uint8Array | Blob | CarFile | AsyncIterable<Uint8Array>;

/** Opens whatever a CAR file is read from. */
export async function openBytes(input: CarInput, largestStream: number): Promise<CarBytes> {
  if (input instanceof Uint8Array) return bytesInMemory(input);
  if (isCarFile(input)) return input.open();
  if (isBlob(input)) return bytesOfBlob(input);
  return bytesInMemory(await collected(input, largestStream));
}

/** Whether a value can be read as a CAR file. */
export function isCarInput(value: unknown): boolean {
  if (value instanceof Uint8Array || isBlob(value) || isCarFile(value)) return true;
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** What messages call it. */
export function placeOf(input: CarInput): string {
  return isCarFile(input) ? input.place : "the CAR file";
}

function isCarFile(value: unknown): value is CarFile {
  return typeof (value as Partial<CarFile> | null)?.open === "function";
}

function isBlob(value: unknown): value is Blob {
  const { size, slice } = (value ?? {}) as Partial<Blob>;
  return typeof size === "number" && typeof slice === "function" && !(value instanceof Uint8Array);
}

function bytesInMemory(bytes: Uint8Array): CarBytes {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

function bytesOfBlob(blob: Blob): CarBytes {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

async function collected(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > limit)
      throw new TooLargeError(
        `The stream of a CAR file has more than ${limit} bytes. Raise \`largestStream\`, or read it from a Blob or a file.`,
        { operation: "car.open", limit },
      );
    parts.push(new Uint8Array(part));
  }
  return concatBytes(parts);
}
