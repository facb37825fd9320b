// What a remote has room for: by hand, with pages of one entry, in which an entry has all the room that there is.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";
import type { HashType, Remote, WriterOptions } from "../../src/index.ts";
import { defaultSettings, type GenesisSettings } from "../../src/log/genesis.ts";
import { REMOTE_ID_FIELD_BYTES } from "../../src/log/head.ts";
import {
  addressForm,
  bytesForPair,
  LARGEST_CONTENT,
  LARGEST_PAGE,
  pointerPairBytes,
} from "../../src/log/log-limits.ts";
import { checkHeld, headRoomOn, largestContentOf, roomOn } from "../../src/writer/remote-room.ts";

const settings: GenesisSettings = { ...defaultSettings, visibility: "public", leafSize: 1, fanOut: 8 };
const MANY = 2 ** 24;

function remoteOf(stored: number, named = 100, type?: HashType): Remote {
  const storage = memoryStorage({ largestContent: stored });
  const hashTypes = type ? [type] : storage.capabilities.hashTypes;
  return {
    label: "the remote",
    storage: { ...storage, capabilities: { ...storage.capabilities, hashTypes } },
    names: memoryNames({ largestContent: named }),
  };
}

/** The largest content that is embedded, if whatever fits is. */
const embedded = (stored: number, named?: number): number =>
  roomOn(remoteOf(stored, named), settings, { largestEmbedded: MANY }).largestEmbedded;
const largestOf = (options: object, of = settings): number => largestContentOf(options as WriterOptions, of);
const refusal = (remote: Remote, of: GenesisSettings): unknown => {
  try {
    return roomOn(remote, of, {});
  } catch (error) {
    return error;
  }
};

test("if there is much room, the limits are those that were asked for, or of the protocol", () => {
  const remote = remoteOf(MANY);
  expect(roomOn(remote, settings, {})).toEqual({ largestEmbedded: 1024, largestContent: LARGEST_CONTENT });
  const sizes = { largestEmbedded: 10, largestContent: 20 };
  expect(roomOn(remote, settings, sizes)).toEqual(sizes);
});

test("a storage of small objects has that much room for a content, and less for what is embedded", () => {
  expect(roomOn(remoteOf(100_000), settings, {})).toEqual({ largestEmbedded: 1024, largestContent: 100_000 });
  const room = embedded(100_000);
  expect(room).toBeGreaterThan(50_000);
  expect(room).toBeLessThan(100_000);
  expect(embedded(100_100)).toBe(room + 100);
  // Of a private log, what is stored is larger than the content.
  const sealed: GenesisSettings = { ...settings, visibility: "private", padding: "none" };
  expect(roomOn(remoteOf(100_000), sealed, {}).largestContent).toBe(100_000 - 16);
});

test("a head may be in the name or be an object: the larger one counts, and beside it the name has the id of the remote", () => {
  const room = embedded(100_000);
  expect(embedded(100_000, 100_000 + REMOTE_ID_FIELD_BYTES)).toBe(room);
  expect(embedded(100_000, 100_000 + REMOTE_ID_FIELD_BYTES + 10)).toBe(room + 10);
  // Pages are objects in any case.
  expect(embedded(100_000, MANY)).toBeLessThan(100_000);
});

test("no page and no head is larger than readers accept, whatever the remote takes", () => {
  const room = embedded(LARGEST_PAGE);
  expect(room).toBeLessThan(LARGEST_PAGE);
  expect(embedded(2 * LARGEST_PAGE)).toBe(room);
  expect(embedded(LARGEST_PAGE, 2 * LARGEST_PAGE)).toBeLessThan(LARGEST_PAGE);
  expect(embedded(2 * LARGEST_PAGE, 2 * LARGEST_PAGE)).toBe(room);
});

test("a remote is refused if pages with empty entries, heads or nodes are too large for it", () => {
  const stored = 9000;
  expect(refusal(remoteOf(stored), { ...settings, leafSize: 1024 })).toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "remote-too-small",
    message: expect.stringMatching(
      /^the remote stores contents of at most 9000 bytes.*leaf size 1024, fan-out 8/,
    ),
  });
  // With the least room it takes empty contents.
  let [refused, least] = [stored, 100_000];
  while (least - refused > 1) {
    const middle = Math.floor((refused + least) / 2);
    if (refusal(remoteOf(middle), settings) instanceof Error) refused = middle;
    else least = middle;
  }
  expect(roomOn(remoteOf(least), settings, {})).toEqual({ largestEmbedded: 0, largestContent: 0 });
  // Heads that fit into the name leave nodes and pages to the storage: 256 refs of 38 and 32 bytes.
  const wide = { ...settings, fanOut: 256 };
  const node = 256 * 38 + (1 + 2 + 256 * 32);
  expect(refusal(remoteOf(node, MANY), wide)).not.toBeInstanceOf(Error);
  expect(refusal(remoteOf(node - 1, MANY), wide)).toMatchObject({ reason: "remote-too-small" });
});

test("if no address fits into its share of the page, every content is embedded, and none may be larger than that", () => {
  // 64 bytes for each entry: 36 for its hash, and not another 38 for an address.
  const crowded = { ...settings, leafSize: 65_536, fanOut: 8 };
  const { largestEmbedded, largestContent } = roomOn(remoteOf(MANY), crowded, { largestEmbedded: 1 });
  expect(largestEmbedded).toBe(largestContent);
  expect(largestContent).toBeGreaterThan(0);
  expect(largestContent).toBeLessThan(28);
  expect(roomOn(remoteOf(MANY), crowded, { largestContent: 3 }).largestContent).toBe(3);
});

test("an address that just fits into its share of the page has room", () => {
  const form = addressForm(remoteOf(MANY).storage.capabilities.hashTypes[0]!);
  // With one entry in a page, each further byte of the storage is one more for the entry.
  const more = bytesForPair(settings, form, { page: 100_000, head: 100_000 }) - pointerPairBytes(form);
  const stored = 100_000 - more;
  expect(roomOn(remoteOf(stored), settings, {}).largestContent).toBe(stored);
  expect(roomOn(remoteOf(stored - 1), settings, {}).largestContent).toBeLessThan(pointerPairBytes(form));
});

test("a head has the room of the name that the id of the remote leaves, as far as readers accept it, or of an object", () => {
  expect(headRoomOn(remoteOf(9000, 700))).toEqual({ name: 700 - REMOTE_ID_FIELD_BYTES, object: 9000 });
  const { name } = headRoomOn(remoteOf(9000, LARGEST_PAGE + 1));
  expect(name).toBe(LARGEST_PAGE - REMOTE_ID_FIELD_BYTES);
});

test("a journal of more entries than its log can hold is refused, and one that fills it is not", () => {
  for (const size of [0, 63, 64]) expect(() => checkHeld(size, 64)).not.toThrow();
  const refused = { code: "ERR_TOO_LARGE", operation: "writer.publish", reason: "log-full", limit: 64 };
  expect(() => checkHeld(65, 64)).toThrow(expect.objectContaining(refused));
});

test("a log takes what all of its remotes, its readers and its options have room for", () => {
  const remotes = [remoteOf(300_000), remoteOf(100_000), remoteOf(200_000)];
  expect(largestOf({ remotes })).toBe(100_000);
  expect(largestOf({ remotes, largestContent: 50_000 })).toBe(50_000);
  expect(largestOf({})).toBe(LARGEST_CONTENT);
  const sealed: GenesisSettings = { ...settings, visibility: "private", padding: "none" };
  expect(largestOf({}, sealed)).toBe(LARGEST_CONTENT - 16);
});

test.each(["largestContent", "largestEmbedded"] as const)(
  "%s is a number of bytes from 0 to what readers accept",
  (name) => {
    for (const size of [0, 1, LARGEST_CONTENT]) expect(() => largestOf({ [name]: size })).not.toThrow();
    for (const size of [-1, 0.5, Number.NaN, LARGEST_CONTENT + 1, "9"]) {
      expect(() => largestOf({ [name]: size })).toThrow(
        expect.objectContaining({
          code: "ERR_INVALID_INPUT",
          message: expect.stringContaining(`${name} must be`),
        }),
      );
    }
  },
);
