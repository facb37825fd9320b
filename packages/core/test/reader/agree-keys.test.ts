// What a reader may keep after another reader of its store saved something, if the log's key was replaced in between.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { agree } from "../../src/reader/agree.ts";
import type { Kinship } from "../../src/reader/comparisons.ts";
import type { KeptStates } from "../../src/reader/reader-memory.ts";
import { fork, headOf, writeStates } from "./branched-states.ts";

beforeAll(writeStates);

const kept = (newest: string, delivered?: string, seen?: string): KeptStates => ({
  newest: { head: headOf(newest), label: newest, revision: newest },
  delivered: delivered === undefined ? undefined : headOf(delivered),
  seen: seen === undefined ? undefined : { head: headOf(seen), label: seen },
});

const superseded = (former: "verified" | "offered"): Kinship => ({
  kind: "superseded",
  former,
  evidence: fork,
});

test("what another reader delivered of a former key, and is not part of the log, binds nobody", async () => {
  const mine = kept("x33", "x21");
  const after = await agree(mine, kept("y45", "y33", "x45"), async (verified) => {
    // The state that it saw beside that is not looked at: it was compared with what is no part of the log.
    expect([headOf("y33"), headOf("y45")]).toContain(verified);
    return superseded("verified");
  });
  expect(after).toEqual(mine);
});

test("what another reader verified of a former key binds nobody either, and what it delivered of the log does", async () => {
  const after = await agree(kept("x37", "x21"), kept("y45", "x33"), async (verified) =>
    verified === headOf("y45") ? superseded("verified") : { kind: "extends" },
  );
  expect(after).toEqual(kept("x37", "x33"));
});

test("a larger state that another reader saw, and that is not part of the log, is not seen here", async () => {
  const after = await agree(kept("x37", "x21"), kept("x33", "x33", "y45"), async (_, offered) =>
    offered === headOf("y45") ? superseded("offered") : { kind: "extends" },
  );
  expect(after).toEqual(kept("x37", "x33"));
});

test("what a former key signed is not kept once another reader of the store knows a later key", async () => {
  for (const others of [kept("y33", "y33"), kept("y33", "x21"), kept("y33")]) {
    const error = await failure(
      agree(kept("x45"), others, async (verified) =>
        verified === headOf("y33") ? superseded("offered") : { kind: "extends" },
      ),
    );
    expect(error).toMatchObject({
      code: "ERR_SUPERSEDED",
      operation: "reader.sync",
      evidence: fork,
      message: expect.stringMatching(/^x45 shows 45 entries that are signed with a former key/),
    });
  }
});
