import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { toHex } from "../../src/chunk/hex.ts";
import { feedNameOf } from "../../src/feed/feed-name.ts";
import { LAST_INDEX } from "../../src/feed/feed-update.ts";
import { formatRevision, indexAfter, parseRevision } from "../../src/feed/revision.ts";
import { feed, placeOf } from "./chunks-in-memory.ts";

const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
const topic = "c3".repeat(32);
const other = new Uint8Array(20).fill(1);

test("owner and topic stand for themselves, whoever owns the names", () => {
  for (const mine of [undefined, other]) {
    const name = feedNameOf(`${owner}/${topic}`, mine);
    expect([toHex(name.owner), toHex(name.topic), name.text]).toEqual([owner, topic, `${owner}/${topic}`]);
  }
});

test.each(["diary", "", `x${owner}/${topic}`, `${owner}/${topic}0`, `${owner}/${topic}/x`, owner, "ä 🌲"])(
  "%j is a text: its topic is the hash of it, under the given owner",
  (text) => {
    const hash = toHex(keccak_256(bytes(`remote-log/v1/${text}`)));
    const name = feedNameOf(text, other);
    expect(name.owner).toEqual(other);
    expect([toHex(name.topic), name.text]).toEqual([hash, `${toHex(other)}/${hash}`]);
  },
);

test.each([
  `0x${owner}/${topic}`,
  `${owner}/0x${topic}`,
  `${owner.toUpperCase()}/${topic}`,
  `0X${owner}/${topic.toUpperCase()}`,
])("%s is refused, and the one spelling is told", (text) => {
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "swarm.name" });
  expect(() => feedNameOf(text, other)).toThrow(refused);
  expect(() => feedNameOf(text, other)).toThrow(`another way to write ${owner}/${topic}.`);
});

test("half of a surrogate pair, and a text without an owner, are refused", () => {
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "swarm.name" });
  for (const text of ["\ud800", "a\udc00b"]) expect(() => feedNameOf(text, other)).toThrow(refused);
  expect(() => feedNameOf("diary", undefined)).toThrow(refused);
});

const chunk = "ab".repeat(32);
const revisionAt = (index: bigint) => `${index}-${placeOf(index).slice(0, 16)}-${chunk}`;

test.each([0n, 1n, 9n, 10n, 123_456n, LAST_INDEX])(
  "the revision of update %d is read as it was written",
  (index) => {
    const revision = formatRevision(feed, { index, chunk });
    expect(revision).toBe(revisionAt(index));
    expect(parseRevision(revision, feed)).toEqual({ index, chunk });
  },
);

test.each([
  ["nothing", undefined],
  ["no revision at all", null],
  ["an empty text", ""],
  ["something before it", `x${revisionAt(5n)}`],
  ["another digit before it", `0${revisionAt(5n)}`],
  ["something after it", `${revisionAt(5n)}0`],
  ["the place of another update", revisionAt(5n).replace("5-", "6-")],
  ["an index above the last one", revisionAt(0n).replace("0-", `${LAST_INDEX + 1n}-`)],
  ["digits of upper case", revisionAt(5n).toUpperCase()],
  ["a shorter chunk", revisionAt(5n).slice(0, -1)],
])("%s is no revision of the feed", (_, text) => {
  expect(parseRevision(text, feed)).toBeUndefined();
});

test("a revision of another feed is none of this one", () => {
  expect(parseRevision(revisionAt(5n), feedNameOf("another", other))).toBeUndefined();
});

test("an update follows the one that was expected, up to the last index", () => {
  const context = { operation: "names.update", action: "updating a name" };
  expect(indexAfter(null, feed, context)).toBe(0n);
  expect(indexAfter(revisionAt(0n), feed, context)).toBe(1n);
  expect(indexAfter(revisionAt(LAST_INDEX - 1n), feed, context)).toBe(LAST_INDEX);
  const full = expect.objectContaining({ code: "ERR_UNSUPPORTED", operation: "names.update" });
  expect(() => indexAfter(revisionAt(LAST_INDEX), feed, context)).toThrow(full);
  const foreign = expect.objectContaining({ code: "ERR_NAME_CONFLICT", operation: "names.update" });
  for (const text of ["", "another", `x${revisionAt(5n)}`])
    expect(() => indexAfter(text, feed, context)).toThrow(foreign);
});
