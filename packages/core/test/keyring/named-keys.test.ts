// The keys of a reader by name: which keyrings are read, what of them is believed, and who is told what if there is no key.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  Address,
  MalformedError,
  NoKeyError,
  NotPropagatedError,
  type RemoteLogError,
  rawSha256,
} from "../../src/index.ts";
import { type KeyringPlace, NamedKeys } from "../../src/keyring/named-keys.ts";
import type { OpenedKeyring } from "../../src/keyring/opened-keyring.ts";
import { epochKeyOf, keyIdOf, sealEarlierKey } from "../../src/log/epoch-keys.ts";
import type { IdentifiedGenesis } from "../../src/log/genesis.ts";
import type { StoredObject } from "../../src/log/head-manifest.ts";
import { type Epoch, LARGEST_MANIFEST_OBJECT } from "../../src/log/manifest.ts";
import { privateSealing } from "../../src/log/private-sealing.ts";
import { ReadKey } from "../../src/log/read-key.ts";
import type { Sealing } from "../../src/log/sealing.ts";
import { encodeUtf8 } from "../../src/utf8.ts";

const { signal } = new AbortController();
const logId = "ab".repeat(32);
const log = { logId, genesis: { identifiers: "sha256", padding: "none" } } as unknown as IdentifiedGenesis;

const readKeys = [0, 1, 2, 3].map((epoch) => new Uint8Array(32).fill(10 + epoch));
const keyringOf = (epoch: number): Uint8Array => encodeUtf8(`keyring ${epoch}`);
const epochKey = (epoch: number): Uint8Array => epochKeyOf(readKeys[epoch]!, { logId, epoch });

/** A log whose key changed with entries 10, 20 and 30; the readers of some epochs are not named. */
function epochsOf(unnamed: readonly number[] = []): Epoch[] {
  return readKeys.map((readKey, epoch) => ({
    first: 10 * epoch,
    keyId: keyIdOf(epochKey(epoch), logId),
    ...(epoch > 0 && { earlier: sealEarlierKey(readKey, readKeys[epoch - 1]!, logId) }),
    ...(!unnamed.includes(epoch) && { keyring: sha256(keyringOf(epoch)) }),
  }));
}

/** What keyrings give: all that was before, the epoch alone, or nothing. */
type Grants = readonly ("history" | "epoch" | "nothing")[];

/** A storage with all keyrings, and a reader to whom they give this. */
function world(grants: Grants, objects?: readonly StoredObject[]) {
  const read: number[] = [];
  const asked: unknown[] = [];
  const place: KeyringPlace = {
    head: { genesis: log, ...(objects && { manifest: { objects } }) },
    object: async (address, ...more) => {
      asked.push([`${address}`, ...more]);
      const epoch = readKeys.findIndex((_, i) => Buffer.compare(sha256(keyringOf(i)), address.digest) === 0);
      read.push(epoch);
      return keyringOf(epoch);
    },
  };
  const open = vi.fn<(keyring: Uint8Array, log: object) => Promise<OpenedKeyring>>(async (keyring, of) => {
    const epoch = readKeys.findIndex((_, i) => Buffer.compare(keyringOf(i), keyring) === 0);
    expect(of).toEqual({ logId, epoch });
    if (grants[epoch] === "nothing")
      throw new NoKeyError(`no grant ${epoch}`, { operation: "keyring.open", reason: "not-granted" });
    const withHistory = grants[epoch] === "history";
    return { key: new ReadKey(withHistory ? readKeys[epoch]! : epochKey(epoch)), withHistory };
  });
  const keys = new NamedKeys({ open, recipients: async () => ["age1one", "age1two"] });
  return { keys, place, read, asked, open };
}

/** Whether the entry of an epoch is opened. */
function opens(opening: Pick<Sealing, "open">, epoch: number): boolean | string | undefined {
  const sequence = 10 * epoch + 3;
  const content = encodeUtf8("content");
  const sealed = privateSealing(epochKey(epoch), log).seal(sequence, content);
  try {
    expect(opening.open(sequence, sealed).content).toEqual(content);
    return true;
  } catch (error) {
    return (error as RemoteLogError).reason;
  }
}

test.each<[string, Grants, number, number[], (boolean | string)[]]>([
  [
    "the newest keyring with history is enough for all entries",
    ["history", "history", "history", "history"],
    0,
    [3],
    [true, true, true, true],
  ],
  [
    "of a keyring without history, the ones before are read as far as they are needed",
    ["epoch", "epoch", "epoch", "epoch"],
    10,
    [3, 2, 1],
    ["not-granted", true, true, true],
  ],
  [
    "of the newest entries alone nothing else is read",
    ["epoch", "epoch", "epoch", "epoch"],
    30,
    [3],
    ["not-granted", "not-granted", "not-granted", true],
  ],
  [
    "a reader whose grant ended reads what was granted before, back to the first entry",
    ["epoch", "history", "nothing", "nothing"],
    0,
    [3, 2, 1],
    [true, true, "not-granted", "not-granted"],
  ],
  [
    "what came with the history of another keyring is not read again",
    ["epoch", "epoch", "history", "nothing"],
    0,
    [3, 2],
    [true, true, true, "not-granted"],
  ],
])("%s", async (_, grants, from, expected, known) => {
  const { keys, place, read } = world(grants);
  const reading = { from, epochs: epochsOf(), signal };
  const opening = await keys.openingOf(place, reading);
  expect(read).toEqual(expected);
  expect([0, 1, 2, 3].map((epoch) => opens(opening, epoch))).toEqual(known);
  // What a keyring gave, or that it gave nothing, is known.
  const count = read.length;
  await keys.openingOf(place, reading);
  expect(read).toHaveLength(count);
});

test("epochs without named readers are passed over", async () => {
  const { keys, place, read } = world(["epoch", "epoch", "epoch", "epoch"]);
  const opening = await keys.openingOf(place, { from: 0, epochs: epochsOf([3, 1]), signal });
  expect(read).toEqual([2, 0]);
  expect([0, 1, 2, 3].map((epoch) => opens(opening, epoch))).toEqual([
    true,
    "not-granted",
    true,
    "not-granted",
  ]);
});

test("a reader who is named nowhere is told by the newest keyring, and one of a log that names nobody, whom to ask for", async () => {
  const { keys, place, read } = world(["nothing", "nothing", "nothing", "nothing"]);
  const reading = { from: 12, epochs: epochsOf(), signal };
  expect(await failure(keys.openingOf(place, reading))).toMatchObject({ message: "no grant 3" });
  expect(read).toEqual([3, 2, 1]);
  for (const epochs of [undefined, [], epochsOf([0, 1, 2, 3])]) {
    expect(await failure(keys.openingOf(place, { ...reading, epochs }))).toMatchObject({
      code: "ERR_NO_KEY",
      reason: "not-granted",
      operation: "keyring.open",
      message: expect.stringMatching(
        new RegExp(`log ${logId} has named no readers .*rlog grant age1one age1two$`),
      ),
    });
  }
});

test("a keyring is read where the head says that it is, or under its own hash, and at most a mebibyte of it", async () => {
  const hash = sha256(keyringOf(3));
  const own = `${Address.create(rawSha256.codec, rawSha256.hash, hash)}`;
  const listed = Address.create(0x71, 0x12, hash);
  const other = { hash: sha256(keyringOf(0)), address: Address.create(0x71, 0x12, sha256(keyringOf(0))) };
  for (const [objects, address] of [
    [undefined, own],
    [[other], own],
    [[other, { hash, address: listed }], `${listed}`],
  ] as const) {
    const { keys, place, asked } = world(["epoch", "epoch", "epoch", "epoch"], objects);
    await keys.openingOf(place, { from: 30, epochs: epochsOf(), signal });
    expect(asked).toEqual([[address, LARGEST_MANIFEST_OBJECT, signal]]);
  }
});

test("a keyring whose hash is not the one that was signed is not opened", async () => {
  const { keys, place, open } = world(["history", "history", "history", "history"]);
  const other = { ...place, object: async () => keyringOf(2) };
  const reading = { from: 0, epochs: epochsOf(), signal };
  expect(await failure(keys.openingOf(other, reading))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await keys.newestKey([other], epochsOf(), signal)).toBeUndefined();
  expect(open).not.toHaveBeenCalled();
  // Another storage may have it.
  expect((await keys.newestKey([other, place], epochsOf(), signal))!.toBytes()).toEqual(epochKey(3));
});

test("a keyring that can't be read, or is damaged, is told, and read again the next time", async () => {
  const { keys, place, open } = world(["history", "history", "history", "history"]);
  const reading = { from: 0, epochs: epochsOf(), signal };
  const away = new NotPropagatedError("Not yet.", { operation: "storage.get" });
  expect(await failure(keys.openingOf({ ...place, object: () => Promise.reject(away) }, reading))).toBe(away);
  const damaged = new MalformedError("Damaged.", { operation: "keyring.open" });
  open.mockRejectedValueOnce(damaged);
  expect(await failure(keys.openingOf(place, reading))).toBe(damaged);
  expect(opens(await keys.openingOf(place, reading), 0)).toBe(true);
});

test("a keyring that holds the key of another log gives no key of this one", async () => {
  const { keys, place, open } = world(["epoch", "epoch", "epoch", "epoch"]);
  open.mockResolvedValue({ key: new ReadKey(new Uint8Array(32).fill(99)), withHistory: true });
  const { code, reason } = await failure<NoKeyError>(
    keys.openingOf(place, { from: 0, epochs: epochsOf(), signal }),
  );
  expect([code, reason]).toEqual(["ERR_NO_KEY", "not-granted"]);
  expect(await keys.newestKey([place], epochsOf(), signal)).toBeUndefined();
});

test("the newest key is that of the newest epoch, from the first storage that has its keyring", async () => {
  for (const grant of ["history", "epoch"] as const) {
    const { keys, place, read } = world([grant, grant, grant, grant]);
    const away = new NotPropagatedError("Not yet.", { operation: "storage.get" });
    const silent = { ...place, object: () => Promise.reject(away) };
    const key = await keys.newestKey([silent, place, silent], epochsOf(), signal);
    expect([key!.toBytes(), read]).toEqual([epochKey(3), [3]]);
    expect(await keys.newestKey([], epochsOf(), signal)).toBeUndefined();
    const unread = world([grant]);
    expect(await unread.keys.newestKey([silent], epochsOf(), signal)).toBeUndefined();
  }
});

test("without a grant in the newest epoch there is no newest key, and no other storage is asked", async () => {
  const { keys, place, read } = world(["history", "history", "history", "nothing"]);
  expect(await keys.newestKey([place, place], epochsOf(), signal)).toBeUndefined();
  expect(read).toEqual([3]);
  expect(await keys.newestKey([place], epochsOf([3]), signal)).toBeUndefined();
  expect(await keys.newestKey([place], [], signal)).toBeUndefined();
  expect(read).toEqual([3]);
});

test("an abort is an abort, and a bug is no keyring that is missing", async () => {
  const { keys, place } = world(["history", "history", "history", "history"]);
  const bug = new TypeError("not a function");
  const broken = { ...place, object: () => Promise.reject(bug) };
  expect(await failure(keys.newestKey([broken, place], epochsOf(), signal))).toBe(bug);
  const controller = new AbortController();
  const away = new NotPropagatedError("Not yet.", { operation: "storage.get" });
  const aborted = {
    ...place,
    object: async () => {
      controller.abort("gave up");
      throw away;
    },
  };
  expect(await failure(keys.newestKey([aborted, place], epochsOf(), controller.signal))).toBe("gave up");
});
