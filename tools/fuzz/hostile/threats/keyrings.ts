// Keyrings that nobody may have written, or may show: T2, T3, T10, T15, T17, T22, T24, T26.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import type { Epoch } from "../../../../packages/core/src/log/manifest.ts";
import { encodeKeyring, type WireKeyring } from "../../../../packages/core/src/wire/keyring-message.ts";
import { bytesOf, hexOf } from "../../decoder.ts";
import { ageFile, readerIdentity } from "../age-file.ts";
import type { Context, DecodeFixture, Fixture, Input, ThreatFile } from "../fixture.ts";
import { threat } from "../fixture.ts";
import { type Keyrings, keyringsOf } from "../keyring-files.ts";
import { addressText, bytes, field, hash, hex, numberField, type Parts, repeated } from "../parts.ts";
import { naming, type PrivateLog, privateLog, readKeys } from "../private-log.ts";
import { type Row, table } from "../refusals.ts";

const none = new Uint8Array(0);
/** The largest keyring. */
const LARGEST = 2 ** 20;

/** A keyring by itself, for the reader of the fixtures. */
function decoding(log: PrivateLog, keyrings: Keyrings): Record<string, readonly Fixture[]> {
  const { history, message, file } = keyrings;
  const context: Context = { identity: readerIdentity, logId: log.logId, epoch: 1 };
  const refused = (rows: readonly Row[], usual?: string): readonly Fixture[] =>
    table("keyring", rows, usual, context);
  const accepted = (name: string, why: string, input: Input, means: string): DecodeFixture => ({
    ...{ name, why, decode: "keyring", input, with: context, expect: "accepted", means },
  });
  const plain = (plaintext: Uint8Array): Input => hex(ageFile(["reader"], plaintext));
  const other = privateLogId(log.logId);
  const good = file();
  const [header = "", ...lines] = Buffer.from(good).toString("latin1").split("\n");
  const first = `${lines.slice(0, 2).join("\n")}\n`;
  const rest = Buffer.from(`${lines.slice(2).join("\n")}`, "latin1");
  const scrypt = "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
  return {
    T10: refused(
      [
        ["keyring-of-another-log", "It says which log it is for.", hex(file({ log: bytesOf(other) }))],
        ["keyring-of-the-epoch-before", "It says which epoch it is for.", hex(file({ epoch: 0 }))],
        ["keyring-of-the-epoch-after", "It says which epoch it is for.", hex(file({ epoch: 2 }))],
        [
          "keyring-history-of-another-log",
          "So does the file within.",
          hex(file({ history: history({ log: bytesOf(other) }) })),
        ],
        [
          "keyring-history-of-another-epoch",
          "So does the file within.",
          hex(file({ history: history({ epoch: 0 }) })),
        ],
      ],
      "ERR_INTEGRITY",
    ),
    T15: refused(
      [
        [
          "keyring-in-its-own-history",
          "The file within is the one around it, as far as that can be.",
          hex(file({ history: file() })),
        ],
        [
          "keyring-history-in-history",
          "The file within has none within it.",
          hex(file({ history: history({ history: history() }) })),
        ],
        [
          "keyring-history-in-history-in-history",
          "However deep it goes, one is opened.",
          hex(file({ history: history({ history: history({ history: history() }) }) })),
        ],
      ],
      "ERR_INTEGRITY",
    ),
    T17: [
      ...refused([
        ["keyring-empty", "A keyring is an age file.", hex([])],
        ["keyring-of-nothing", "It holds a message.", plain(none)],
        ["keyring-in-plain", "The message without the file around it.", hex(message())],
        ["keyring-cut-short", "A byte less.", hex(good.subarray(0, -1))],
        ["keyring-longer", "A byte more.", hex(good, [0])],
        ["keyring-changed", "The last byte is another.", hex(good.subarray(0, -1), [good.at(-1)! ^ 1])],
        [
          "keyring-of-version-2",
          "Another version of the format.",
          hex(ageFile(["reader"], message(), { version: "age-encryption.org/v2" })),
        ],
        ["keyring-twice", "One message, not two.", plain(concatBytes([message(), message()]))],
        [
          "keyring-key-of-31",
          "A key has 32 bytes.",
          plain(
            concatBytes([field(1, bytesOf(log.logId)), numberField(2, 1), field(3, hash(1).subarray(1))]),
          ),
        ],
        [
          "keyring-without-a-key",
          "A key has 32 bytes.",
          plain(concatBytes([field(1, bytesOf(log.logId)), numberField(2, 1)])),
        ],
        ["keyring-without-a-log", "It says which log it is for.", plain(field(3, hash(1)))],
        ["keyring-history-empty", "The file within is there for everybody.", hex(file({ history: none }))],
        ["keyring-history-none", "The file within is an age file.", hex(file({ history: bytes("none") }))],
      ]),
      ...table("keyring-message", [
        ["keyring-message-empty", "It says which log it is for.", hex([])],
        ["keyring-message-log-twice", "A field is there once.", hex(message(), field(1, hash(1)))],
        [
          "keyring-message-epoch-2-32",
          "An epoch is a uint32.",
          hex(field(1, hash(1)), numberField(2, 2 ** 32), field(3, hash(1))),
        ],
        [
          "keyring-message-padding-twice",
          "A field is there once.",
          hex(field(1, hash(1)), field(3, hash(1)), field(15, [0]), field(15, [0])),
        ],
      ]),
      {
        ...{ name: "keyring-message", why: "The shortest there is.", decode: "keyring-message" },
        ...{ input: hex(field(1, hash(1)), field(3, hash(2))), expect: "accepted", means: "0" },
      },
    ],
    T22: refused(
      [
        [
          "keyring-key-of-another-history",
          "The read key gives another key for the entries.",
          hex(file({ key: hash(0x77) })),
        ],
        [
          "keyring-read-key-in-both",
          "The key for the entries is not the read key itself.",
          hex(file({ key: readKeys[1] })),
        ],
        [
          "keyring-history-of-another-key",
          "The key for the entries follows from another read key.",
          hex(file({ history: history({ key: hash(0x77) }) })),
        ],
      ],
      "ERR_INTEGRITY",
    ),
    T24: [
      ...refused(
        [
          ["keyring-of-strangers", "It is for others.", hex(file({}, ["stranger", "stranger"]))],
          [
            "keyring-behind-a-passphrase",
            "No passphrase opens a keyring.",
            hex(ageFile([], message(), { before: scrypt.replace(" 30", " 1") })),
          ],
        ],
        "ERR_NO_KEY",
      ),
      accepted("keyring", "So it is right.", hex(good), `${hexOf(readKeys[1])} with history`),
      accepted(
        "keyring-among-strangers",
        "The reader is not the first.",
        hex(file({}, ["stranger", "reader"])),
        `${hexOf(readKeys[1])} with history`,
      ),
      accepted(
        "keyring-without-history",
        "What was before is for others.",
        hex(
          file({ history: ageFile(["stranger"], encodeKeyring({ ...earlierFor(log), key: readKeys[1] })) }),
        ),
        `${hexOf(log.epochKey)} alone`,
      ),
    ],
    T26: refused([
      [
        "keyring-1-mib-and-a-byte",
        "It is refused before it is looked at.",
        repeated([Uint8Array.of(10), LARGEST + 1]),
      ],
      ["keyring-1-mib", "It is none, and refused at once.", repeated([Uint8Array.of(10), LARGEST])],
      [
        "keyring-257-recipients",
        "A log names at most 256 readers.",
        repeated([bytes(`${header}\n`), 1], [bytes(first), 257], [new Uint8Array(rest), 1]),
      ],
      [
        "keyring-scrypt-30",
        "It asks for 2³⁰ rounds of scrypt.",
        hex(ageFile([], message(), { before: scrypt })),
      ],
    ]),
  };
}

/** Another log id. */
function privateLogId(logId: string): string {
  return logId.replace(/^../, (digits) => (digits === "00" ? "01" : "00"));
}

const earlierFor = ({ logId }: PrivateLog): Omit<WireKeyring, "key"> => ({
  ...{ log: bytesOf(logId), epoch: 1, history: none },
});

/** What a reader by name makes of a log, and of what its remotes show. */
async function reading(log: PrivateLog, { file }: Keyrings): Promise<Record<string, readonly Fixture[]>> {
  const [before, now] = log.epochs;
  const read = async (
    name: string,
    why: string,
    epochs: readonly Epoch[],
    objects: Readonly<Record<string, Uint8Array>>,
    outcome: number | string,
  ): Promise<Fixture> => {
    const delivers = typeof outcome === "number" ? log.entries.slice(0, outcome).map(hexOf) : [];
    const held = Object.fromEntries(Object.entries(objects).map(([at, object]) => [at, hexOf(object)]));
    const step = { heads: [hexOf(await log.head(epochs))], delivers };
    return {
      ...{ name, why },
      read: {
        logId: log.logId,
        identity: readerIdentity,
        objects: [held],
        steps: [typeof outcome === "string" ? { ...step, code: outcome } : step],
      },
    };
  };
  const named = (keyring: Uint8Array): readonly Epoch[] => [before, naming(now, keyring)];
  const shown = (keyring: Uint8Array, as = keyring): Record<string, Uint8Array> => ({
    [addressText(as)]: keyring,
  });
  const good = file();
  const strangers = file({}, ["stranger"]);
  const apart = file({
    history: ageFile(["stranger"], encodeKeyring({ ...earlierFor(log), key: readKeys[1] })),
  });
  const whole = named(good);
  const unknown = { ...earlierFor(log), key: hash(0x77) };
  const broken: Epoch = { ...naming(now, good), earlier: new Uint8Array(48) };
  const last: Epoch = { first: 99, keyId: hash(5).subarray(0, 16), earlier: new Uint8Array(48) };
  return {
    T2: [
      await read("keyring-swapped", "Its hash is signed.", whole, shown(strangers, good), "ERR_INTEGRITY"),
    ],
    T3: [await read("keyring-withheld", "It is not there.", whole, {}, "ERR_NOT_FOUND")],
    T10: [
      await read(
        "keyring-of-epoch-0-named-for-1",
        "A writer named the wrong one.",
        named(file({ epoch: 0 })),
        shown(file({ epoch: 0 })),
        "ERR_INTEGRITY",
      ),
    ],
    T24: [
      await read("reader-named", "So it is right.", whole, shown(good), 2),
      await read(
        "reader-named-without-history",
        "What was before is not delivered.",
        named(apart),
        shown(apart),
        "ERR_NO_KEY",
      ),
      await read(
        "reader-not-named",
        "The keyring is for others.",
        named(strangers),
        shown(strangers),
        "ERR_NO_KEY",
      ),
      await read("reader-of-no-keyring", "The log names no readers.", log.epochs, {}, "ERR_NO_KEY"),
      await read(
        "keyring-of-another-key",
        "It gives a key that the log does not name.",
        named(ageFile(["reader"], encodeKeyring({ ...unknown, history: ageFile(["stranger"], none) }))),
        shown(ageFile(["reader"], encodeKeyring({ ...unknown, history: ageFile(["stranger"], none) }))),
        "ERR_NO_KEY",
      ),
      await read(
        "earlier-key-damaged",
        "The key of the epoch before can't be opened with that of this one.",
        [before, broken],
        shown(good),
        "ERR_NO_KEY",
      ),
      await read(
        "epoch-past-the-end",
        "Its first entry is not there yet: all others are read.",
        [...whole, last],
        shown(good),
        2,
      ),
    ],
  };
}

/** The fixtures, for the files of their threats. */
export async function keyrings({ key }: Parts): Promise<readonly ThreatFile[]> {
  const log = privateLog(key);
  const made = keyringsOf(log);
  const sets = [decoding(log, made), await reading(log, made)];
  const threats = [...new Set(sets.flatMap((set) => Object.keys(set)))];
  return threats.map((id) =>
    threat(
      id,
      "",
      sets.flatMap((set) => set[id] ?? []),
    ),
  );
}
