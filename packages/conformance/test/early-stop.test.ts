import {
  checkConformance,
  conformanceCases,
  formatAdvice,
  formatReport,
  runCase,
} from "@remote-log/conformance";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";

/** The time of cases that are to time out: long enough for a busy machine to come to what hangs. */
const SHORT_MS = 2_000;

const never = () => new Promise<never>(() => undefined);
const ofStorage = (storage: object) => ({
  name: "broken",
  create: async () => ({ storage: { ...memoryStorage(), ...storage }, names: memoryNames() }),
});

test("with bail the run ends after the first failure of a MUST or a SHOULD, and names the others as not run", async () => {
  const has = async () => true;
  const report = await checkConformance(ofStorage({ has }), {
    bail: true,
    only: ["CAS-GET-01", "CAS-HAS-01", "CAS-HAS-02"],
  });
  expect(report.results.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    ["CAS-GET-01", "passed", ""],
    ["CAS-HAS-01", "failed", expect.any(String)],
    ["CAS-HAS-02", "not-run", "the run ended after CAS-HAS-01"],
  ]);
  expect(report).toMatchObject({ complete: false, expected: false, stopped: { after: "CAS-HAS-01" } });
  expect(formatReport(report)).toMatch(
    / in 2 of \d+ cases; 1 passed, 1 failed, 0 known, 0 skipped, 1 not run/,
  );
  expect(formatReport(report)).not.toContain("CAS-HAS-02");
});

test("with bail neither a known failure nor a MAY ends the run", async () => {
  const fixture = {
    ...ofStorage({
      has: async () => true,
      put: async (content: Uint8Array, { signal }: { signal?: AbortSignal } = {}) => {
        signal?.addEventListener("abort", () => undefined);
        return memoryStorage().put(content);
      },
      get: async () => new Uint8Array(20),
    }),
    known: ["CAS-HAS-01", "CAS-HAS-02"].map((id) => ({ id, reason: "it can't say no" })),
  };
  const report = await checkConformance(fixture, {
    bail: true,
    only: ["CAS-HAS-01", "CAS-HAS-02", "CAS-ABORT-12", "NS-DECL-01"],
  });
  expect(report.results.map(({ status }) => status)).toEqual(["known", "known", "failed", "passed"]);
  expect(report.stopped).toBeUndefined();
});

test.concurrent("three cases that time out waiting for the same call end the run, and the advice names them", async () => {
  let asked = 0;
  const get = () => {
    asked++;
    return never();
  };
  const report = await checkConformance(ofStorage({ get }), {
    timeoutMs: SHORT_MS,
    only: ["CAS-PUT-0", "CAS-GET", "NS-DECL-01"],
  });
  const timedOut = report.results.filter((result) => result.timedOut !== undefined);
  expect(timedOut.map((result) => result.timedOut)).toEqual([
    ["storage.get"],
    ["storage.get"],
    ["storage.get"],
  ]);
  expect(asked).toBe(3);
  expect(report.results.at(-1)).toMatchObject({ id: "NS-DECL-01", status: "not-run" });
  expect(report.stopped?.after).toBe(timedOut[2]!.id);
  const ids = timedOut.map(({ id }) => id).join(", ");
  expect(formatAdvice(report)).toContain(
    `3 cases timed out waiting for storage.get: ${ids}. Look for something`,
  );
  expect(formatAdvice(report)).toContain("a connection of a pool");
});

test.concurrent("time-outs of different causes do not end the run, and maxTimeouts says how many equal ones do", async () => {
  const only = ["CAS-PUT-01", "CAS-PUT-02", "CAS-PUT-03", "CAS-HAS-01"];
  const has = { has: never };
  const mixed = await checkConformance(ofStorage(has), {
    timeoutMs: SHORT_MS,
    only: ["CAS-HAS-01", "CAS-HAS-02"],
  });
  expect(mixed.stopped).toBeUndefined();
  const put = { put: never };
  const runs = [
    [1, 1],
    [2, 2],
    [Number.POSITIVE_INFINITY, 4],
  ] as const;
  const check = async ([maxTimeouts, ran]: (typeof runs)[number]) => {
    const { results } = await checkConformance(ofStorage(put), { timeoutMs: SHORT_MS, only, maxTimeouts });
    expect(results.filter(({ status }) => status !== "not-run")).toHaveLength(ran);
  };
  await Promise.all(runs.map(check));
});

test.concurrent("instances that can't be closed in time end the run as well: each costs the whole time again", async () => {
  const report = await checkConformance(ofStorage({ close: never }), {
    timeoutMs: SHORT_MS,
    only: ["CAS-DECL", "CAS-HAS-01"],
  });
  expect(report.results.filter(({ status }) => status === "failed")).toHaveLength(3);
  expect(report.stopped?.reason).toContain("close of the instances");
});

test.concurrent("a known failure that times out ends no run", async () => {
  const ids = conformanceCases.filter(({ id }) => id.startsWith("CAS-HAS") || id.startsWith("CAS-PUT-0"));
  const fixture = { ...ofStorage({ put: never }), known: ids.map(({ id }) => ({ id, reason: "it hangs" })) };
  const { stopped } = await checkConformance(fixture, { timeoutMs: SHORT_MS, only: ["CAS-PUT-0"] });
  expect(stopped).toBeUndefined();
});

test.for([
  [{ timeoutMs: 0 }, "timeoutMs is 0"],
  [{ timeoutMs: 2 ** 31 }, "timeoutMs is 2147483648"],
  [{ timeoutMs: Number.NaN }, "timeoutMs is NaN"],
  [{ maxTimeouts: 0 }, "maxTimeouts is 0"],
  [{ maxTimeouts: 1.5 }, "maxTimeouts is 1.5"],
] as const)("%j is refused before anything runs", async ([options, why]) => {
  await expect(checkConformance(ofStorage({}), options)).rejects.toThrow(why);
});

test("a watch that leaves a listener on its signal after return fails its case, with the line that added it", async () => {
  const watching = (cleans: boolean) => ({
    name: "watching",
    create: async () => {
      const names = memoryNames();
      async function* watch(name: string, { signal }: { signal?: AbortSignal } = {}) {
        const forget = () => undefined;
        signal?.addEventListener("abort", forget);
        try {
          yield* names.watch!(name, signal && { signal });
        } finally {
          if (cleans) signal?.removeEventListener("abort", forget);
        }
      }
      return { names: { ...names, watch } };
    },
  });
  const one = {
    ...conformanceCases.find(({ id }) => id === "NS-WATCH-01")!,
    async run({ names, name, content }: Parameters<(typeof conformanceCases)[number]["run"]>[0]) {
      const { signal } = new AbortController();
      const chosen = name();
      const iterator = names.watch!(chosen, { signal })[Symbol.asyncIterator]();
      const next = iterator.next();
      await names.update(chosen, content(10), { expected: null });
      await next;
      await iterator.return?.();
    },
  };
  expect((await runCase(watching(true), one)).status).toBe("passed");
  const { status, reason, error } = await runCase(watching(false), one);
  expect([status, reason]).toEqual([
    "failed",
    "names.watch left 1 listener on its signal after its iterator was over: remove them in return()",
  ]);
  expect(((error as Error).cause as Error).cause).toMatchObject({
    stack: expect.stringContaining("early-stop.test"),
  });
});
