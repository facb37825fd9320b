import { readFile } from "node:fs/promises";
import {
  type CaseResult,
  type ConformanceReport,
  checkConformance,
  conformanceCases,
  formatAdvice,
  formatFailures,
  formatReport,
  formatSlowest,
  formatSums,
  reportJson,
  suiteVersion,
} from "@remote-log/conformance";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";
import { sequencedFixture } from "./sequenced/fixture.ts";

const sound = {
  name: "sound",
  version: "1.2.0",
  service: "a map",
  seed: 7,
  create: async () => ({ storage: memoryStorage({ largestContent: 1000 }), names: memoryNames() }),
};

const broken = (message: string, code = "EBROKEN") => ({
  name: "broken",
  create: () => Promise.reject(Object.assign(new TypeError(message), { code })),
});

/** The one row of a run of one case on an adapter that can't be opened. */
async function rowOf(message: string) {
  const report = await checkConformance(broken(message), { only: ["CAS-PUT-01"] });
  return reportJson(report).results[0]!;
}

test("the version of the suite is that of its package", async () => {
  const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  expect(suiteVersion).toBe(manifest.version);
});

test("a report says what was run, where, when, with which seed and limits, and what the adapter declares", async () => {
  const before = Date.now();
  const report = await checkConformance(sound, { only: ["CAS-PUT-0", "NS-DECL"] });
  expect(report).toMatchObject({
    suite: suiteVersion,
    adapter: { name: "sound", version: "1.2.0", service: "a map" },
    declared: {
      storage: {
        name: "memory",
        largestContent: 1000,
        hashTypes: [{ name: "raw sha2-256", codec: 0x55, hash: 0x12, digestBytes: 32 }],
        readYourWrites: true,
        delete: true,
        list: true,
        release: false,
        absence: "known",
        close: true,
      },
      names: { name: "memory", compareAndSet: "atomic", readYourWrites: true, watch: true, close: true },
    },
    runtime: { agent: `Node.js ${process.versions.node}`, platform: `${process.platform} ${process.arch}` },
    seed: 7,
    limits: { settleMs: 5000, timeoutMs: 60_000, largestProbe: 16_777_217 },
  });
  expect(Date.parse(report.started)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(report.started)).toBeLessThanOrEqual(Date.now());
});

test("a report says of a storage that can speak for its own store alone that it can", async () => {
  const { declared, results } = await checkConformance(sequencedFixture(true), { only: ["CAS-DECL-01"] });
  expect(declared.storage?.absence).toBe("local");
  expect(results).toMatchObject([{ status: "passed" }]);
});

test("a stored report has a row a case, in whole milliseconds, and comes back from JSON as it was", async () => {
  const stored = reportJson(await checkConformance(sound, { only: ["CAS-", "NS-"] }));
  expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
  const expected = conformanceCases.filter(({ id }) => /^(CAS|NS)-/.test(id));
  expect(stored.results.map(({ id, level, title }) => ({ id, level, title }))).toEqual(
    expected.map(({ id, level, title }) => ({ id, level, title })),
  );
  for (const { durationMs } of stored.results) expect(durationMs).toSatisfy(Number.isSafeInteger);
  expect(stored.results.find(({ id }) => id === "CAS-PUT-05")).toMatchObject({
    status: "skipped",
    reason: expect.stringContaining("smaller"),
  });
});

test("an error in a stored report is its name, code and message", async () => {
  expect(await rowOf("It is broken.")).toMatchObject({
    status: "failed",
    reason: "It is broken.",
    error: { name: "TypeError", code: "EBROKEN", message: "It is broken." },
  });
  expect(JSON.stringify(await rowOf("It is broken."))).not.toContain("report.test");
});

test.for([
  ["credentials in a URL", "GET https://ann:hunter22@host/x failed", "GET https://…@host/x failed"],
  [
    "a signed query",
    "PUT http://host/b/k?X-Amz-Signature=abcdef0123 was refused",
    "PUT http://host/b/k?… was refused",
  ],
  ["a header", "sent Authorization: Bearer eyJhbGciOi.J9", "sent Authorization: Bearer …"],
  ["a setting", "with secretAccessKey=wJalrXUtnFEMI, and", "with secretAccessKey=…, and"],
  [
    "a folder",
    "ENOENT: no such file, open '/srv/ann/work/store/x.bin'",
    "ENOENT: no such file, open '…/x.bin'",
  ],
  ["a URL of a file", "at file:///srv/ann/a.js:3:1", "at …/a.js:3:1"],
  ["a folder of Windows", "open 'C:\\Users\\ann\\x.bin'", "open '…\\x.bin'"],
  ["control characters", "red: \u001b[31m", "red: \ufffd[31m"],
] as const)("%s in a message does not get into a stored report", async ([, message, clean]) => {
  expect((await rowOf(message)).error?.message).toBe(clean);
  expect((await rowOf(message)).reason).toBe(clean);
});

test.for(["names 'a/b' and './x' differ", "200 and/or 201 at http://127.0.0.1:8080/bucket/key", "1 / 2"])(
  "the message %j stays as it is",
  async (message) => {
    expect((await rowOf(message)).reason).toBe(message);
  },
);

test("only the chosen cases run, by id or by what it begins with, and the report says that it is a part", async () => {
  const report = await checkConformance(sound, { only: ["CAS-HAS", "NS-UPDATE-02"] });
  expect(report.results.map(({ id }) => id)).toEqual([
    "CAS-HAS-01",
    "CAS-HAS-02",
    "CAS-HAS-03",
    "NS-UPDATE-02",
  ]);
  expect(report.complete).toBe(false);
  expect(formatSums(report)).toBe(
    `sound: conformant in 4 of ${conformanceCases.length} cases; 4 passed, 0 failed, 0 known, 0 skipped (seed 7)`,
  );
});

test("a choice that names no case is refused before anything runs", async () => {
  await expect(checkConformance(sound, { only: ["CAS-HAS", "CAS-NONE"] })).rejects.toThrow('"CAS-NONE"');
});

test("each result is told as it comes", async () => {
  const told: CaseResult[] = [];
  const onResult = (result: CaseResult) => void told.push(result);
  const { results } = await checkConformance(sound, { only: ["CAS-HAS"], onResult });
  expect(told).toEqual(results);
});

test("an abort ends the run with the signal's own reason, once the instances of its case are closed", async () => {
  const controller = new AbortController();
  const reason = new Error("gave up");
  let open = 0;
  const hanging = {
    name: "hanging",
    create: async () => {
      open++;
      const close = async () => void open--;
      const put = () => {
        controller.abort(reason);
        return new Promise<never>(() => undefined);
      };
      return { storage: { ...memoryStorage(), put, close } };
    },
  };
  const { signal } = controller;
  await expect(checkConformance(hanging, { only: ["CAS-PUT-01"], signal })).rejects.toBe(reason);
  expect(open).toBe(0);
  await expect(checkConformance(hanging, { signal })).rejects.toBe(reason);
  expect(open).toBe(0);
});

test("every case of a run draws from the same seed, which is another one in every run", async () => {
  const { seed: _fixed, ...unseeded } = sound;
  const reports: ConformanceReport[] = [];
  for (let i = 0; i < 3; i++) reports.push(await checkConformance(unseeded, { only: ["CAS-DECL-01"] }));
  expect(new Set(reports.map(({ seed }) => seed)).size).toBe(3);
});

/** A report in which these cases failed, each for a reason of its own, and no other ran. */
async function failing(...ids: string[]): Promise<ConformanceReport> {
  const create = async ({ namespace }: { namespace: string }) => {
    throw new Error(`It is broken in ${namespace}.`);
  };
  const report = await checkConformance({ name: "broken", create, seed: 7 }, { only: ids });
  expect(report.results.map(({ status }) => status)).toEqual(ids.map(() => "failed"));
  return report;
}

test("a MAY that is not kept is counted apart, and begins no search for a failure", async () => {
  const report = await failing("CAS-ABORT-12");
  expect(formatSums(report)).toMatch(
    /conformant in 1 of \d+ cases; 0 passed, 0 failed, 1 MAY not kept, 0 known, 0 skipped/,
  );
  expect([formatFailures(report), formatAdvice(report)]).toEqual(["", ""]);
});

test("failures are told from storage and names to whole logs, and the first to look at is named", async () => {
  const report = await failing("CAS-PUT-01", "CAS-MODEL-01", "NS-UPDATE-03", "BOTH-01", "LOG-PUBLISH-01");
  const told = formatFailures(report).match(/^[A-Z]+-[A-Z0-9-]+(?=: the adapter MUST)/gm);
  expect(told).toEqual(["CAS-PUT-01", "NS-UPDATE-03", "BOTH-01", "CAS-MODEL-01", "LOG-PUBLISH-01"]);
  const advice = "5 failures; begin with CAS-PUT-01.\nTo see it again: CONFORMANCE_SEED=7.";
  expect(formatAdvice(report)).toBe(advice);
  expect(formatReport(report)).toMatch(new RegExp(`\\(seed 7\\)\n${advice}\n$`));
});

test("a seed is advised only if a case that failed draws by chance", async () => {
  expect(formatAdvice(await failing("NS-UPDATE-03"))).toBe("1 failure: NS-UPDATE-03.");
  expect(formatAdvice(await failing("NS-MODEL-01"))).toContain("CONFORMANCE_SEED=7");
});

test("what fails for the same cause stands together, with the line of the adapter that it came from", async () => {
  const create = async () => {
    const storage = memoryStorage();
    const lose = () => {
      throw new TypeError("socket is undefined");
    };
    return { storage: { ...storage, has: async () => lose(), get: async () => new Uint8Array(1) } };
  };
  const report = await checkConformance(
    { name: "broken", create },
    { only: ["CAS-HAS-01", "CAS-HAS-02", "CAS-GET-03"] },
  );
  const told = formatFailures(report);
  const groups = told.split("\n\n");
  expect(groups).toHaveLength(2);
  const [alone, together] = groups[0]!.startsWith("CAS-GET-03") ? groups : groups.toReversed();
  expect(alone).toMatch(
    /^CAS-GET-03: the adapter MUST keep this promise, and does not:\n {2}.*\n {2}.*\n {4}at .*get\.ts:/,
  );
  expect(together).toMatch(
    /^2 promises that the adapter does not keep, for the same cause:\n {2}CAS-HAS-01 .*\n {2}CAS-HAS-02 /,
  );
  expect(together).toMatch(/\n {4}at lose .*report\.test\.ts:\d+:\d+\)?\n/);
  expect(together).not.toMatch(/node:|activity\.ts|run\.ts|vitest\/dist/);
});

test("many equal failures are five promises and the ids of the others, one reason and one stack", async () => {
  const create = async () => {
    throw new Error("There is no server.");
  };
  const report = await checkConformance({ name: "broken", create }, { only: ["CAS-PUT"] });
  const count = report.results.length;
  const told = formatFailures(report);
  expect(told).toMatch(
    new RegExp(`^${count} promises that the adapter does not keep, for the same cause:\n`),
  );
  expect(told.match(/There is no server/g)).toHaveLength(1);
  expect(told.match(/^ {2}CAS-PUT-\d+ +MUST/gm)).toHaveLength(5);
  expect(told).toContain(`, CAS-PUT-${count}\n`);
});

test("a failure whose stack can't be read, or that is no error, is told all the same", async () => {
  const odd = Object.defineProperty(new Error("It is odd."), "stack", {
    get: () => {
      throw new Error("no stack");
    },
  });
  for (const [thrown, text] of [
    [odd, "It is odd."],
    ["just a text", '"just a text"'],
  ] as const) {
    const report = await checkConformance(
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what is rejected with is the point
      { name: "odd", create: () => Promise.reject(thrown) },
      { only: ["CAS-PUT-01"] },
    );
    expect(formatFailures(report)).toMatch(new RegExp(`\n {2}${text}\n$`));
  }
});

test("a SHOULD that is neither kept nor known is not conformant", async () => {
  const create = async () => {
    const names = memoryNames();
    return { names: { ...names, resolve: (name: string) => names.resolve(name) } };
  };
  const report = await checkConformance({ name: "plain", create, seed: 7 }, { only: ["NS-RESOLVE-05"] });
  expect(formatSums(report)).toMatch(/^plain: not conformant in 1 of \d+ cases; /);
});

test("the slowest cases are named with the time of opening and closing", async () => {
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 60));
  const create = async () => {
    await pause();
    return { storage: { ...memoryStorage(), close: pause } };
  };
  const report = await checkConformance({ name: "slow", create }, { only: ["CAS-HAS"] });
  for (const row of reportJson(report).results) {
    expect(row.openMs + row.closeMs).toBeGreaterThan(100);
    expect(row.durationMs).toBeGreaterThanOrEqual(row.openMs + row.closeMs - 1);
  }
  expect(formatSlowest(report, 1)).toMatch(
    /^The slowest cases:\n +\d+ ms {2}CAS-HAS-0\d {4}\(open \d+ ms, close \d+ ms\)\n$/,
  );
});
