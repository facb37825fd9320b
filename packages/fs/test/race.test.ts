import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fsNames } from "@remote-log/fs";
import { runs } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { randomFrom, startWorker, type Worker } from "./processes.ts";

const seed = Number(process.env["REMOTE_LOG_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

const rounds = runs(15, 60);

test(`of four processes that update from one revision exactly one wins, in each of ${rounds} rounds`, async () => {
  const root = await temporaryFolder();
  const workers = ["a", "b", "c", "d"].map((id) => startWorker("rounds", root, id));
  const answer = async ({ child, lines }: Worker): Promise<{ round: number; revision?: string }> => {
    const ended = lines.then(() => Promise.reject(new Error("The worker ended.")));
    const [message] = await Promise.race([once(child, "message"), ended]);
    return message;
  };
  await Promise.all(workers.map(answer));
  const names = fsNames({ root });
  let expected: string | null = null;
  for (let round = 0; round < rounds; round++) {
    const answered = Promise.all(workers.map(answer));
    for (const { child } of workers) child.send({ round, expected });
    const answers = await answered;
    for (const one of answers) expect(one.round).toBe(round);
    const winners = answers.flatMap(({ revision }, index) =>
      revision === undefined ? [] : [{ revision, index }],
    );
    expect(winners).toHaveLength(1);
    const { revision, index } = winners[0]!;
    expect(await names.resolve("race")).toEqual({
      status: "found",
      content: new TextEncoder().encode(`${round} ${"abcd"[index]}`),
      revision,
    });
    expected = revision;
  }
  for (const { child } of workers) child.kill("SIGKILL");
});

test("four processes that are stopped at any moment write one history, and no reader ever sees it go back", async () => {
  const random = randomFrom(seed);
  const root = await temporaryFolder();
  const workers = ["a", "b", "c", "d"].map((id) => startWorker("free", root, id));
  let running = workers.length;
  for (const { child } of workers) child.once("exit", () => running--);
  const seen: { revision: string; text: string }[] = [];

  const stopping = (async () => {
    while (running > 0) {
      // Longer than the others need to get far beyond what a stopped one has looked at.
      const { child } = workers[Math.floor(random() * workers.length)]!;
      child.kill("SIGSTOP");
      await sleep(5 + random() * 60);
      child.kill("SIGCONT");
      await sleep(random() * 10);
    }
  })();
  const reading = (async () => {
    const names = fsNames({ root });
    while (running > 0) {
      const found = await names.resolve("race");
      if (found.status !== "found") continue;
      seen.push({ revision: found.revision, text: new TextDecoder().decode(found.content) });
    }
  })();
  const lines = (await Promise.all(workers.map((worker) => worker.lines))).flat();
  await Promise.all([stopping, reading]);

  const told = lines.map((line) => {
    const [from, to, ...text] = line.split(" ");
    return { from: from!, to: to!, text: text.join(" ") };
  });
  const wins = told.filter(({ to }) => to !== "unknown");
  expect(wins, `seed ${seed}`).toHaveLength(240);
  const after = new Map(wins.map((win) => [win.from, win]));
  expect(after.size, `one winner after each revision (seed ${seed})`).toBe(240);
  const last = await fsNames({ root }).resolve("race");
  expect(last.status).toBe("found");
  // An update of which its writer did not learn the end may have won: then somebody went on from a revision that nobody told.
  const tos = new Set(wins.map(({ to }) => to));
  const untold = [
    ...told.map(({ from }) => from),
    ...(last.status === "found" ? [last.revision] : []),
  ].filter((revision) => revision !== "null" && !tos.has(revision));
  const order = new Map<string, { place: number; text: string }>();
  for (let from: string | undefined = "null"; from !== undefined; ) {
    const win = after.get(from);
    const number: number = from === "null" ? 1 : Number(from.slice(0, 16)) + 1;
    const unknown = told.filter((one) => one.to === "unknown" && one.from === from);
    const to: string | undefined =
      win?.to ?? (unknown.length > 0 ? untold.find((one) => Number(one.slice(0, 16)) === number) : undefined);
    const texts = win === undefined ? unknown.map(({ text }) => text) : [win.text];
    const read = seen.find(({ revision }) => revision === to)?.text;
    if (to !== undefined)
      order.set(to, { place: order.size + 1, text: texts.find((text) => text === read) ?? texts[0]! });
    from = to;
  }
  const wonUnknown = [...order.keys()].filter((revision) => !tos.has(revision));
  expect(order.size, `one chain (seed ${seed})`).toBe(240 + wonUnknown.length);

  let place = 0;
  for (const { revision, text } of seen) {
    const entry = order.get(revision);
    expect(entry?.text, `seed ${seed}`).toBe(text);
    expect(entry!.place, `seed ${seed}`).toBeGreaterThanOrEqual(place);
    place = entry!.place;
  }
  expect(last).toMatchObject({ revision: [...order.keys()].at(-1) });
});
