import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runs } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { GROUP, hex, Network, seeded } from "./network.ts";

const seed = Number(process.env["KILL_SEED"] ?? process.env["TEST_SEED"] ?? 1);
const kills = runs(2, 40);
const worker = fileURLToPath(new URL("kill-worker.mjs", import.meta.url));

interface Word {
  readonly delivered?: string;
  readonly sent?: string;
  readonly payload?: string;
  readonly done?: boolean;
}

test(`${kills} kills -9 of a node at any moment lose nothing that it acknowledged or sent (KILL_SEED=${seed})`, async () => {
  const random = seeded(seed);
  const folder = await temporaryFolder();
  const network = await Network.of(["alice"], { options: { backOff: () => 1 } });
  const alice = network.of("alice");
  await alice.engine.setGroup(GROUP, ["bob"]);
  const delivered: string[] = [];
  const sent: string[] = [];
  const payloads: string[] = [];
  let done = (): void => undefined;
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  let unexpected: Promise<never>;

  const nextAnswer = (): Promise<void> =>
    new Promise((resolve) => {
      done = resolve;
    });
  const start = async (): Promise<void> => {
    const own = fork(worker, [folder], { serialization: "json", execArgv: [] });
    child = own;
    exited = once(own, "exit");
    unexpected = exited.then((how) => {
      throw new Error(`The child has ended: ${JSON.stringify(how)}.`);
    });
    unexpected.catch(() => undefined);
    own.on("message", (word: Word) => {
      if (word.delivered !== undefined) delivered.push(word.delivered);
      if (word.sent !== undefined) sent.push(word.sent);
      if (word.payload !== undefined) payloads.push(word.payload);
      // What one that was killed said before counts, but nobody waits for it any more.
      if (word.done === true && own === child) done();
    });
    await Promise.race([nextAnswer(), unexpected]);
  };
  const kill = async (): Promise<void> => {
    child!.kill("SIGKILL");
    await exited;
  };

  const messages: string[] = [];
  try {
    await start();
    for (let round = 0, killed = 0; round < 2000; round++) {
      // Until both have said something, whatever the moments of the kills.
      const isOver = killed === kills && sent.length > 0;
      if (!isOver) messages.push(hex(await network.send("alice", `${round}`)));
      for (const payload of payloads.splice(0))
        await alice.engine.receive("bob", Buffer.from(payload, "hex"));
      const [outgoing] = await alice.engine.tick();
      const answered = nextAnswer();
      child!.send({
        ...(outgoing && { payload: hex(outgoing.payload) }),
        ...(!isOver && round % 2 === 0 && { sends: `${round} of bob` }),
      });
      if (killed < kills && random() < 0.3) {
        // Somewhere within what it does with that.
        await new Promise((resolve) => setTimeout(resolve, random() * 6));
        await kill();
        killed++;
        await start();
      } else await Promise.race([answered, unexpected!]);
      if (isOver && outgoing === undefined && payloads.length === 0) break;
    }
  } finally {
    if (child!.exitCode === null && child!.signalCode === null) await kill();
  }

  expect(alice.engine.status().waiting).toEqual({});
  // All that Bob acknowledged he has delivered, in order, and again at most what was being handled when he was killed.
  const first = [...new Set(delivered)];
  expect(first).toEqual(messages);
  expect(delivered.length).toBeLessThanOrEqual(messages.length + kills);
  // What Bob says that he sent has come, once; and perhaps what he sent when he was killed before he could say so.
  const arrived = alice.delivered.map(({ id }) => hex(id));
  expect(new Set(arrived).size).toBe(arrived.length);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.filter((id) => !arrived.includes(id))).toEqual([]);
  await network.close();
});
