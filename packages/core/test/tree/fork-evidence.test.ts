import { beforeAll, expect, test } from "vitest";
import { type ForkError, openReader, verifyForkEvidence } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { readerAt } from "../reader/reader-at.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "../reader/two-branches.ts";
import { sizesTo, type WrittenLog } from "../reader/written-log.ts";

let written: TwoBranches;
let log: WrittenLog;
let branch: WrittenLog;
let objects: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log, branch, objects } = written);
});

const at = (size: number): Uint8Array => log.heads.get(size)!;

test("evidence of a fork that was tampered with proves nothing", async () => {
  const { reader, remote } = await readerAt(written, 50);
  remote.names.show(branch.heads.get(61)!);
  const { evidence } = (await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ForkError;
  const accepted = (changed: typeof evidence) => verifyForkEvidence(changed).catch(() => undefined);
  expect(await accepted(evidence)).toBeDefined();
  for (const [i, hash] of evidence.path.entries()) {
    for (let offset = 0; offset < 32; offset++) {
      const other = hash.slice();
      other[offset] = other[offset]! ^ 1;
      expect(await accepted({ ...evidence, path: evidence.path.with(i, other) })).toBeUndefined();
    }
    expect(await accepted({ ...evidence, path: evidence.path.toSpliced(i, 1) })).toBeUndefined();
    expect(await accepted({ ...evidence, path: evidence.path.toSpliced(i, 0, hash) })).toBeUndefined();
  }
  for (const field of ["smaller", "larger"] as const) {
    for (let i = 0; i < evidence[field].length; i++) {
      const note = evidence[field];
      const other = note.slice(0, i) + (note[i] === "A" ? "B" : "A") + note.slice(i + 1);
      expect(await accepted({ ...evidence, [field]: other }), `${field} ${i}`).toBeUndefined();
    }
  }
  for (let i = 0; i < evidence.genesis.length; i++) {
    const genesis = evidence.genesis.slice();
    genesis[i] = genesis[i]! ^ 1;
    expect(await accepted({ ...evidence, genesis })).toBeUndefined();
  }
  expect(await accepted({ ...evidence, smaller: evidence.larger, larger: evidence.smaller })).toBeUndefined();
});

test("two states of one history are never evidence of a fork, whatever path comes with them", async () => {
  const { reader, remote } = await readerAt(written, 50);
  remote.names.show(branch.heads.get(61)!);
  const { evidence } = (await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ForkError;
  const notes = new Map<number, string>();
  for (const size of sizesTo(70)) notes.set(size, (await verifyHead(at(size), log.logId)).note);
  const whole = await openReader({ logId: log.logId, remotes: [scriptedRemote(objects, at(70))] });
  await whole.sync();
  const { path } = await whole.consistencyProof(50);
  for (const smaller of sizesTo(70)) {
    for (const larger of [smaller, 61, 64, 70]) {
      for (const tried of [[], evidence.path, path, path.slice(1), [path[0]!, ...path]]) {
        const pair = {
          genesis: evidence.genesis,
          smaller: notes.get(smaller)!,
          larger: notes.get(larger)!,
          path: tried,
        };
        expect(await verifyForkEvidence(pair), `${smaller} and ${larger}`).toBeUndefined();
      }
    }
  }
});
