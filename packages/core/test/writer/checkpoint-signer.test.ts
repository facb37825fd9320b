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
  const signer = new CheckpointSigner(key, logId, undefined);
  const signed = await signer.sign(treeOf("abc"));
  await signer.record(signed, async () => undefined);
  expect(await signer.sign(treeOf("abc"))).toEqual(signed);
  expect(await failure(signer.sign(treeOf("abx")))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});

test("the journal always keeps the largest checkpoint, also when a smaller one is recorded after it", async () => {
  const signer = new CheckpointSigner(key, logId, undefined);
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
  const signer = new CheckpointSigner(key, logId, undefined);
  const full = new Error("No space left on device");
  const signed = await signer.sign(treeOf("a"));
  expect(await failure(signer.record(signed, () => Promise.reject(full)))).toBe(full);
  expect(signer.largest).toBeUndefined();
});
