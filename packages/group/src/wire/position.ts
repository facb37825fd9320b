// The place of a message in the order of its group, as a key of a database: time, then log, then sequence number.

/** An entry of a log. */
export interface EntryPlace {
  /** The log: 64 hexadecimal digits. */
  readonly log: string;
  /** Its number there, from 0. */
  readonly sequence: number;
}

/** The place of a message in the order of its group. Times rise along every chain of causes, so this order is a causal one. */
export interface Position extends EntryPlace {
  /** The time of the message, in milliseconds since 1970. */
  readonly time: number;
}

/** The largest time and sequence number: what six bytes hold. */
export const LARGEST_NUMBER: number = 2 ** 48 - 1;

const LOG_BYTES = 32;
const NUMBER_BYTES = 6;

/** The bytes of a number up to {@link LARGEST_NUMBER}, so that larger numbers are larger bytes. */
export function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES);
  let rest = value;
  for (let i = NUMBER_BYTES - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** The number in bytes that {@link numberBytes} made. */
export function numberFrom(bytes: Uint8Array, offset = 0): number {
  let value = 0;
  for (let i = offset; i < offset + NUMBER_BYTES; i++) value = value * 256 + bytes[i]!;
  return value;
}

/** The bytes of a log id. */
export function logBytes(log: string): Uint8Array {
  const bytes = new Uint8Array(LOG_BYTES);
  for (let i = 0; i < LOG_BYTES; i++) bytes[i] = Number.parseInt(log.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** The log id in bytes that {@link logBytes} made. */
export function logFrom(bytes: Uint8Array, offset = 0): string {
  let text = "";
  for (let i = offset; i < offset + LOG_BYTES; i++) text += bytes[i]!.toString(16).padStart(2, "0");
  return text;
}

/** The key of a position: keys are in the order of the group. */
export function positionKey({ time, log, sequence }: Position): Uint8Array {
  return joined(numberBytes(time), logBytes(log), numberBytes(sequence));
}

/** The position of a key. */
export function positionFrom(key: Uint8Array, offset = 0): Position {
  return {
    time: numberFrom(key, offset),
    log: logFrom(key, offset + NUMBER_BYTES),
    sequence: numberFrom(key, offset + NUMBER_BYTES + LOG_BYTES),
  };
}

/** The key of an entry: those of one log are in the order of the log. */
export function entryKey({ log, sequence }: EntryPlace): Uint8Array {
  return joined(logBytes(log), numberBytes(sequence));
}

/** Some bytes, one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The key after every key that begins with a prefix whose last byte is less than 255. */
export function afterPrefix(prefix: Uint8Array): Uint8Array {
  const after = prefix.slice();
  after[after.length - 1]! += 1;
  return after;
}

/** The key right after a key. */
export function afterKey(key: Uint8Array): Uint8Array {
  return joined(key, new Uint8Array(1));
}

/** The text by which an application names a message: its log, a colon, its sequence number. */
export function messageId({ log, sequence }: EntryPlace): string {
  return `${log}:${sequence}`;
}
