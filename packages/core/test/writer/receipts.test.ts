import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  generateSeed,
  InvalidInputError,
  openWriter,
  type Remote,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { readCold, text } from "./log-contents.ts";
import { looseNames } from "./loose-names.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { type Around, wrapRemote } from "./wrapped-remote.ts";

const seed = generateSeed();
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  process.on("unhandledRejection", note);
});

afterEach(async () => {
  vi.useRealTimers();
  await new Promise((next) => setTimeout(next, 0));
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

const down = (): Error => new UnreachableError("No answer.", { operation: "test" });

function failing(remote: Remote, fails: (kind: string) => Error | undefined): Remote {
  const around: Around = async (call, proceed) => {
    const error = fails(call.kind);
    if (error !== undefined) throw error;
    return proceed();
  };
  return wrapRemote(remote, around);
}

test("the stages of an entry come in order: stored, published, confirmed", async () => {
  const remote = memoryRemote();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [remote],
  });
  const receipt = await writer.append(text("a"));
  const order: string[] = [];
  const stage = (name: "stored" | "published" | "confirmed") => receipt[name]().then(() => order.push(name));
  await Promise.all([stage("confirmed"), stage("published"), stage("stored")]);
  expect(order).toEqual(["stored", "published", "confirmed"]);
  expect(await readCold(writer.logId, remote)).toEqual(["a"]);
  await writer.close();
});

test("the stages of several remotes: 'any' at the first, 'all' at the last", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  let release: () => void = () => undefined;
  const held = new Promise<void>((go) => {
    release = go;
  });
  const slow = wrapRemote(two, async (call, proceed) => {
    if (call.kind === "update") await held;
    return proceed();
  });
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [one, slow],
  });
  const receipt = await writer.append(text("a"));
  let all = false;
  const waiting = receipt.published({ remotes: "all" }).then(() => {
    all = true;
  });
  await receipt.published({ remotes: "any" });
  await new Promise((next) => setTimeout(next, 10));
  expect(all).toBe(false);
  release();
  await waiting;
  await writer.close();
});

test("ending the wait for a stage leaves the entry on its way", async () => {
  const remote = memoryRemote();
  let off = true;
  const flaky = failing(remote, () => (off ? down() : undefined));
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [flaky],
  });
  const receipt = await writer.append(text("a"));
  const reason = new Error("waited long enough");
  expect(await failure(receipt.published({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  const controller = new AbortController();
  const wait = failure(receipt.published({ signal: controller.signal }));
  controller.abort(reason);
  expect(await wait).toBe(reason);
  off = false;
  await receipt.confirmed();
  await writer.close();
});

test("passing failures are tried again in the background, with waits that grow", async () => {
  vi.useFakeTimers();
  const remote = memoryRemote();
  let tries = 0;
  const times: number[] = [];
  const flaky = failing(remote, (kind) => {
    if (kind !== "resolve" || tries >= 8) return undefined;
    tries++;
    times.push(Date.now());
    // What is silent is not asked again within one attempt.
    return new TimeoutError("It is silent.", { operation: "names.resolve" });
  });
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [flaky],
  });
  const receipt = await writer.append(text("a"));
  const published = receipt.published();
  await vi.advanceTimersByTimeAsync(600_000);
  await published;
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  expect(waits).toHaveLength(7);
  for (const [i, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(100 * 2 ** i);
    expect(wait).toBeLessThanOrEqual(200 * 2 ** i + 1);
  }
  await writer.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a failure that will not pass rejects those who wait, now and later, and nothing is tried until asked for", async () => {
  const remote = memoryRemote();
  let off = true;
  let tries = 0;
  const refusing = failing(remote, (kind) => {
    if (kind === "update") tries++;
    return off && kind === "update"
      ? new InvalidInputError("No such bucket.", { operation: "test" })
      : undefined;
  });
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [refusing],
  });
  const receipt = await writer.append(text("a"));
  expect(await failure(receipt.published())).toMatchObject({ code: "ERR_INVALID_INPUT" });
  await receipt.stored();
  const second = await writer.append(text("b"));
  expect(await failure(second.published({ remotes: "all" }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(tries).toBe(1);
  off = false;
  await writer.publish();
  await second.confirmed();
  const third = await writer.append(text("c"));
  await third.published();
  expect(await readCold(writer.logId, remote)).toEqual(["a", "b", "c"]);
  await writer.close();
});

test("in manual mode a wait outlives a publish that succeeds, and ends with one that fails", async () => {
  const remote = memoryRemote();
  let off = true;
  const flaky = failing(remote, () => (off ? down() : undefined));
  const options = { seed, journal: new PowerCutDatabase(), remotes: [flaky], publish: "manual" as const };
  const writer = await openWriter(options);
  const receipt = await writer.append(text("a"));
  const wait = failure(receipt.published());
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await wait).toMatchObject({ code: "ERR_UNREACHABLE" });
  const published = receipt.published();
  off = false;
  await writer.publish();
  await published;
  await writer.close();
});

test("a caller who gives up its own publish() ends no one else's wait", async () => {
  const remote = memoryRemote();
  let off = true;
  const flaky = failing(remote, () => (off ? down() : undefined));
  const options = { seed, journal: new PowerCutDatabase(), remotes: [flaky], publish: "manual" as const };
  const writer = await openWriter(options);
  const receipt = await writer.append(text("a"));
  const published = receipt.published();
  const controller = new AbortController();
  const reason = new Error("gave up");
  const publish = failure(writer.publish({ signal: controller.signal }));
  controller.abort(reason);
  expect(await publish).toBe(reason);
  off = false;
  await writer.publish();
  await published;
  await writer.close();
});

test("close() during work leaves a journal that resumes by itself when it is opened again", async () => {
  const remote = memoryRemote();
  const kinds = ["resolve", "put", "update"];
  let journal = new PowerCutDatabase();
  const contents: string[] = [];
  for (let round = 0; round < 12; round++) {
    let stop: () => void = () => undefined;
    const reached = new Promise<void>((go) => {
      stop = go;
    });
    const hanging = wrapRemote(remote, async (call, proceed) => {
      if (call.kind !== kinds[round % 3]) return proceed();
      stop();
      await new Promise((_, reject) =>
        call.signal!.addEventListener("abort", () => reject(call.signal!.reason)),
      );
      return proceed();
    });
    const writer = await openWriter({
      settings: { visibility: "public" },
      seed,
      journal,
      remotes: [hanging],
      largestEmbedded: 3,
    });
    contents.push(`entry ${round}`);
    const receipt = await writer.append(text(contents.at(-1)!));
    const wait = failure(receipt.published());
    await reached;
    await writer.close();
    expect(await wait).toMatchObject({ code: "ERR_CLOSED" });
    expect(await failure(receipt.published())).toMatchObject({ code: "ERR_CLOSED" });
    journal = new PowerCutDatabase(journal.afterPowerCut(0));
  }
  const writer = await openWriter({ settings: { visibility: "public" }, seed, journal, remotes: [remote] });
  await expect.poll(() => writer.status().remotes[0]!.confirmed).toBe(12);
  expect(await readCold(writer.logId, remote)).toEqual(contents);
  await writer.close();
});

test("where reads lag, confirmed() comes by itself, and new entries do not wait for it", async () => {
  vi.useFakeTimers();
  let behind = true;
  const names = looseNames(new Map(), () => (behind ? 99 : 0));
  const remote = { ...memoryRemote(), names };
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [remote],
  });
  const first = await writer.append(text("a"));
  await first.published();
  const confirmed = first.confirmed();
  await vi.advanceTimersByTimeAsync(300_000);
  const second = await writer.append(text("b"));
  await second.published();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writer.status().remotes[0]).toMatchObject({ published: 2, confirmed: 0 });
  behind = false;
  await vi.advanceTimersByTimeAsync(60_000);
  await confirmed;
  await second.confirmed();
  await writer.append(text("c"));
  await vi.advanceTimersByTimeAsync(1);
  behind = true;
  await writer.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a head whose update was only settled by sending it again is confirmed too", async () => {
  const remote = memoryRemote();
  let updates = 0;
  const flaky = failing(remote, (kind) => (kind === "update" && updates++ < 7 ? down() : undefined));
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(),
    remotes: [flaky],
  });
  const receipt = await writer.append(text("a"));
  await expect(receipt.confirmed()).resolves.toBeUndefined();
  await writer.close();
});

test("after close no timer and no listener is left, and the journal is closed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  const outer = new AbortController();
  const listeners = new Set<unknown>();
  const add = outer.signal.addEventListener.bind(outer.signal) as (...parameters: unknown[]) => void;
  const remove = outer.signal.removeEventListener.bind(outer.signal) as (...parameters: unknown[]) => void;
  outer.signal.addEventListener = (...parameters: unknown[]) => {
    listeners.add(parameters[1]);
    add(...parameters);
  };
  outer.signal.removeEventListener = (...parameters: unknown[]) => {
    listeners.delete(parameters[1]);
    remove(...parameters);
  };
  const journal = new PowerCutDatabase();
  let off = true;
  const flaky = failing(memoryRemote(), () => (off ? down() : undefined));
  const writer = await openWriter({ settings: { visibility: "public" }, seed, journal, remotes: [flaky] });
  const receipt = await writer.append(text("a"), { signal: outer.signal });
  await expect.poll(() => writer.status().remotes[0]!.error).toBeDefined();
  off = false;
  await writer.publish({ signal: outer.signal });
  await receipt.published({ signal: outer.signal });
  await writer.append(text("b"));
  await Promise.all([writer.close(), writer.close()]);
  expect(vi.getTimerCount()).toBe(0);
  expect(listeners.size).toBe(0);
  expect(journal.status).toBe("closed");
});
