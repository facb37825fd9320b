// Keyrings: who opens them, and what they show.

import { failure, sample } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import {
  checkRecipient,
  generateIdentity,
  type NamedReader,
  ReaderIdentity,
  recipientOf,
  sealKeyring,
} from "../../src/keyring/index.ts";
import { paddedCount, padRecipients } from "../../src/keyring/recipients.ts";
import { epochKeyOf } from "../../src/log/epoch-keys.ts";
import { ReadKey } from "../../src/log/read-key.ts";

const logId = "ab".repeat(32);
const readKey = new ReadKey(new Uint8Array(32).fill(7));
const epoch = 3;
let bob: string;
let carol: string;
let dave: string;

async function named(identity: string, withHistory: boolean): Promise<NamedReader> {
  return { recipient: await recipientOf(identity), withHistory };
}

beforeAll(async () => {
  [bob, carol, dave] = [await generateIdentity(), await generateIdentity(), await generateIdentity()];
});

test("each reader gets the key that was granted, and nobody else gets any", async () => {
  const readers = [await named(bob, true), await named(carol, false)];
  const keyring = await sealKeyring({ logId, epoch, readKey, readers });
  const forBob = await new ReaderIdentity(bob).open(keyring, { logId, epoch });
  expect([forBob.withHistory, forBob.key.toBytes()]).toEqual([true, readKey.toBytes()]);
  const forCarol = await new ReaderIdentity(carol).open(keyring, { logId, epoch });
  const epochKey = epochKeyOf(readKey.toBytes(), { logId, epoch });
  expect([forCarol.withHistory, forCarol.key.toBytes()]).toEqual([false, epochKey]);
  expect(epochKey).not.toEqual(readKey.toBytes());
  expect(await failure(new ReaderIdentity(dave).open(keyring, { logId, epoch }))).toMatchObject({
    code: "ERR_NO_KEY",
    reason: "not-granted",
    operation: "keyring.open",
    message: expect.stringContaining(`rlog grant ${await recipientOf(dave)}`),
  });
  // A file with several identities opens with any of them.
  const several = `# created: today\n${dave}\r\n\n${bob}\n`;
  expect((await new ReaderIdentity(several).open(keyring, { logId, epoch })).withHistory).toBe(true);
});

test("post-quantum readers are named alike, and not beside others", async () => {
  const eve = await generateIdentity("hybrid");
  const recipient = await recipientOf(eve);
  expect(recipient).toMatch(/^age1pq1/);
  expect(await checkRecipient(recipient)).toBe("hybrid");
  const readers = [{ recipient, withHistory: true }];
  const keyring = await sealKeyring({ logId, epoch, readKey, readers });
  expect((await new ReaderIdentity(eve).open(keyring, { logId, epoch })).withHistory).toBe(true);
  expect((await failure<Error>(new ReaderIdentity(bob).open(keyring, { logId, epoch }))).name).toBe(
    "NoKeyError",
  );
  const both = [...readers, await named(bob, true)];
  expect(await failure(sealKeyring({ logId, epoch, readKey, readers: both }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "mixed-recipients",
  });
});

test("how many readers there are does not show, nor how many of them may read what was before", async () => {
  const everybody = [bob, carol, dave, await generateIdentity(), await generateIdentity()];
  const length = async (count: number, withHistory: boolean): Promise<number> => {
    const readers = await Promise.all(everybody.slice(0, count).map((one) => named(one, withHistory)));
    return (await sealKeyring({ logId, epoch, readKey, readers })).length;
  };
  const four = await length(1, false);
  const others = [
    [0, false],
    [1, true],
    [3, false],
    [4, true],
  ] as const;
  for (const [count, withHistory] of sample("counts of readers", others, 2))
    expect(await length(count, withHistory)).toBe(four);
  const eight = await length(5, false);
  expect(eight).toBeGreaterThan(four);
  expect(await length(5, true)).toBe(eight);
  // The number of the epoch does not show in the length either.
  const late = await sealKeyring({ logId, epoch: 100_000, readKey, readers: [] });
  expect(late.length).toBe(four);
});

test("the padding is a power of two, in an order of its own each time", async () => {
  expect([0, 1, 4, 5, 8, 9, 255, 256].map(paddedCount)).toEqual([4, 4, 4, 8, 8, 16, 256, 256]);
  const recipient = await recipientOf(bob);
  const places = new Set<number>();
  for (let i = 0; i < 40 && places.size < 2; i++) {
    const padded = await padRecipients([recipient], "x25519", 4);
    expect(new Set(padded).size).toBe(4);
    places.add(padded.indexOf(recipient));
  }
  expect(places.size).toBe(2);
  expect([...places]).not.toContain(-1);
});

test("a keyring shows neither key, nor log, nor reader", async () => {
  const readers = [await named(bob, true)];
  const keyring = Buffer.from(await sealKeyring({ logId, epoch, readKey, readers }));
  const secrets = [
    readKey.toBytes(),
    epochKeyOf(readKey.toBytes(), { logId, epoch }),
    Buffer.from(logId, "hex"),
    Buffer.from(readers[0]!.recipient),
    Buffer.from(bob),
  ];
  for (const secret of secrets)
    for (let at = 0; at + 8 <= secret.length; at++)
      expect(keyring.includes(Buffer.from(secret.subarray(at, at + 8)))).toBe(false);
  const identity = new ReaderIdentity(bob);
  const shown = [JSON.stringify({ identity }), String(identity), Object.keys(identity).join()];
  expect(shown).toEqual(['{"identity":"[reader identity]"}', "[reader identity]", ""]);
});

test("what names nobody is refused, and an identity at the wrong place is not repeated", async () => {
  const low = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";
  const damaged = (await recipientOf(bob)).replace(/.$/, (last) => (last === "q" ? "p" : "q"));
  const others = [
    "",
    "bob",
    "ssh-ed25519 AAAA",
    "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e",
  ];
  for (const recipient of [...others, low, damaged, bob]) {
    const error = await failure<Error>(checkRecipient(recipient));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "recipient" });
    if (recipient !== "") expect(error.message).not.toContain(recipient);
  }
  const many = new Array<NamedReader>(257).fill(await named(bob, true));
  expect(await failure(sealKeyring({ logId, epoch, readKey, readers: many }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "too-many-readers",
  });
  for (const identity of [
    "",
    "# nothing\n",
    await recipientOf(bob),
    `${bob}\n${carol} x`,
    `${bob}\n`.repeat(17),
  ])
    expect(() => new ReaderIdentity(identity)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", reason: "identity" }),
    );
  const wrong = bob.replace(/.$/, (last) => (last === "Q" ? "P" : "Q"));
  expect(await failure(new ReaderIdentity(wrong).recipients())).toMatchObject({ reason: "identity" });
  expect(await failure(recipientOf(`${bob}\n${carol}`))).toMatchObject({ reason: "identity" });
});
