// A recovery on a network that comes and goes: what was read is not read again, what was stored is not stored again.

import { memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { openWriter, type Remote, UnreachableError, type Writer } from "../../src/index.ts";
import { contentsOf } from "./interrupted-publish.ts";
import { readCold, text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { ProcessLife } from "./process-life.ts";
import { wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(31);
const contents = contentsOf(400, 1100);
const unreachable = (): UnreachableError => new UnreachableError("No answer.", { operation: "test" });

async function published(count: number): Promise<{ remote: Remote; objects: number }> {
  const held = new Map<string, Uint8Array>();
  const remote = { ...memoryRemote({ label: "one" }), storage: memoryStorage({ contents: held }) };
  const writer = await open(new PowerCutDatabase(), remote);
  await writer.appendAll(contents.slice(0, count).map(text));
  await writer.publish();
  await writer.close();
  return { remote, objects: held.size };
}

function open(journal: PowerCutDatabase, ...remotes: readonly Remote[]): Promise<Writer> {
  return openWriter({ settings: { visibility: "public" }, seed, journal, remotes, publish: "manual" });
}

async function entriesOf(writer: Writer): Promise<string[]> {
  const own: string[] = [];
  for await (const { content } of writer.entries()) own.push(textOf(content));
  return own;
}

test("a log is recovered by processes that end after 200 reads each, with at most 1.5 reads an object", async () => {
  const { remote, objects } = await published(400);
  let disk = new Map<string, Uint8Array>();
  let reads = 0;
  let lives = 0;
  let recovered: string[] = [];
  for (let done = false; !done; lives++) {
    const life = new ProcessLife();
    const journal = new PowerCutDatabase(disk, life);
    let inLife = 0;
    const wrapped = wrapRemote(remote, async (call, proceed) => {
      if (call.kind === "get" && ++inLife > 200) life.kill();
      await life.step();
      if (call.kind === "get") reads++;
      const result = await proceed();
      await new Promise((answered) => setImmediate(answered));
      await life.step();
      return result;
    });
    await life.run(async () => {
      const writer = await open(journal, wrapped);
      expect(await writer.recover()).toMatchObject({ size: 400 });
      recovered = await entriesOf(writer);
      done = true;
    });
    life.kill();
    // Nothing that was not written durably survives here.
    disk = journal.afterPowerCut(0);
  }
  expect(recovered).toEqual(contents);
  expect(lives).toBeLessThanOrEqual(4);
  expect(reads / objects).toBeLessThanOrEqual(1.5);
});

test("a recovery takes single failures of reads, and keeps what it read before an outage", async () => {
  const { remote, objects } = await published(400);
  let reads = 0;
  let down = false;
  const wrapped = wrapRemote(remote, (call, proceed) => {
    if (call.kind === "get" && (++reads % 50 === 0 || (down && reads > 200))) throw unreachable();
    return proceed();
  });
  const single = await open(new PowerCutDatabase(), wrapped);
  expect(await single.recover()).toMatchObject({ recovered: 400 });
  expect(await entriesOf(single)).toEqual(contents);

  reads = 0;
  down = true;
  const writer = await open(new PowerCutDatabase(), wrapped);
  expect(await failure(writer.recover())).toMatchObject({ code: "ERR_UNREACHABLE" });
  down = false;
  reads = 0;
  expect(await writer.recover()).toMatchObject({ recovered: 400, size: 400 });
  expect(reads).toBeLessThan(objects - 100);
  expect(await entriesOf(writer)).toEqual(contents);
});

test("after a recovery that replaced the newest entries, the pages before them are not stored again", async () => {
  const held = new Map<string, Uint8Array>();
  const one = memoryRemote({ label: "one" });
  const two: Remote = { ...memoryRemote({ label: "two" }), storage: memoryStorage({ contents: held }) };
  const journal = new PowerCutDatabase();
  const writer = await open(journal, one, two);
  await writer.appendAll(contents.slice(0, 200).map(text));
  await writer.publish();
  await writer.close();
  const backup = journal.afterPowerCut(journal.unsynced);

  const elsewhere = await open(new PowerCutDatabase(backup), one);
  await elsewhere.appendAll(contents.slice(200, 240).map(text));
  await elsewhere.publish();
  await elsewhere.close();

  // Pages of its own entries are stored on the other remote, and no head is signed.
  const late = new PowerCutDatabase(backup);
  const blind = await open(late, two);
  await blind.appendAll(contents.slice(300, 360).map(text));
  late.onWrite = (operations) => {
    if (operations.some(({ key }) => textOf(key) === "rtwo\0intent"))
      throw new Error("No space left on device");
  };
  expect(await failure(blind.publish())).toMatchObject({ code: "ERR_JOURNAL" });

  const after = new PowerCutDatabase(late.afterPowerCut(late.unsynced));
  const before = new Set(held.keys());
  let again = 0;
  const counted = wrapRemote(two, async (call, proceed) => {
    const address = await proceed();
    if (call.kind === "put" && before.has(String(address))) again++;
    return address;
  });
  const both = await open(after, one, counted);
  expect(await both.recover()).toEqual({ recovered: 40, appendedAnew: 60, size: 300 });
  await both.publish();
  const all = [...contents.slice(0, 240), ...contents.slice(300, 360)];
  expect(await readCold(both.logId, two)).toEqual(all);
  expect(await readCold(both.logId, one)).toEqual(all);
  // The contents that follow the recovered ones; of 200 entries before, those of the last page at most.
  expect(again).toBeLessThanOrEqual(60 + 16 + 2);
});
