// Successions of signing keys: docs/protocol.md, "Key rotation".

import { parseSignedNote, signNote } from "../../../packages/core/src/checkpoint/index.ts";
import type { SigningKey } from "../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { readGenesis } from "../../../packages/core/src/log/genesis.ts";
import { signingKeyAfter, verifySuccessions } from "../../../packages/core/src/log/signing-keys.ts";
import {
  type ExpectedSuccession,
  type Succession,
  signSuccession,
  successionOrigin,
  verifySuccession,
} from "../../../packages/core/src/log/succession.ts";
import { type Decoder, printed, promise, UNVERIFIED } from "../decoder.ts";
import { rotatedLog } from "../hostile/rotated-log.ts";
import { mostly } from "../mutate/bytes.ts";
import { mutateNote } from "../mutate/note.ts";

/** Between the notes of a list. */
const BETWEEN = "\u0000";

const textIn = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** Decoders of successions. */
export async function successions(
  corpus: ReadonlyMap<string, readonly Uint8Array[]>,
): Promise<readonly Decoder[]> {
  const log = await rotatedLog();
  const { logId } = log;
  const genesis = readGenesis(log.genesis);
  const signed = (corpus.get("succession") ?? []).map((bytes) => parseSignedNote(textIn(bytes)).text);
  const expectedAt = (origin: number): { readonly key: SigningKey } & ExpectedSuccession => {
    // In the order of the corpus: numbers 1 and 2, by the recovery keys of their generation.
    const key = log.recoveryKeys[origin]!;
    return { key, logId, index: origin + 1, recoveryKeyHash: sha256(key.publicKey) };
  };
  const check = async (note: string, expected: ExpectedSuccession, key?: SigningKey): Promise<Succession> => {
    const read = await verifySuccession(note, expected);
    const { text } = parseSignedNote(note);
    promise(read.note === note, "a succession is kept as another note");
    promise(read.index === expected.index, "a succession has another number than is expected");
    for (const number of [read.size, read.versions])
      promise(Number.isSafeInteger(number) && number >= 0, "a succession has a number that is none");
    for (const bytes of [read.root, read.manifestRoot, read.signingKey, read.nextRecoveryKeyHash])
      promise(bytes.length === 32, "a succession has a hash or key that has not 32 bytes");
    if (key !== undefined) {
      const again = parseSignedNote(await signSuccession(logId, read, key));
      promise(again.text === text, "a succession has two forms");
    }
    return read;
  };
  return [
    {
      name: "succession",
      share: 8,
      mutate: mostly(mutateNote),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const note = textIn(input);
        await check(note, expectedAt(origin));
        promise(signed.includes(parseSignedNote(note).text), "a succession says what nobody signed");
      },
    },
    {
      // Whoever has the recovery key: whatever the succession says is signed before it is read.
      name: "succession-of-hostile-owner",
      share: 4,
      mutate: mostly(mutateNote),
      refusals: UNVERIFIED,
      check: async (input, origin) => {
        const { key, ...expected } = expectedAt(origin);
        const { text } = parseSignedNote(textIn(input));
        await check(await signNote(text, successionOrigin(logId), key), expected, key);
      },
    },
    {
      // The same of several: each is signed by the recovery key that the one before should name.
      name: "successions-of-hostile-owner",
      share: 4,
      mutate: mostly(mutateNote),
      refusals: UNVERIFIED,
      check: async (input) => {
        const texts = textIn(input)
          .split(BETWEEN)
          .map((note) => parseSignedNote(note).text);
        const sign = (text: string, i: number): Promise<string> =>
          signNote(text, successionOrigin(logId), log.recoveryKeys[Math.min(i, 2)]!);
        const notes = await Promise.all(texts.map(sign));
        const read = await verifySuccessions(genesis, notes);
        promise(
          printed(read.map(({ note }) => note)) === printed(notes),
          "a succession is not the one that was read",
        );
        for (const [i, { index, size, versions }] of read.entries()) {
          const before = read[i - 1] ?? { size: 0, versions: -1 };
          promise(index === i + 1, "a succession has another number than its place");
          promise(size >= before.size && versions > before.versions, "a succession goes back");
        }
        promise(
          printed(signingKeyAfter(genesis, read)) === printed(read.at(-1)?.signingKey),
          "another key signs than was named",
        );
      },
    },
  ];
}
