// Files in the age format: what opens them, and why they can't be opened.

import { expect, test } from "vitest";
import {
  ageRecipientKind,
  ageRecipientOf,
  decryptWith,
  encryptFor,
  encryptWithPassphrase,
  generateAgeIdentity,
  looksLikeAgeFile,
  SCRYPT_WORK,
} from "../../src/age/age-file.ts";
import { encodeUtf8 } from "../../src/utf8.ts";

const plaintext = encodeUtf8("what is sealed");
const [bob, carol] = [await generateAgeIdentity("x25519"), await generateAgeIdentity("x25519")];
const recipients = [await ageRecipientOf(bob)];

test("both kinds of identities open what was encrypted for them, and no others do", async () => {
  const dave = await generateAgeIdentity("hybrid");
  expect([bob, dave]).toEqual([
    expect.stringMatching(/^AGE-SECRET-KEY-1/),
    expect.stringMatching(/^AGE-SECRET-KEY-PQ-1/),
  ]);
  for (const identity of [bob, dave]) {
    const recipient = await ageRecipientOf(identity);
    const file = await encryptFor([recipient], plaintext);
    for (const identities of [[identity], [carol, identity]])
      expect(await decryptWith({ identities }, file)).toEqual({ plaintext });
    expect(await decryptWith({ identities: [carol] }, file)).toEqual({ failure: "no-match" });
    expect(await decryptWith({ identities: [] }, file)).toEqual({ failure: "no-match" });
    expect(await decryptWith({ passphrase: "x" }, file)).toEqual({ failure: "no-match" });
    expect(await ageRecipientKind(recipient)).toBe(identity === bob ? "x25519" : "hybrid");
  }
});

test("a file for several recipients is opened by each of them", async () => {
  const both = [...recipients, await ageRecipientOf(carol)];
  const file = await encryptFor(both, plaintext);
  for (const identity of [bob, carol])
    expect(await decryptWith({ identities: [identity] }, file)).toEqual({ plaintext });
});

test("a file behind a passphrase is text, and says how much work it asks for", async () => {
  // `age -p` asks for 18 as well; that takes a second.
  expect(SCRYPT_WORK).toBe(18);
  const file = await encryptWithPassphrase("orbit velvet", plaintext, 2);
  const header = Buffer.from(file.split("\n").slice(1, 3).join(""), "base64").toString("latin1");
  expect(header).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S+ 2\n/);
  expect(await decryptWith({ passphrase: "orbit velvet" }, file)).toEqual({ plaintext });
  expect(await decryptWith({ passphrase: "orbit" }, file)).toEqual({ failure: "no-match" });
  expect(await decryptWith({ identities: [bob] }, file)).toEqual({ failure: "no-match" });
});

test("what was changed after its header is damaged, and what has none is malformed", async () => {
  const file = await encryptFor(recipients, plaintext);
  const identities = [bob];
  const cut = file.subarray(0, -1);
  expect(await decryptWith({ identities }, cut)).toMatchObject({
    failure: "damaged",
    cause: expect.any(Error),
  });
  for (const none of [new Uint8Array(0), encodeUtf8("age-encryption.org/v9\n"), file.subarray(1)])
    expect(await decryptWith({ identities }, none)).toMatchObject({ failure: "malformed" });
  // As text without armor it is none either.
  expect(await decryptWith({ identities }, "age-encryption.org/v1\n")).toMatchObject({
    failure: "malformed",
  });
});

test("a file that asks for four times the usual work is tried, and one that asks for more is not", async () => {
  const text = await encryptWithPassphrase("orbit", plaintext, 1);
  const file = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
  const asking = (factor: number): Uint8Array => Buffer.from(file.replace(/ 1\n/, ` ${factor}\n`), "latin1");
  // Nobody has to do the work who has no passphrase.
  expect(await decryptWith({ identities: [bob] }, asking(20))).toEqual({ failure: "no-match" });
  for (const secret of [{ identities: [bob] }, { passphrase: "orbit" }])
    expect(await decryptWith(secret, asking(21))).toMatchObject({
      failure: "malformed",
      cause: { message: "too much work" },
    });
});

test("work that is asked for beside another recipient is not done either", async () => {
  const file = Buffer.from(await encryptFor(recipients, plaintext)).toString("latin1");
  const both = file.replace(
    "---",
    "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n---",
  );
  for (const secret of [{ identities: [bob] }, { passphrase: "orbit" }])
    expect(await decryptWith(secret, Buffer.from(both, "latin1"))).toMatchObject({
      failure: "malformed",
      cause: { message: "too much work" },
    });
});

test("a file with 256 recipients is tried, and one with more is not", async () => {
  const file = Buffer.from(await encryptFor(recipients, plaintext)).toString("latin1");
  const [begin, stanza] = file.split("-> X25519") as [string, string];
  const [body, ...mac] = stanza.split("---");
  const withStanzas = (count: number): Uint8Array =>
    Buffer.from(`${begin}${`-> X25519${body}`.repeat(count)}---${mac.join("---")}`, "latin1");
  const identities = [carol];
  expect(await decryptWith({ identities }, withStanzas(256))).toEqual({ failure: "no-match" });
  expect(await decryptWith({ identities }, withStanzas(257))).toMatchObject({
    failure: "malformed",
    cause: { message: "too many recipients" },
  });
});

test("nobody can be encrypted for by another text than a recipient", async () => {
  const [recipient] = recipients as [string];
  // Of the right form, with a checksum that is wrong; and a kind that the library knows, and that needs hardware.
  const wrong = `age1${"q".repeat(58)}`;
  const tag = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
  for (const text of [
    "",
    bob,
    recipient.slice(0, -1),
    `${recipient}q`,
    ` ${recipient}`,
    recipient.toUpperCase(),
    wrong,
    tag,
  ])
    expect(await ageRecipientKind(text)).toBeUndefined();
});

test("an age file is known by how it begins", () => {
  const armor = "-----BEGIN AGE ENCRYPTED FILE-----\n";
  for (const text of [armor, `\n ${armor}`, "age-encryption.org/v1\n-> X"])
    expect(looksLikeAgeFile(text)).toBe(true);
  for (const text of ["", "00".repeat(32), `# ${armor}`, "age-encryption.org/v1", " age-encryption.org/v1\n"])
    expect(looksLikeAgeFile(text)).toBe(false);
});
