// Manifests that nobody may have written: T17.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import type { DecodeFixture, Fixture, ThreatFile } from "../fixture.ts";
import { threat } from "../fixture.ts";
import { field, hash, hex, numberField, repeated } from "../parts.ts";
import { type Row, table } from "../refusals.ts";

const none = new Uint8Array(0);
const keyId = new Uint8Array(16).fill(0x10);

/** The fixtures, for the file of their threat. */
export function manifestMessages(): readonly ThreatFile[] {
  return [threat("T17", "", messages())];
}

/** Manifests that no decoder takes. */
function messages(): readonly Fixture[] {
  const first = numberField(1, 1);
  const second = concatBytes([numberField(1, 2), field(2, hash(1))]);
  const range = (from: number, count: number): Uint8Array =>
    field(
      5,
      concatBytes([from === 0 ? none : numberField(1, from), count === 0 ? none : numberField(2, count)]),
    );
  const epoch = (from: number): Uint8Array =>
    field(4, concatBytes([from === 0 ? none : numberField(1, from), field(2, keyId)]));
  const rows: readonly Row[] = [
    ["manifest-version-0", "The first version is number 1.", hex([])],
    [
      "manifest-version-65537",
      "A manifest has at most 65,536 versions.",
      hex(numberField(1, 65_537), field(2, hash(1))),
    ],
    ["manifest-first-with-previous", "There is none before the first.", hex(first, field(2, hash(1)))],
    ["manifest-second-without-previous", "Each version names the one before.", hex(numberField(1, 2))],
    [
      "manifest-previous-short",
      "A SHA-256 has 32 bytes.",
      hex(numberField(1, 2), field(2, hash(1).subarray(1))),
    ],
    ["manifest-range-empty", "A range has an entry at least.", hex(first, range(3, 0))],
    [
      "manifest-range-turned-round",
      "A range that counts downwards, as a signed number would.",
      hex(first, field(5, [...numberField(1, 5), 0x10, ...new Uint8Array(9).fill(0xff), 1])),
    ],
    [
      "manifest-first-kept-2-64",
      "No log has so many entries.",
      hex(first, [0x30, ...new Uint8Array(9).fill(0xff), 1]),
    ],
    [
      "manifest-snapshot-2-53",
      "No log has so many entries.",
      hex(first, [0x38, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]),
    ],
    [
      "manifest-epoch-in-itself",
      "An epoch has no epochs: an unknown field is skipped, and its own are missing.",
      hex(first, field(4, field(5, field(4, field(2, keyId))))),
    ],
    ["manifest-removals-8193", "There are at most 8,192 ranges.", repeated([first, 1], [range(0, 1), 8193])],
    [
      "manifest-keyring-of-31",
      "The hash of a keyring has 32 bytes.",
      hex(first, field(4, [...field(2, keyId), ...field(3, hash(1).subarray(1))])),
    ],
    [
      "manifest-earlier-in-the-first-epoch",
      "Nothing was before the first epoch.",
      hex(first, field(4, [...field(2, keyId), ...field(4, new Uint8Array(48))])),
    ],
    [
      "manifest-earlier-of-47",
      "A sealed key has 48 bytes.",
      hex(first, epoch(0), field(4, [...field(2, keyId), ...field(4, new Uint8Array(47))])),
    ],
    ["manifest-ranges-turned-round", "Ranges ascend.", hex(first, range(5, 1), range(0, 1))],
    ["manifest-ranges-adjacent", "Two ranges that touch are one.", hex(first, range(0, 3), range(3, 1))],
    ["manifest-ranges-overlap", "Ranges are disjoint.", hex(first, range(0, 3), range(2, 3))],
    [
      "manifest-range-past-all-numbers",
      "No log has so many entries.",
      hex(first, range(1, Number.MAX_SAFE_INTEGER)),
    ],
    ["manifest-first-epoch-late", "The first epoch begins with the log.", hex(first, epoch(1))],
    [
      "manifest-epochs-go-back",
      "No epoch begins before the one before it.",
      hex(first, epoch(0), epoch(5), epoch(4)),
    ],
    [
      "manifest-key-id-short",
      "The id of a key has 16 bytes.",
      hex(first, field(4, field(2, keyId.subarray(1)))),
    ],
    ["manifest-succession-empty", "A succession is a note.", hex(first, field(3, none))],
    [
      "manifest-succession-long",
      "A succession has at most 1,024 bytes.",
      repeated([first, 1], [Uint8Array.of(0x1a, 0x81, 8), 1], [Uint8Array.of(0x61), 1025]),
    ],
    [
      "manifest-successions-256",
      "A log had at most 255 keys before.",
      repeated([first, 1], [field(3, [0x61]), 256]),
    ],
    [
      "manifest-successions-million",
      "It is refused before they are read.",
      repeated([first, 1], [field(3, [0x61]), 1_000_000]),
    ],
    ["manifest-epochs-1025", "There are at most 1,024 epochs.", repeated([first, 1], [epoch(0), 1025])],
    [
      "manifest-remotes-long",
      "At most 32,768 bytes are about remotes.",
      repeated([concatBytes([first, Uint8Array.of(0x42, 0x81, 0x80, 2)]), 1], [Uint8Array.of(0), 32_769]),
    ],
    [
      "manifest-64-kib-and-a-byte",
      "A manifest has at most 65,536 bytes.",
      repeated([first, 1], [field(32, new Uint8Array(30)), 1985], [field(33, new Uint8Array(27)), 1]),
    ],
    ["manifest-succession-no-utf-8", "A note is UTF-8 text.", hex(first, field(3, [0xff]))],
    ["manifest-field-twice", "A field is there once.", hex(second, field(2, hash(1)))],
    [
      "manifest-newer",
      "A reader that skipped it would get the log wrong.",
      hex(first, field(9, none)),
      "ERR_UNSUPPORTED",
    ],
    [
      "manifest-newer-31",
      "The last field that has to be understood.",
      hex(first, field(31, none)),
      "ERR_UNSUPPORTED",
    ],
  ];
  const accepted = (name: string, why: string, input: DecodeFixture["input"]): DecodeFixture => ({
    ...{ name, why, decode: "manifest", input, expect: "accepted", means: "1" },
  });
  return [
    ...table("manifest", rows),
    accepted("manifest-first", "The shortest there is.", hex(first)),
    accepted(
      "manifest-skipped",
      "From 32 on, a field that is not known is skipped.",
      hex(first, field(32, [1])),
    ),
    accepted(
      "manifest-past-the-end",
      "It may know of entries that are not shown yet.",
      hex(first, range(9, 9), numberField(6, 99), numberField(7, 99)),
    ),
    accepted(
      "manifest-epoch-past-the-end",
      "An epoch may begin with an entry that is not shown yet.",
      hex(first, epoch(0), epoch(99), epoch(99)),
    ),
  ];
}
