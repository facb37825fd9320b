import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { parseCheckpoint, parseSignedNote } from "../../src/checkpoint/index.ts";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { hashLeaf } from "../../src/index.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { CheckpointSigner } from "../../src/writer/checkpoint-signer.ts";
import { text } from "./log-contents.ts";

const key = await signingKeyFromSeed(new Uint8Array(32).fill(1));
const logId = "00".repeat(32);

function treeOf(contents: string): CompactRange {
  const tree = CompactRange.empty();
  for (const content of contents) tree.appendLeaf(hashLeaf(text(content)));
  return tree;
}

test("of one size no second root is signed, and the same root gets the same note", async () => {
  const signer = new CheckpointSigner(() => key, logId, undefined);
  const signed = await signer.sign(treeOf("abc"));
  await signer.record(signed, async () => undefined);
  expect(await signer.sign(treeOf("abc"))).toEqual(signed);
  expect(await failure(signer.sign(treeOf("abx")))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});

test("the journal always keeps the largest checkpoint, also when a smaller one is recorded after it", async () => {
  const signer = new CheckpointSigner(() => key, logId, undefined);
  const kept: number[] = [];
  const keep = async (note: string): Promise<void> => {
    await Promise.resolve();
    kept.push(parseCheckpoint(parseSignedNote(note).text).size);
  };
  const notes = await Promise.all([
    signer.sign(treeOf("abcd")),
    signer.sign(treeOf("ab")),
    signer.sign(treeOf("abcde")),
  ]);
  await Promise.all(notes.map((signed) => signer.record(signed, keep)));
  expect(kept).toEqual([4, 4, 5]);
  expect(signer.largest?.checkpoint.size).toBe(5);
});

test("a checkpoint that could not be recorded does not count as signed", async () => {
  const signer = new CheckpointSigner(() => key, logId, undefined);
  const full = new Error("No space left on device");
  const signed = await signer.sign(treeOf("a"));
  expect(await failure(signer.record(signed, () => Promise.reject(full)))).toBe(full);
  expect(signer.largest).toBeUndefined();
});

test("a recording that fails does not keep the next one from being made", async () => {
  const signer = new CheckpointSigner(() => key, logId, undefined);
  const full = new Error("No space left on device");
  const failing = failure(signer.record(await signer.sign(treeOf("a")), () => Promise.reject(full)));
  await signer.record(await signer.sign(treeOf("ab")), async () => undefined);
  expect(await failing).toBe(full);
  expect(signer.largest?.checkpoint.size).toBe(2);
});

test("who shows the size that is signed is told it once it is durable, and before the record is done", async () => {
  const events: string[] = [];
  const signer = new CheckpointSigner(
    () => key,
    logId,
    undefined,
    async (size) => {
      await Promise.resolve();
      events.push(`told ${size}`);
    },
  );
  await signer.record(await signer.sign(treeOf("abc")), async () => void events.push("durable"));
  events.push("recorded");
  const smaller = await signer.sign(treeOf("a"));
  await signer.record(smaller, async () => void events.push("durable"));
  expect(events).toEqual(["durable", "told 3", "recorded", "durable", "told 3"]);
});

test("a checkpoint of another device is adopted if it is larger, and is then signed for that size", async () => {
  const elsewhere = new CheckpointSigner(() => key, logId, undefined);
  const [two, three, fork, four] = [
    await elsewhere.sign(treeOf("ab")),
    await elsewhere.sign(treeOf("abc")),
    await elsewhere.sign(treeOf("abx")),
    await elsewhere.sign(treeOf("abcd")),
  ];
  const signer = new CheckpointSigner(() => key, logId, undefined);
  signer.adopt(three);
  expect(signer.largest).toBe(three);
  expect(await failure(signer.sign(treeOf("abx")))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  for (const notLarger of [two, fork]) {
    signer.adopt(notLarger);
    expect(signer.largest).toBe(three);
  }
  signer.adopt(four);
  expect(signer.largest).toBe(four);
});

test("what a later key signed takes the place of all that was signed here, also if it is smaller", async () => {
  const signer = new CheckpointSigner(() => key, logId, undefined);
  signer.adopt(await signer.sign(treeOf("abcd")));
  const later = await new CheckpointSigner(() => key, logId, undefined).sign(treeOf("xy"));
  signer.replace(later);
  expect(signer.largest).toBe(later);
  expect((await signer.sign(treeOf("xyz"))).checkpoint.size).toBe(3);
});
