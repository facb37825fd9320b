import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { DeniedError, generateSeed, openWriter, type Remote, UnreachableError } from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { checkpointIn, readCold, text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { type Around, wrapRemote } from "./wrapped-remote.ts";

const seed = generateSeed();

/** A remote that can be switched off. */
function switched(label: string, error: () => Error): { remote: Remote; inner: Remote; off: boolean } {
  const inner = memoryRemote({ label });
  const state = { inner, remote: inner, off: false };
  const around: Around = async (_, proceed) => {
    if (state.off) throw error();
    return proceed();
  };
  state.remote = wrapRemote(inner, around);
  return state;
}

const down = (): Error => new UnreachableError("No answer.", { operation: "test" });
const denied = (): Error => new DeniedError("403", { operation: "test" });

test("one remote is down: the other is published, publish() tells, and the first catches up later", async () => {
  const [one, two] = [switched("one", down), switched("two", down)];
  const remotes = [one.remote, two.remote];
  const writer = await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(), remotes });
  const contents: string[] = [];
  for (let round = 0; round < 6; round++) {
    one.off = round % 3 === 1;
    two.off = round % 3 === 2;
    contents.push(`entry ${round}`);
    await writer.append(text(contents.at(-1)!));
    if (one.off || two.off)
      expect(await failure(writer.publish())).toMatchObject({ code: "ERR_UNREACHABLE" });
    else await writer.publish();
    if (!one.off) expect(await readCold(writer.logId, one.inner)).toEqual(contents);
    if (!two.off) expect(await readCold(writer.logId, two.inner)).toEqual(contents);
  }
  one.off = false;
  two.off = false;
  await writer.publish();
  expect(await readCold(writer.logId, one.inner)).toEqual(contents);
  expect(await readCold(writer.logId, two.inner)).toEqual(contents);
});

test("one signature serves every remote, also those that join later", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  const journal = new PowerCutDatabase();
  const first = await openWriter({ ...tiny, seed, journal, remotes: [one] });
  await first.appendAll([text("a"), text("b"), text("c")]);
  await first.publish();
  await first.close();
  const both = await openWriter({
    ...tiny,
    seed,
    journal: new PowerCutDatabase(journal.afterPowerCut(journal.unsynced)),
    remotes: [one, two],
  });
  await both.publish();
  const notes = [];
  for (const { names } of [one, two]) {
    const found = await names.resolve(both.logId);
    if (found.status === "found") notes.push(checkpointIn(found.content));
  }
  expect(notes).toHaveLength(2);
  expect(notes[0]).toEqual(notes[1]);
});

test("one remote fails for good: published({remotes:'any'}) resolves, published({remotes:'all'}) rejects", async () => {
  const [one, two] = [switched("one", denied), switched("two", denied)];
  one.off = true;
  const journal = new PowerCutDatabase();
  const remotes = [one.remote, two.remote];
  const writer = await openWriter({ ...tiny, publish: "auto", seed, journal, remotes });
  const receipt = await writer.append(text("a"));
  const all = failure(receipt.published({ remotes: "all" }));
  await receipt.published({ remotes: "any" });
  expect(await readCold(writer.logId, two.inner)).toEqual(["a"]);
  expect(await all).toMatchObject({ code: "ERR_DENIED" });
  expect(writer.status().remotes[0]!.error).toMatchObject({ code: "ERR_DENIED" });
  await writer.close();
});

test("one remote that denies updates does not stop the other", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  const around: Around = async (call, proceed) => {
    if (call.kind === "update") throw denied();
    return proceed();
  };
  const remotes = [wrapRemote(one, around), two];
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, publish: "auto", seed, journal, remotes });
  for (const content of ["a", "b", "c"]) {
    const receipt = await writer.append(text(content));
    const all = failure(receipt.published({ remotes: "all" }));
    await receipt.published({ remotes: "any" });
    await receipt.confirmed();
    expect(await all).toMatchObject({ code: "ERR_DENIED" });
  }
  expect(await readCold(writer.logId, two)).toEqual(["a", "b", "c"]);
  const [first, second] = writer.status().remotes;
  expect(first).toMatchObject({ published: 0, error: expect.objectContaining({ code: "ERR_DENIED" }) });
  expect(second).toMatchObject({ published: 3, confirmed: 3 });
  expect(second).not.toHaveProperty("error");
  await writer.close();
});

test("one remote fails for good and the other passes through a failure: 'any' waits for the other", async () => {
  const [one, two] = [switched("one", denied), switched("two", down)];
  const journal = new PowerCutDatabase();
  const around: Around = async (call, proceed) => {
    if (call.kind === "update") throw denied();
    return proceed();
  };
  const remotes = [wrapRemote(one.inner, around), two.remote];
  const writer = await openWriter({ ...tiny, publish: "auto", seed, journal, remotes });
  two.off = true;
  const receipt = await writer.append(text("a"));
  const any = receipt.published({ remotes: "any" });
  const settled = any.then(
    () => "resolved",
    () => "rejected",
  );
  await expect.poll(() => writer.status().remotes.every(({ error }) => error !== undefined)).toBe(true);
  two.off = false;
  expect(await settled).toBe("resolved");
  await writer.close();
});

test("a journal that is older than any of its remotes signs for none of them", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, remotes: [one, two] });
  await writer.append(text("a"));
  await writer.publish();
  await writer.close();
  const backup = journal.afterPowerCut(journal.unsynced);
  const ahead = await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(backup), remotes: [two] });
  await ahead.append(text("b"));
  await ahead.publish();
  let updates = 0;
  const count: Around = (call, proceed) => {
    if (call.kind === "update") updates++;
    return proceed();
  };
  const remotes = [wrapRemote(one, count), wrapRemote(two, count)];
  const restored = await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(backup), remotes });
  await restored.append(text("x"));
  expect(await failure(restored.publish())).toMatchObject({ code: "ERR_RESTORED" });
  expect(updates).toBe(0);
  await restored.recover();
  await restored.publish();
  for (const remote of [one, two]) expect(await readCold(restored.logId, remote)).toEqual(["a", "b", "x"]);
});

test("recover() asks every remote: where one is down it changes nothing", async () => {
  const [one, two] = [switched("one", down), switched("two", down)];
  const remotes = [one.remote, two.remote];
  const writer = await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(), remotes });
  await writer.append(text("a"));
  await writer.publish();
  const journal = new PowerCutDatabase();
  const empty = await openWriter({ ...tiny, seed, journal, remotes });
  two.off = true;
  expect(await failure(empty.recover())).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect((await empty.append(text("offline"))).sequence).toBe(0);
  two.off = false;
  expect(await empty.recover()).toEqual({ recovered: 1, appendedAnew: 1, size: 2 });
});
