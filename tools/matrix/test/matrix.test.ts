import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkConformance, conformanceCases, type ReportJson, reportJson } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryFixture } from "../../../packages/memory/test/fixture.ts";
import { saveReport } from "../../save-report.ts";

let folder: string;
let sound: ReportJson;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "remote-log-matrix-"));
  // A missing `reopen` has cases skipped; a report has all of them all the same.
  const whole = memoryFixture();
  const fixture = { name: whole.name, create: whole.create.bind(whole) };
  sound = reportJson(await checkConformance(fixture));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Stores reports in a new folder. */
async function store(reports: Readonly<Record<string, ReportJson>>): Promise<string> {
  const stored = await mkdtemp(join(folder, "reports-"));
  for (const [name, report] of Object.entries(reports)) {
    await writeFile(join(stored, `${name}.json`), JSON.stringify(report));
  }
  return stored;
}

/** Runs the command on the built suite: `pnpm run build` has to come first. */
async function matrix(reports: string, ...further: string[]): Promise<{ exitCode: number; errors: string }> {
  const script = fileURLToPath(new URL("../../matrix.mjs", import.meta.url));
  const parameters = [script, "--reports", reports, "--page", join(reports, "page.md"), ...further];
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, (error, _output, errors) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), errors });
    });
  });
}

/** A report with one row changed. */
function withRow(id: string, change: Partial<ReportJson["results"][number]>): ReportJson {
  expect(conformanceCases.map((one) => one.id)).toContain(id);
  return { ...sound, results: sound.results.map((row) => (row.id === id ? { ...row, ...change } : row)) };
}

test("the page has a row an adapter, its capabilities, and a row a case with the reason of what was not kept", async () => {
  const reports = await store({
    memory: sound,
    "s3-minio": {
      ...withRow("CAS-PUT-01", { status: "failed", reason: "cut | short" }),
      adapter: { name: "s3", version: "1.2.0", service: "minio 2025" },
      conformant: false,
    },
    "s3-own": withRow("NS-RESOLVE-05", { status: "known", reason: "the service can't" }),
  });
  expect(await matrix(reports)).toEqual({ exitCode: 0, errors: "" });
  const page = await readFile(join(reports, "page.md"), "utf8");
  expect(page).toMatch(/^\| s3 · minio \| 1\.2\.0 \| minio 2025 \| \*\*not conformant\*\* \|.* 1 ✗ \|/m);
  expect(page).toMatch(/^\| memory \| .*\| conformant \|/m);
  expect(page).toContain("| compare-and-set | atomic | atomic | atomic |");
  expect(page).toMatch(/^\| CAS-PUT-01 \| MUST \| contents of .* \| ✓ \| ✗ \| ✓ \|$/m);
  expect(page).toContain("- ✗ s3 · minio: cut \\| short (CAS-PUT-01)");
  expect(page).toMatch(/^\| NS-RESOLVE-05 \| SHOULD \| .* \| ✓ \| ✓ \| known \|$/m);
  expect(page).toContain("- known s3 · own: the service can't (NS-RESOLVE-05)");
  expect(page).toMatch(/^\| CAS-PUT-12 \| MUST \| .* \| – \| – \| – \|$/m);
  expect(page).toMatch(/^- – memory: the fixture gives no \\`reopen\\` .*CAS-PUT-12/m);
});

test("a page that was just written passes the check, and one that was changed does not", async () => {
  const reports = await store({ memory: sound });
  await matrix(reports);
  expect(await matrix(reports, "--check")).toEqual({ exitCode: 0, errors: "" });
  await writeFile(join(reports, "page.md"), "something else\n", { flag: "a" });
  expect(await matrix(reports, "--check")).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("The page is not what the stored reports give"),
  });
});

const refused = [
  [
    "of another version of the suite",
    () => ({ ...sound, suite: "99.0.0" }),
    "made by version 99.0.0 of the suite",
  ],
  [
    "that lacks a case",
    () => ({ ...sound, results: sound.results.slice(1) }),
    "memory: lacks CAS-DECL-01 MUST",
  ],
  ["with another level", () => withRow("CAS-PUT-01", { level: "MAY" }), "memory: has CAS-PUT-01 MAY"],
  [
    "with another title",
    () => withRow("CAS-PUT-01", { title: "all is well" }),
    "CAS-PUT-01 MUST all is well",
  ],
] as const;

test.for(sample("refused", refused, 2))("a stored report %s fails the check", async ([, make, reason]) => {
  const reports = await store({ memory: make() });
  await matrix(reports);
  expect(await matrix(reports, "--check")).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining(reason),
  });
});

test("no stored report at all fails the check", async () => {
  const reports = await store({});
  await matrix(reports);
  expect(await matrix(reports, "--check")).toMatchObject({ exitCode: 1 });
});

test("a fresh report with another status or declaration fails the check; other times and places do not", async () => {
  const reports = await store({ memory: sound });
  await matrix(reports);
  const fresh = async (report: ReportJson, name = "memory") =>
    matrix(reports, "--check", "--fresh", await store({ [name]: report }));

  const later = { ...withRow("CAS-PUT-01", { durationMs: 1 }), started: "2031-01-01T00:00:00.000Z", seed: 1 };
  expect(await fresh({ ...later, runtime: { agent: "Node.js 99", platform: "plan9" } })).toEqual({
    exitCode: 0,
    errors: "",
  });
  expect(await fresh(withRow("CAS-PUT-01", { status: "failed" }))).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("memory: CAS-PUT-01 is failed, and passed is stored"),
  });
  expect(await fresh({ ...sound, declared: {} })).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("declares something else"),
  });
  expect(await fresh(sound, "s3-own")).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("s3-own: there is no stored report of it"),
  });
  expect(await matrix(reports, "--check", "--fresh", await store({}))).toMatchObject({ exitCode: 1 });
});

test("a test run saves its report where it is told to, and only that of the whole suite", async () => {
  const reports = join(folder, "saved");
  const { CONFORMANCE_REPORTS: before } = process.env;
  process.env["CONFORMANCE_REPORTS"] = reports;
  try {
    const part = await checkConformance(memoryFixture(), { only: ["CAS-DECL-01"] });
    await saveReport("part")(part);
    await saveReport("whole")({ ...part, complete: true });
  } finally {
    if (before === undefined) delete process.env["CONFORMANCE_REPORTS"];
    else process.env["CONFORMANCE_REPORTS"] = before;
  }
  await mkdir(reports, { recursive: true });
  await expect(readFile(join(reports, "part.json"))).rejects.toThrow("ENOENT");
  expect(JSON.parse(await readFile(join(reports, "whole.json"), "utf8"))).toMatchObject({ complete: true });
});
