import { memoryRemote, memoryStorage } from "@remote-log/memory";
import { sample } from "@remote-log/test-kit";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  NameConflictError,
  openWriter,
  type Remote,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { readCold, SignedRoots, text } from "./log-contents.ts";
import { looseNames } from "./loose-names.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { type Call, wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(9);
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

interface Fault {
  strike<T>(call: Call, proceed: () => Promise<T>, abort: () => void): Promise<T>;
}

const timeout = (): TimeoutError => new TimeoutError("No answer in time.", { operation: "test" });

const faults: Record<string, Fault> = {
  "fails before it takes effect": {
    strike: async () => {
      throw new UnreachableError("Connection refused.", { operation: "test" });
    },
  },
  "takes effect, and the reply is lost": {
    strike: async (_, proceed) => {
      await proceed();
      throw new UnreachableError("Connection reset.", { operation: "test" });
    },
  },
  "takes effect, and a client's own retry meets a conflict": {
    strike: async (call, proceed) => {
      const result = await proceed();
      if (call.kind !== "update") return result;
      throw new NameConflictError("412 Precondition Failed", { operation: "names.update" });
    },
  },
  "takes effect, and an error comes that nobody knows": {
    strike: async (_, proceed) => {
      await proceed();
      throw new TypeError("fetch failed");
    },
  },
  "is aborted before it takes effect": {
    strike: async ({ signal }, proceed, abort) => {
      abort();
      signal?.throwIfAborted();
      return proceed();
    },
  },
  "is aborted, and takes effect": {
    strike: async ({ signal }, proceed, abort) => {
      const result = await proceed();
      abort();
      signal?.throwIfAborted();
      return result;
    },
  },
  "hangs, and times out": {
    strike: async () => {
      await pause(2);
      throw timeout();
    },
  },
  "times out, and takes effect later": {
    strike: async (_, proceed) => {
      setTimeout(() => void proceed().catch(() => undefined), 3);
      await pause(1);
      throw timeout();
    },
  },
};

const remotes: Record<string, () => Remote> = {
  "compare-and-set": () => memoryRemote({ label: "one" }),
  "no compare-and-set": () => ({ label: "one", storage: memoryStorage(), names: looseNames() }),
  "no compare-and-set, reads that lag": () => {
    let reads = 0;
    return { label: "one", storage: memoryStorage(), names: looseNames(new Map(), () => reads++ % 2) };
  },
};

/** Two publishes, the second with a fault in its n-th operation, carried on as told. Returns the operations counted. */
async function publishWithFault(
  remote: Remote,
  { at, fault, reopen }: { at: number; fault?: Fault; reopen: boolean },
): Promise<number> {
  const signed = new SignedRoots();
  const controller = new AbortController();
  let operations = 0;
  let counting = false;
  const wrapped = wrapRemote(remote, async (call, proceed) => {
    if (call.kind === "update") signed.add(call.content!);
    if (!counting || operations++ !== at || fault === undefined) return proceed();
    return fault.strike(call, proceed, () => controller.abort(new Error("gave up")));
  });
  let journal = new PowerCutDatabase();
  let writer = await openWriter({ ...tiny, seed, journal, remotes: [wrapped] });
  const contents = Array.from(
    { length: 10 },
    (_, i) => `entry ${i}${i % 2 === 0 ? " of the large sort" : ""}`,
  );
  await writer.appendAll(contents.slice(0, 4).map(text));
  await writer.publish();
  await writer.close();
  journal = new PowerCutDatabase(journal.afterPowerCut(journal.unsynced));
  writer = await openWriter({ ...tiny, seed, journal, remotes: [wrapped] });
  await writer.appendAll(contents.slice(4, 9).map(text));
  counting = true;
  await writer.publish({ signal: controller.signal }).catch(() => undefined);
  // Reads that lag take one try more or less: what comes from now on must succeed.
  counting = false;
  if (reopen) {
    await writer.close();
    journal = new PowerCutDatabase(journal.afterPowerCut(0));
    writer = await openWriter({ ...tiny, seed, journal, remotes: [wrapped] });
  }
  const counted = operations;
  await writer.append(text(contents[9]!));
  await writer.publish();
  await writer.close();
  await pause(fault === undefined ? 0 : 3);
  const { names } = remote;
  const found = (): Promise<string[]> => readCold(writer.logId, remote);
  if (!names.capabilities.readYourWrites) await names.resolve(writer.logId);
  const read = [await found(), await found()];
  expect(read).toContainEqual(contents);
  return counted;
}

const cases = Object.keys(remotes).flatMap((remote) =>
  Object.keys(faults).map((fault) => [remote, fault] as const),
);

test.each(sample("outcomes", cases, 5))(
  "any operation of a publish may go wrong (%s): it %s",
  async (remote, fault) => {
    // Which pages are read back is drawn at random: here the same ones each time, so that the operations can be counted.
    vi.spyOn(Math, "random").mockReturnValue(0.01);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const operations = await publishWithFault(remotes[remote]!(), { at: -1, reopen: false });
    expect(operations).toBeGreaterThan(8);
    for (let at = 0; at < operations; at++) {
      for (const reopen of [false, true]) {
        await publishWithFault(remotes[remote]!(), { at, fault: faults[fault]!, reopen });
      }
    }
  },
);

test("an update that took effect although its client got a conflict is settled as a success", async () => {
  const remote = memoryRemote({ label: "one" });
  let lost = true;
  const wrapped = wrapRemote(remote, async (call, proceed) => {
    const result = await proceed();
    if (call.kind !== "update" || !lost) return result;
    lost = false;
    throw new NameConflictError("412 Precondition Failed", { operation: "names.update" });
  });
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, remotes: [wrapped] });
  await writer.append(text("a"));
  await writer.publish();
  expect(writer.status().remotes[0]).toMatchObject({ published: 1, confirmed: 1 });
  expect(await remote.names.resolve(writer.logId)).toMatchObject({ revision: "1" });
});
