// A receipt waits for the stages of its own entry.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Progress } from "../../src/writer/progress.ts";
import { Receipt } from "../../src/writer/receipt.ts";

const STAGES = ["stored", "published", "confirmed"] as const;

test.each(STAGES)(
  "the stage %s of the third entry is reached with three entries, and not with two",
  async (stage) => {
    const progress = new Progress(["one", "two"], false);
    const id = new Uint8Array(32).fill(1);
    const receipt = new Receipt(2, id, progress);
    expect([receipt.sequence, receipt.id]).toEqual([2, id]);
    const reached: string[] = [];
    const waits = [
      receipt[stage]().then(() => reached.push("any")),
      receipt[stage]({ remotes: "all" }).then(() => reached.push("all")),
    ];
    for (const other of STAGES) progress.advance("one", other, other === stage ? 2 : 9);
    await Promise.resolve().then(() => new Promise((go) => setImmediate(go)));
    expect(reached).toEqual([]);
    progress.advance("one", stage, 3);
    await waits[0];
    expect(reached).toEqual(["any"]);
    progress.advance("two", stage, 3);
    await waits[1];
  },
);

test.each(STAGES)("the options of %s are checked, and its signal ends the wait", async (stage) => {
  const receipt = new Receipt(0, new Uint8Array(32), new Progress(["one"], false));
  expect(await failure(receipt[stage]({ remotes: "both" as never }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    operation: `writer.${stage}`,
  });
  const controller = new AbortController();
  const wait = failure(receipt[stage]({ signal: controller.signal }));
  controller.abort("gave up");
  expect(await wait).toBe("gave up");
});
