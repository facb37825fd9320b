// Processes that write one log at once: a queue, in which each gets its turn.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runs, until } from "@remote-log/test-kit";

import { expect, onTestFinished, test } from "vitest";
import { Place, type Running } from "../rlog.ts";

const holderProgram = fileURLToPath(new URL("holder.mjs", import.meta.url));
const PROCESSES = runs(4, 11);

test(`${PROCESSES} processes that append at once get their turns in the order in which they came; one that is killed leaves`, async () => {
  const place = await Place.make();
  await place.log();
  // A program of the user's own, which does not queue.
  const holder = spawn(process.execPath, [holderProgram, place.path(".rlog", "journal")]);
  onTestFinished(() => void holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  const tickets = async (): Promise<string[]> => (await readdir(place.path(".rlog", "queue"))).sort();

  // One that does not want to wait says who holds the journal, and leaves no ticket.
  const refused = await place.rlog(["append", "now", "--wait", "0"]);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toMatch(
    new RegExp(
      `Process ${holder.pid} holds the journal .*ps -p ${holder.pid}.*--wait SECONDS.*\\[ERR_JOURNAL_LOCKED\\]`,
    ),
  );
  expect((await place.rlog(["publish", "--wait", "0.2"])).err).toContain("did not become free within 0.2 s");
  expect(await tickets()).toEqual([]);

  const waiting = Array.from(
    { length: PROCESSES },
    (_, i): Running => place.start(["append", `by process ${i}`, "--ack", "--wait", "600"]),
  );
  await until(async () => (await tickets()).length === PROCESSES);
  const pids = (await tickets()).map((ticket) => Number(ticket.split("-")[1]));
  const inOrder = pids.map((pid) => waiting.find(({ child }) => child.pid === pid)!);
  const [first, ...others] = inOrder;
  first!.child.kill("SIGKILL");
  await first!.ended;
  holder.stdin.end();

  const ended = await Promise.all(others.map((one) => one.ended));
  expect(ended.map(({ code }) => code)).toEqual(others.map(() => 0));
  expect(ended.map(({ out }) => Number(out.split(" ")[0]))).toEqual(others.map((_, i) => i));
  expect(await tickets()).toEqual([]);
  const { out } = await place.ok(["read"]);
  expect(out.trim().split("\n").sort()).toEqual(
    others.map((one) => `by process ${waiting.indexOf(one)}`).sort(),
  );
});
