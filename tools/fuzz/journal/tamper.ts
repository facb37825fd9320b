// Ways to tamper with the records of a journal, one record at a time.

import { withChecksum, withoutChecksum } from "../../../packages/core/src/journal/checksum.ts";
import type { Random } from "../random.ts";
import type { Disk, JournalWorld } from "./journal-world.ts";

/** A journal with one record that is not as the writer left it. */
export interface Tampered {
  /** The kind of the record. */
  readonly record: string;
  /** What was done to it. */
  readonly way: string;
  readonly key: string;
  /** Whether the checksum fits what is not the writer's: somebody did it on purpose, on the writer's own device. */
  readonly forged: boolean;
  readonly disk: Disk;
}

const KINDS: readonly (readonly [string, string])[] = [
  ["g", "genesis record"],
  ["t", "saved tree"],
  ["s", "signed checkpoint"],
  ["e", "entry"],
  ["a", "entry set aside"],
  ["v", "unfinished recovery"],
  ["r", "what is known of a remote"],
  ["n", "ref of a remote's index"],
  ["k", "bundle on a remote"],
];

/** What kind of record is under a key. */
export function kindOf(key: string): string {
  const kind = KINDS.find(([letter]) => key.startsWith(letter))?.[1] ?? "unknown";
  return kind.startsWith("what is known") ? `${key.split("\0")[1]} of a remote` : kind;
}

const bytesOf = (key: string): Uint8Array => Uint8Array.from(key, (letter) => letter.charCodeAt(0));

function flipped(value: Uint8Array, random: Random): Uint8Array {
  const copy = value.slice();
  if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

/**
 * Every way to tamper with one record: each record of the journal in each way, and those that are gone from it.
 *
 * @param random - chooses the bits and the other records
 */
export function* tamperings(
  { disk, older }: JournalWorld,
  random: Random,
): Generator<Tampered, void, undefined> {
  const keys = [...new Set([...disk.keys(), ...older.keys()])].sort();
  for (const key of keys) {
    const record = kindOf(key);
    const now = disk.get(key);
    const change = (way: string, value: Uint8Array | undefined, isForged = false): Tampered => {
      const changed = new Map(disk);
      if (value === undefined) changed.delete(key);
      else changed.set(key, value);
      return { record, way, key, forged: isForged, disk: changed };
    };
    for (const value of older.get(key) ?? [])
      yield change(now === undefined ? "is back" : "is an older one", value);
    if (now === undefined) continue;
    const whole = withoutChecksum(bytesOf(key), now)!;
    const forged = (value: Uint8Array): Uint8Array => withChecksum(bytesOf(key), value);
    yield change("is gone", undefined);
    yield change("has a flipped bit", flipped(now, random));
    yield change("is cut short", now.subarray(0, random.below(now.length)));
    yield change("has a flipped bit, and a checksum that fits", forged(flipped(whole, random)), true);
    yield change("is empty, and has a checksum that fits", forged(new Uint8Array(0)), true);
    const others = [...disk].filter(([other]) => other !== key && kindOf(other) === record);
    if (others.length === 0) continue;
    const [otherKey, other] = random.pick(others);
    yield change("is another record", other);
    yield change(
      "is another record, and has a checksum that fits",
      forged(withoutChecksum(bytesOf(otherKey), other)!),
      true,
    );
  }
}
