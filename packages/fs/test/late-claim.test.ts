// A writer that was stopped between its looks, while others went on and cleaned up.

import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { actBefore, another, isCall, namesWith } from "./claiming.ts";
import type { SystemCall, SystemCalls } from "./system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;
const content = bytes("content");
const conflict = { code: "ERR_NAME_CONFLICT" };
const updated = (count: number) => namesWith(count, calls);
const beforeCall = (is: (call: SystemCall) => boolean, act: () => void) => actBefore(calls, is, act);

/** Others win the revisions after one, clean its folder away, and begin to empty it: what they linked in it is gone already. */
function passBy(folder: string, from: string): string {
  const winner = another(folder, from);
  another(folder, winner);
  renameSync(join(folder, from), join(folder, `.trash-${from}`));
  rmSync(join(folder, `.trash-${from}`, "next"));
  return winner;
}

test("a link in a folder that was cleaned away meanwhile decides nothing: whoever made it has lost", async () => {
  const { names, newest, folder } = await updated(2);
  beforeCall(isCall("link"), () => passBy(folder, newest));
  expect(await failure(names.update("log", content, { expected: newest }))).toMatchObject(conflict);
  expect(await names.resolve("log")).toMatchObject({ content: bytes("another") });
});

test("who won, and was stopped until others had built on that and cleaned up, has won", async () => {
  const { names, newest, folder } = await updated(2);
  // The first look after the link comes when everybody else is far ahead.
  let linked = false;
  beforeCall(
    (made) => {
      if (linked) return true;
      linked = made.call === "link";
      return false;
    },
    () => {
      const [own = ""] = readdirSync(folder).filter((name) => name.startsWith("0000000000000003-"));
      another(folder, own);
      renameSync(join(folder, newest), join(folder, `.trash-${newest}`));
      rmSync(join(folder, `.trash-${newest}`, "next"));
    },
  );
  const revision = await names.update("log", content, { expected: newest });
  expect(revision).toMatch(/^0000000000000003-/);
});

test("who was stopped for so long that its own folder is cleaned away, too, can't tell, and says so", async () => {
  const { names, newest, folder } = await updated(2);
  beforeCall(isCall("link"), () => {
    passBy(folder, newest);
    const [own = ""] = readdirSync(folder).filter(
      (name) => name.startsWith("0000000000000003-") && !hasNext(folder, name),
    );
    renameSync(join(folder, own), join(folder, `.trash-${own}`));
  });
  expect(await failure(names.update("log", content, { expected: newest }))).toMatchObject({
    code: "ERR_UNREACHABLE",
  });
});

function hasNext(folder: string, revision: string): boolean {
  return readdirSync(join(folder, revision)).includes("next");
}
