// T25: keys of others, and signatures that are none.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import {
  checkpointOrigin,
  formatSignedNote,
  parseSignedNote,
  signNote,
} from "../../../../packages/core/src/checkpoint/index.ts";
import { deriveKeys, signingKeyFromSeed } from "../../../../packages/core/src/crypto/index.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { logSeed } from "../../decoders/signed.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { bytes, hash, hex, type Parts } from "../parts.ts";

/** Fixtures of T25. */
export async function signatures({ log, key, strangerKey, changed }: Parts): Promise<readonly ThreatFile[]> {
  const { logId } = log;
  const head = log.heads[0]!;
  const origin = checkpointOrigin(logId);
  const note = new TextDecoder().decode(decodeRemoteLog(head).checkpoint);
  const {
    text,
    signatures: [own],
  } = parseSignedNote(note);
  const good = own!;
  const withNote = (name: string, why: string, other: string, code: string): Fixture => ({
    name,
    why,
    decode: "head",
    input: hex(changed(head, () => ({ checkpoint: bytes(other) }))),
    with: { logId },
    expect: "refused",
    code,
  });
  const recovery = await signingKeyFromSeed(deriveKeys(logSeed).recovery);
  const flip = (signature: Uint8Array, at: number, mask: number): Uint8Array => {
    const copy = signature.slice();
    copy[at]! ^= mask;
    return copy;
  };
  const signedBy = (signature: Uint8Array): string =>
    formatSignedNote({ text, signatures: [{ ...good, signature }] });
  const larger = plusOrder(good.signature);
  const notes = (name: string, why: string, text: string): Fixture => ({
    name,
    why,
    decode: "signed-note",
    input: { text },
    expect: "refused",
    code: "ERR_MALFORMED",
  });
  const witness = { name: "w", keyHash: hash(1).subarray(0, 4), signature: Uint8Array.of(1) };

  return [
    threat("T25", "Keys of others, and signatures that are none", [
      {
        name: "note-as-signed",
        why: "The note as the writer signed it.",
        decode: "checkpoint",
        input: { text: note },
        with: { logId, publicKey: hexOf(key.publicKey) },
        expect: "accepted",
        means: "1",
      },
      withNote(
        "stranger",
        "A stranger has signed the checkpoint under the log's name.",
        await signNote(text, origin, strangerKey),
        "ERR_INTEGRITY",
      ),
      withNote(
        "recovery-key",
        "The recovery key has signed the checkpoint: it signs no checkpoints.",
        await signNote(text, origin, recovery),
        "ERR_INTEGRITY",
      ),
      withNote(
        "stranger-with-key-id",
        "A stranger's signature under the key id of the log's key.",
        signedBy(parseSignedNote(await signNote(text, origin, strangerKey)).signatures[0]!.signature),
        "ERR_INTEGRITY",
      ),
      withNote(
        "good-and-bad",
        "A good signature of the key and one that is not.",
        formatSignedNote({ text, signatures: [good, { ...good, signature: flip(good.signature, 0, 1) }] }),
        "ERR_INTEGRITY",
      ),
      withNote(
        "flipped-r",
        "The signature has a flipped bit in its first half.",
        signedBy(flip(good.signature, 0, 1)),
        "ERR_INTEGRITY",
      ),
      withNote(
        "flipped-s",
        "The signature has a flipped bit in its second half.",
        signedBy(flip(good.signature, 32, 1)),
        "ERR_INTEGRITY",
      ),
      withNote(
        "s-over-order",
        "The second half of the signature plus the order of the group: the same number, in another form.",
        signedBy(larger),
        "ERR_INTEGRITY",
      ),
      withNote("zeros", "A signature of zeros.", signedBy(new Uint8Array(64)), "ERR_INTEGRITY"),
      withNote(
        "signature-of-63",
        "A signature of 63 bytes.",
        signedBy(good.signature.subarray(1)),
        "ERR_INTEGRITY",
      ),
      withNote(
        "signature-of-65",
        "A signature of 65 bytes.",
        signedBy(concatBytes([good.signature, Uint8Array.of(0)])),
        "ERR_INTEGRITY",
      ),
      withNote(
        "other-algorithm",
        "Another key id: the line is that of another key.",
        formatSignedNote({ text, signatures: [{ ...good, keyHash: hash(1).subarray(0, 4) }] }),
        "ERR_INTEGRITY",
      ),
      withNote(
        "extension-line",
        "The writer signs an extension line, which our checkpoints do not have.",
        await signNote(`${text}extra\n`, origin, key),
        "ERR_MALFORMED",
      ),
      withNote(
        "root-of-31",
        "The writer signs a root of 31 bytes.",
        await signNote(`${text.split("\n").slice(0, 2).join("\n")}\n${btoa("x".repeat(31))}\n`, origin, key),
        "ERR_MALFORMED",
      ),
      withNote(
        "two-lines",
        "The writer signs a checkpoint without a root.",
        await signNote(`${origin}\n1\n`, origin, key),
        "ERR_MALFORMED",
      ),
      {
        name: "witness-beside",
        why: "A witness has signed beside the writer: its line is ignored.",
        decode: "checkpoint",
        input: { text: formatSignedNote({ text, signatures: [witness, good] }) },
        with: { logId, publicKey: hexOf(key.publicKey) },
        expect: "accepted",
        means: "1",
      },
      notes("crlf", "A note with carriage returns.", note.replaceAll("\n", "\r\n")),
      notes("no-blank-line", "No blank line before the signatures.", note.replace("\n\n", "\n")),
      notes("no-newline", "No newline at the end.", note.slice(0, -1)),
      notes("hyphen", "A hyphen in the place of the dash.", note.replace("\u2014", "-")),
      notes("two-spaces", "Two spaces after the dash.", note.replace("\u2014 ", "\u2014  ")),
      notes("base64-url", "A signature in the base64 of URLs.", note.replace(/\S+\n$/, "__________8=\n")),
      notes("base64-unpadded", "A signature in base64 without its padding.", note.replace(/=+\n$/, "\n")),
      notes(
        "base64-spare-bits",
        "A signature in base64 with bits that mean nothing.",
        note.replace(/\S+\n$/, "AAAAAAB=\n"),
      ),
      notes("signature-of-4", "A line with a key id and no signature.", note.replace(/\S+\n$/, "AAAAAA==\n")),
      notes("control", "A control character in the text.", note.replace("\n1\n", "\n1\u0000\n")),
      notes("no-signature", "A text and no signature line.", `${text}\n`),
    ]),
  ];
}

/** The same signature with the order of the group added to its second half. */
function plusOrder(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  let number = order;
  for (let i = 63; i >= 32; i--) number += BigInt(signature[i]!) << BigInt(8 * (i - 32));
  const other = signature.slice();
  for (let i = 32; i < 64; i++) other[i] = Number((number >> BigInt(8 * (i - 32))) & 0xffn);
  return other;
}
