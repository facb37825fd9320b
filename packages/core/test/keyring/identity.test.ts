// What an identity is, what of a text counts, and what is told if a keyring is not opened with it.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { encryptFor } from "../../src/age/age-file.ts";
import { generateIdentity, LARGEST_KEYRING, ReaderIdentity, recipientOf } from "../../src/keyring/index.ts";
import { epochKeyOf } from "../../src/log/epoch-keys.ts";
import { encodeKeyring } from "../../src/wire/keyring-message.ts";

const logId = "ab".repeat(32);
const place = { logId, epoch: 2 };
const bob = await generateIdentity();
const refused = { code: "ERR_INVALID_INPUT", operation: "keyring.identity", reason: "identity" };

const isRefused = (text: string, why: string): void =>
  expect(() => new ReaderIdentity(text)).toThrow(
    expect.objectContaining({ ...refused, message: expect.stringContaining(why) }),
  );

test("an identity is a line of its own, between comments and white space", async () => {
  const recipient = await recipientOf(bob);
  for (const text of [`# mine\r\n\r\n  ${bob}\t\r\n`, `\n   \n${bob}`, `  # indented\n${bob}\n`])
    expect(await recipientOf(text)).toBe(recipient);
  for (const text of [`x${bob}`, `${bob}x`, bob.slice(0, -1), `${bob} ${bob}`, bob.toLowerCase(), recipient])
    isRefused(text, "it holds something else, or a character is wrong");
  for (const text of ["", " \n", `# ${bob}`]) isRefused(text, "there is none in it");
});

test("a file has up to 16 identities", async () => {
  const file = (count: number): string => `${bob}\n`.repeat(count);
  expect(await new ReaderIdentity(file(16)).recipients()).toHaveLength(16);
  isRefused(file(17), "it holds more than 16");
  const { message } = await failure<Error>(recipientOf(file(2)));
  expect(message).toContain("it holds several, and each has a recipient of its own");
});

test("what is no text is refused where it is passed, and the secret is not repeated", async () => {
  for (const value of [undefined, 5, [bob], { identity: bob }]) {
    const error = await failure<Error>(recipientOf(value as never));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "keyring.identity" });
    expect(error.message).toMatch(/^An identity must be a string/);
    expect(error.message).not.toContain(bob.slice(20));
  }
  const error = await failure<Error>(new ReaderIdentity(bob).open([1] as never, place));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "keyring.open" });
  expect(error.message).toMatch(/^A keyring must be a Uint8Array/);
});

test("the recipients are worked out once", async () => {
  const identity = new ReaderIdentity(bob);
  expect(identity.recipients()).toBe(identity.recipients());
  expect(await identity.recipients()).toEqual([await recipientOf(bob)]);
});

test("a keyring that is no age file, and one that was damaged on its way, are told apart", async () => {
  const readKey = new Uint8Array(32).fill(7);
  const log = Buffer.from(logId, "hex");
  const recipient = await recipientOf(bob);
  const made = (message: Omit<Parameters<typeof encodeKeyring>[0], "log" | "epoch">): Promise<Uint8Array> =>
    encryptFor([recipient], encodeKeyring({ log, epoch: 2, ...message }));
  const none = new Uint8Array(0);
  const key = epochKeyOf(readKey, place);
  const keyring = await made({ key, history: await made({ key: readKey, history: none }) });
  const told = async (bytes: Uint8Array): Promise<string> =>
    (await failure<Error>(new ReaderIdentity(bob).open(bytes, place))).message;
  const of = `The keyring of epoch 2 of log ${logId}`;
  expect(await told(new Uint8Array(9))).toBe(`${of} is no age file.`);
  expect(await told(keyring.subarray(0, -1))).toBe(`${of} is damaged.`);
  // As large as is accepted, and not one byte more.
  expect(await told(new Uint8Array(LARGEST_KEYRING))).toBe(`${of} is no age file.`);
  expect(await told(new Uint8Array(LARGEST_KEYRING + 1))).toBe(
    `${of} has 1048577 bytes, and at most 1048576 are accepted.`,
  );
  // Within the history there is none, not even a single byte.
  expect(
    await told(await made({ key, history: await made({ key: readKey, history: new Uint8Array(1) }) })),
  ).toContain("holds a history within its history");
});
