import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { verifyHead } from "../../src/log/head.ts";
import { checkFloor, type Floor } from "../../src/tree/floor.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, writeLog } from "../reader/written-log.ts";

const signal = new AbortController().signal;
let view: TreeView;
let earlier: Uint8Array;

beforeAll(async () => {
  const log = await writeLog(contents(30), { publishAt: [20] });
  const head = await verifyHead(log.head, log.logId);
  view = new TreeView(head, new ScriptedStorage(log.contents), defaultLimits, signal);
  earlier = (await verifyHead(log.heads.get(20)!, log.logId)).checkpoint.root;
});

test("a state is accepted that has the entries of the floor, or at least as many", async () => {
  const floors: (Floor | undefined)[] = [
    undefined,
    { size: 0 },
    { size: 30 },
    { size: 20, root: earlier },
    { size: 30, root: view.head.checkpoint.root },
  ];
  for (const floor of floors) expect(await checkFloor(view, floor, signal)).toBeUndefined();
});

test("a state with fewer entries is refused with ERR_ROLLBACK, which says how many", async () => {
  const wanted = { code: "ERR_ROLLBACK", offered: 30, verified: 31 };
  expect(await failure(checkFloor(view, { size: 31 }, signal))).toMatchObject(wanted);
  expect(await failure(checkFloor(view, { size: 31, root: earlier }, signal))).toMatchObject(wanted);
});

test("a state that begins with other entries is refused with ERR_INTEGRITY", async () => {
  for (const floor of [
    { size: 20, root: new Uint8Array(32) },
    { size: 19, root: earlier },
    { size: 30, root: earlier },
  ]) {
    expect(await failure(checkFloor(view, floor, signal))).toMatchObject({ code: "ERR_INTEGRITY" });
  }
});
