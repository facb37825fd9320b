// T8, T25: keys that take a log over without its recovery key. What former keys sign is beside this.

import { parseSignedNote, signNote } from "../../../../packages/core/src/checkpoint/index.ts";
import type { SigningKey } from "../../../../packages/core/src/crypto/index.ts";
import { successionOrigin } from "../../../../packages/core/src/log/succession.ts";
import { hexOf } from "../../decoder.ts";
import { type DecodeFixture, type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { hash, hex, type Parts } from "../parts.ts";
import { checkpointIn, type RotatedLog, rotatedLog, type SignedHead } from "../rotated-log.ts";
import { evidence, reading } from "./former-keys.ts";

const INTEGRITY = "ERR_INTEGRITY";
const MALFORMED = "ERR_MALFORMED";

/** Heads whose key nobody may have named. */
async function heads(log: RotatedLog, { strangerKey, other }: Parts): Promise<readonly Fixture[]> {
  const { owner, thief, fixed, keys, recoveryKeys, succession } = log;
  const [one, two, four] = owner.heads as [Uint8Array, Uint8Array, Uint8Array];
  const good = await succession();
  const origin = successionOrigin(log.logId);
  /** The right succession, with a text that the recovery key has signed like it. */
  const rewritten = async (change: (text: string) => string): Promise<string> =>
    signNote(change(parseSignedNote(good).text), origin, recoveryKeys[0]);
  const line = (number: number, text: string): Promise<string> =>
    rewritten((whole) =>
      whole
        .split("\n")
        .with(number - 1, text)
        .join("\n"),
    );
  const of = async (
    name: string,
    why: string,
    verdict: Pick<DecodeFixture, "expect" | "code" | "means">,
    { logId = log.logId, ...signed }: Partial<SignedHead> & { readonly logId?: string },
  ): Promise<DecodeFixture> => ({
    ...{ name: `succession-${name}`, why, decode: "head" },
    input: hex(await log.head({ head: two, key: keys[1], ...signed })),
    with: { logId },
    ...verdict,
  });
  const refused = async (
    name: string,
    why: string,
    notes: readonly (string | Promise<string>)[],
    more: Partial<SignedHead> & { readonly logId?: string; readonly code?: string } = {},
  ): Promise<DecodeFixture> => {
    const { code = INTEGRITY, ...signed } = more;
    const successions = await Promise.all(notes.map((note) => Promise.resolve(note)));
    return of(name, why, { expect: "refused", code }, { successions, ...signed });
  };
  const accepted = (name: string, why: string, signed: Partial<SignedHead>): Promise<DecodeFixture> => {
    const { size, root } = checkpointIn(signed.head ?? two);
    return of(name, why, { expect: "accepted", means: `${size} ${hexOf(root)}` }, signed);
  };
  const later = (change: Parameters<typeof succession>[0] = {}, key?: SigningKey): Promise<string> =>
    succession({ index: 2, ...change }, key);
  const small = hash(0).with(0, 1);
  const malformed = { code: MALFORMED };
  return Promise.all([
    accepted("signed", "So it is right.", { successions: [good] }),
    accepted("signed-further", "With entries of the later key.", { successions: [good], head: four }),
    refused("of-a-stranger", "The log has named another recovery key.", [succession({}, strangerKey)]),
    refused("of-the-former-key", "A key does not name its successor.", [succession({}, keys[0])]),
    refused("of-the-next-key", "Nor does a key name itself.", [succession({}, keys[1])]),
    refused("shows-another-key", "The recovery key that it shows has to have signed it.", [
      signNote(parseSignedNote(good).text, origin, strangerKey),
    ]),
    refused("signature-moved", "The signature of another succession.", [
      good.replace(/[^ ]+\n$/, (await succession({ size: 1 })).split(" ").at(-1)!),
    ]),
    refused("changed", "It is signed.", [good.replace("\n2\n", "\n1\n")]),
    refused("of-another-log", "It is of one log.", [succession({}, recoveryKeys[0], other.logId)]),
    refused("as-a-checkpoint", "Its origin says what it is.", [
      rewritten((text) => text.replace("/succession", "")),
    ]),
    refused("number-0", "The first is number 1.", [succession({ index: 0 })]),
    refused("number-2", "The first is number 1.", [succession({ index: 2 }, recoveryKeys[0])]),
    refused(
      "gap",
      "Number 3 does not follow number 1.",
      [good, succession({ index: 3, versions: 2 }, recoveryKeys[1])],
      { key: keys[2] },
    ),
    refused("twice", "Two of number 1.", [good, succession({ signingKey: keys[2].publicKey })], {
      key: keys[2],
    }),
    refused("repeated", "The same one twice.", [good, good]),
    refused("turned-round", "The oldest is the first.", [later({ versions: 1 }), good]),
    refused(
      "second-by-the-first-key",
      "Each names the recovery key of the next.",
      [succession({ versions: 0 }), later({ versions: 1 }, recoveryKeys[0])],
      { key: keys[2] },
    ),
    refused(
      "goes-back-in-entries",
      "A later one has at least as many entries.",
      [succession({ versions: 0 }), later({ versions: 1, ...checkpointIn(one) })],
      { key: keys[2] },
    ),
    refused("same-versions", "A later one has more versions.", [good, later({ versions: 1 })], {
      key: keys[2],
    }),
    refused("fewer-versions", "A later one has more versions.", [good, later({ versions: 0 })], {
      key: keys[2],
    }),
    refused("of-more-entries", "The later key continues the entries of the former one.", [
      succession(checkpointIn(four)),
    ]),
    refused("of-entries-that-never-were", "At as many entries, the head has their root.", [
      succession({ root: checkpointIn(thief.heads[1]!).root }),
    ]),
    refused("of-versions-that-never-were", "The head shows the root of the version before.", [
      succession({ manifestRoot: hash(9) }),
    ]),
    refused("names-its-own-version", "Version 2 is a later one than those that it counts.", [
      succession({ versions: 2 }),
    ]),
    refused("names-a-later-version", "Version 2 is a later one than those that it counts.", [
      succession({ versions: 2 ** 53 - 1 }),
    ]),
    refused(
      "without-a-recovery-key",
      "The genesis record names no recovery key.",
      [succession({}, undefined, fixed.logId)],
      { logId: fixed.logId, head: fixed.heads[1]! },
    ),
    refused("and-the-former-key", "The later key signs both checkpoints.", [good], { key: keys[0] }),
    refused("and-entries-of-the-former-key", "The later key signs both checkpoints.", [good], {
      entriesKey: keys[0],
    }),
    refused("and-a-manifest-of-the-former-key", "The later key signs both checkpoints.", [good], {
      ...{ key: keys[0], entriesKey: keys[1] },
    }),
    refused("and-the-recovery-key", "A recovery key signs no checkpoint.", [good], { key: recoveryKeys[0] }),
    refused("withheld", "The later key alone: nobody named it.", [], {}),
    refused("second-withheld", "The third key, and the succession to the second alone.", [good], {
      key: keys[2],
    }),
    refused(
      "to-a-point-of-small-order",
      "Everyone could sign with it.",
      [succession({ signingKey: small })],
      { key: anyonesKey(small) },
    ),
    refused(
      "eight-lines",
      "It has nine lines.",
      [rewritten((text) => text.replace(/[^\n]+\n$/, ""))],
      malformed,
    ),
    refused("ten-lines", "It has nine lines.", [rewritten((text) => `${text}more\n`)], malformed),
    refused("number-padded", "A number has one form.", [line(2, "01")], malformed),
    refused("size-2-53", "No log has so many entries.", [line(3, "9007199254740992")], malformed),
    refused("versions-negative", "A number has one form.", [line(5, "-1")], malformed),
    refused("key-of-31", "A key has 32 bytes.", [line(7, btoa("x".repeat(31)))], malformed),
    refused("base64-spare-bits", "Base64 has one form.", [line(8, `${"A".repeat(42)}B=`)], malformed),
    refused("unsigned", "A text and no signature.", [parseSignedNote(good).text], malformed),
  ]);
}

/** A "signature" that anyone can make: of a point of small order, by the group equation alone. */
function anyonesKey(publicKey: Uint8Array): SigningKey {
  const base = hash(0x66).with(0, 0x58);
  const signature = new Uint8Array(64);
  signature.set(base);
  signature[32] = 1;
  return { publicKey, sign: () => Promise.resolve(signature) };
}

/** The fixtures, for the files of their threats. */
export async function successions(parts: Parts): Promise<readonly ThreatFile[]> {
  const log = await rotatedLog();
  return [
    threat("T8", "", await evidence(log, parts)),
    threat("T25", "", [...(await heads(log, parts)), ...(await reading(log))]),
  ];
}
