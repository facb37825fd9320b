import {
  type ConformanceCase,
  checkConformance,
  checkKnown,
  conformanceCases,
  formatReport,
  formatSums,
  type Requirement,
  runCase,
} from "@remote-log/conformance";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { fixtureOf, type Mutant } from "./mutants/mutant.ts";
import { CASE_MS } from "./patience.ts";

const sound = { name: "sound", create: async () => ({ storage: memoryStorage(), names: memoryNames() }) };

function caseThat(run: ConformanceCase["run"], requires: readonly Requirement[] = []): ConformanceCase {
  return { id: "CAS-TEST-01", level: "MUST", title: "a test", requires, run };
}

const failing = caseThat(async () => {
  throw new Error("It is broken.");
});
const passing = caseThat(async () => undefined);

test("a case that rejects is failed, with the reason and the error", async () => {
  const result = await runCase(sound, failing);
  expect(result).toMatchObject({
    status: "failed",
    reason: "It is broken.",
    error: { message: "It is broken." },
  });
});

test("a known failure is known as long as it fails", async () => {
  const known = [{ id: "CAS-TEST-01", reason: "the service rounds" }];
  expect(await runCase({ ...sound, known }, failing)).toMatchObject({
    status: "known",
    reason: "the service rounds",
  });
});

test("a known failure that passes is failed", async () => {
  const known = [{ id: "CAS-TEST-01", reason: "the service rounds" }];
  const result = await runCase({ ...sound, known }, passing);
  expect(result).toMatchObject({ status: "failed", reason: expect.stringContaining("remove it") });
});

test("a known failure that names no case is refused before anything runs", async () => {
  const fixture = { ...sound, known: [{ id: "CAS-NONE-01", reason: "none" }] };
  expect(() => checkKnown(fixture)).toThrow("CAS-NONE-01");
  await expect(checkConformance(fixture)).rejects.toThrow("CAS-NONE-01");
});

test("a case whose requirement is not met is skipped, with the requirement as the reason", async () => {
  const storageOnly = { name: "storage only", create: async () => ({ storage: memoryStorage() }) };
  const result = await runCase(
    storageOnly,
    caseThat(async () => undefined, ["storage", "names"]),
  );
  expect(result).toMatchObject({ status: "skipped", reason: "the fixture opens no `names`" });
});

test("a case that does not end is failed when its time is over", async () => {
  const hanging = caseThat(() => new Promise(() => undefined));
  const result = await runCase({ ...sound, limits: { timeoutMs: 20 } }, hanging);
  expect(result).toMatchObject({ status: "failed", reason: expect.stringContaining("20 ms") });
});

test("a fixture that can't open anything fails the case, not the run", async () => {
  const create = () => Promise.reject(new Error("no server"));
  expect(await runCase({ name: "broken", create }, passing)).toMatchObject({
    status: "failed",
    reason: "no server",
  });
});

test("every instance is closed after its case, the reopened ones too, and then the signal is aborted", async () => {
  const events: string[] = [];
  const open = async ({ signal }: { signal: AbortSignal }) => {
    signal.addEventListener("abort", () => events.push("aborted"));
    return { storage: { ...memoryStorage(), close: async () => void events.push("closed") } };
  };
  const fixture = { name: "counted", create: open, reopen: open };
  await runCase(
    fixture,
    caseThat(async ({ reopen }) => {
      await reopen();
      throw new Error("It fails.");
    }),
  );
  expect(events).toEqual(["closed", "closed", "aborted", "aborted"]);
});

test("an instance that can't be closed fails the case", async () => {
  const close = () => Promise.reject(new Error("It is busy."));
  const fixture = { name: "busy", create: async () => ({ storage: { ...memoryStorage(), close } }) };
  expect(await runCase(fixture, passing)).toMatchObject({ status: "failed", reason: "It is busy." });
});

test("no two cases share a namespace", async () => {
  const namespaces: string[] = [];
  const create = async ({ namespace }: { namespace: string }) => {
    namespaces.push(namespace);
    return {};
  };
  await runCase({ name: "watched", create }, passing);
  await runCase({ name: "watched", create }, passing);
  expect(namespaces).toEqual([expect.stringMatching(/^[a-z0-9-]+$/), expect.stringMatching(/^[a-z0-9-]+$/)]);
  expect(namespaces[0]).not.toBe(namespaces[1]);
});

test("if writes are not read at once, a case waits for them, up to settleMs", async () => {
  const lagging = (settleMs: number) => ({
    name: "lagging",
    limits: { settleMs },
    create: async () => {
      const storage = memoryStorage();
      const capabilities = { ...storage.capabilities, readYourWrites: false };
      return { storage: { ...storage, capabilities } };
    },
  });
  const attempts = async (settleMs: number) => {
    let left = 3;
    const { status } = await runCase(
      lagging(settleMs),
      caseThat(({ settled }) =>
        settled("storage", async () => {
          if (left-- > 0) throw new Error("It is not there yet.");
        }),
      ),
    );
    return status;
  };
  expect(await attempts(5000)).toBe("passed");
  expect(await attempts(0)).toBe("failed");
});

test.concurrent("the report of a sound adapter says conformant, and has one line a case", async () => {
  const report = await checkConformance(fixtureOf({ fault: "sound", broken: () => ({}) }, CASE_MS));
  expect(report).toMatchObject({ adapter: { name: "sound" }, conformant: true, expected: true });
  const text = formatReport(report);
  const isAboutLess = ({ requires }: ConformanceCase): boolean =>
    requires.includes("storage.local") || requires.includes("names.loose");
  for (const one of conformanceCases) {
    expect(text).toContain(`${isAboutLess(one) ? "skipped" : "passed "} ${one.id} `);
  }
  const skipped = conformanceCases.filter(isAboutLess).length;
  expect(text).toContain(
    `sound: conformant; ${conformanceCases.length - skipped} passed, 0 failed, 0 known, ${skipped} skipped`,
  );
});

test.concurrent("a fault that is left out is skipped with the reason that the fixture gives", async () => {
  const create = async () => {
    const faults = {
      kinds: ["failing"] as const,
      omitted: { endless: "the client reads to the end" },
      begin: () => undefined,
      end: () => undefined,
    };
    return { storage: memoryStorage(), faults };
  };
  const only = ["CAS-FAULT-33", "CAS-FAULT-36"];
  const { results } = await checkConformance({ name: "omitting", create }, { only });
  expect(results.map(({ status, reason }) => [status, reason])).toEqual([
    ["skipped", "the client reads to the end"],
    ["skipped", `"endless-failing" is not among the \`kinds\` of the fixture's \`faults\``],
  ]);
});

test.concurrent("an adapter with a known MUST failure is not conformant, though the run is as expected", async () => {
  const mutant: Pick<Mutant, "fault" | "broken"> = {
    fault: "rejects if there is nothing to delete",
    broken: ({ storage }) => ({
      storage: {
        async delete(address, options) {
          await storage.get(address, options);
          await storage.delete?.(address, options);
        },
      },
    }),
  };
  const broken = fixtureOf(mutant, CASE_MS);
  const first = await checkConformance(broken, whole ? {} : { only: ["CAS-DELETE", "CAS-ERROR"] });
  expect(first).toMatchObject({ conformant: false, expected: false });
  const deletes = ["CAS-DELETE-02", "CAS-DELETE-06", "CAS-ABORT-10", "CAS-FAULT-34", "CAS-ERROR-01"];
  const failing = [...deletes, "CAS-MODEL-01", "CAS-MODEL-02"];
  const known = failing.map((id) => ({ id, reason: "it looks" }));
  const report = await checkConformance({ ...broken, known }, { only: ["CAS"] });
  expect(report).toMatchObject({ conformant: false, expected: true });
  expect(formatReport(report)).toMatch(/known {3}CAS-DELETE-02 .*\n +it looks\n/);
});

test.concurrent("an adapter that misses a SHOULD is conformant once that is named, and the verdict says so", async () => {
  const mutant: Pick<Mutant, "fault" | "broken"> = {
    fault: "ignores a known revision",
    broken: ({ names }) => ({
      names: { resolve: (name, { known: _known, ...options } = {}) => names.resolve(name, options) },
    }),
  };
  const broken = fixtureOf(mutant, CASE_MS);
  const unnamed = await checkConformance(broken, { only: ["NS"] });
  expect(unnamed).toMatchObject({ conformant: false, expected: false });
  expect(formatSums(unnamed)).toContain(": not conformant in ");
  const known = [{ id: "NS-RESOLVE-05", reason: "the service has no conditional requests" }];
  const report = await checkConformance({ ...broken, known }, { only: ["NS"] });
  expect(report).toMatchObject({ conformant: true, expected: true });
  expect(formatSums(report)).toMatch(/: conformant in .* cases, with 1 known exception: NS-RESOLVE-05; /);
});
