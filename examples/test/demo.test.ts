// Test set: mixed
import { type ChildProcess, exec, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serverOrSkip } from "@remote-log/servers";
import { whole } from "@remote-log/test-kit";
import { describe, expect, onTestFinished, test, vi } from "vitest";

const program = fileURLToPath(new URL("../demo/demo.mjs", import.meta.url));

const minute = 60_000;
/** How long the demo may print nothing: then it hangs. */
const LONGEST_SILENCE = 4 * minute;

interface Demo {
  readonly child: ChildProcess;
  /** Where its temporary files are, and nobody else's. */
  readonly folder: string;
  /** What it has printed so far. */
  readonly printed: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

async function startDemo(words: readonly string[], variables: Record<string, string> = {}): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), "demo-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  // The notice of the SDK is the demo's own business here.
  const { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...inherited, INIT_CWD: process.cwd(), TMPDIR: folder, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  let err = "";
  let hang: NodeJS.Timeout | undefined;
  const awake = (): void => {
    clearTimeout(hang);
    hang = setTimeout(() => {
      err += `The demo was killed, because it printed nothing for ${LONGEST_SILENCE} ms.`;
      child.kill("SIGKILL");
    }, LONGEST_SILENCE);
  };
  awake();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    awake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    awake();
  });
  const ended: Demo["ended"] = new Promise((resolve) =>
    child.on("close", (code) => {
      clearTimeout(hang);
      resolve({ code, out, err });
    }),
  );
  return { child, folder, printed: () => out, ended };
}

/** Starts the demo on our own server, and gives it as soon as the story has begun. */
async function startOnOwnServer(): Promise<Demo & { readonly endpoint: string }> {
  const demo = await startDemo(["--on", "s3"]);
  await vi.waitFor(() => expect(demo.printed()).toContain("The log id is"), { timeout: 2 * minute });
  const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(demo.printed())![0];
  expect((await fetch(endpoint)).status).toBe(403);
  return { ...demo, endpoint };
}

async function untilServerIsGone(endpoint: string): Promise<void> {
  await vi.waitFor(() => expect(fetch(endpoint)).rejects.toThrow("fetch failed"), { timeout: 2 * minute });
}

async function tellsTheWholeStory(
  words: readonly string[],
  variables?: Record<string, string>,
): Promise<string> {
  const demo = await startDemo(words, variables);
  const { code, out, err } = await demo.ended;
  expect(err).toBe("");
  expect(code).toBe(0);
  expect(out).toContain("All of it held");
  for (const refused of ["ERR_INTEGRITY", "ERR_ROLLBACK", "ERR_FORK"]) {
    expect(out).toContain(`Bob refuses it: ${refused}`);
  }
  await whatIsLeftWorks(demo.folder, out);
  return out;
}

/** The demo leaves the log and the proof of the fork, and prints three commands. */
async function whatIsLeftWorks(temporary: string, out: string): Promise<void> {
  const [left] = await readdir(temporary);
  const folder = join(temporary, left!);
  const names = (await readdir(folder)).sort();
  expect(names.map((name) => name.replace(/[0-9a-f]{64}/, "ID"))).toEqual(
    out.includes("The storage is")
      ? ["alice", "fork-ID.json", "link"]
      : ["alice", "fork-ID.json", "link", "remote"],
  );
  const commands = [...out.matchAll(/^ +(node \S+ (?:status|read|verify-fork) .*)$/gm)].map(
    ([, command]) => command!,
  );
  expect(commands).toHaveLength(3);
  const shown = await Promise.all(
    commands.map(async (command) => (await promisify(exec)(command, { cwd: process.cwd() })).stdout),
  );
  expect(shown[0]).toContain("on this device: 8000 entries");
  // An entry is a line of a file, and may be an empty one.
  expect(shown[1]!.split("\n").slice(0, -1)).toHaveLength(3);
  expect(shown[2]).toContain("proved: the key of log ");
  expect(out).toContain(`rm -r ${folder}`);
}

// What a person may have set for other buckets, which would lead the demo astray.
const foreignSettings = {
  AWS_PROFILE: "somebody",
  AWS_SESSION_TOKEN: "of-another-account",
  AWS_ENDPOINT_URL: "http://127.0.0.1:1",
};

test("the demo tells its whole story, everything that it claims holds, and what it leaves can be looked at", async () => {
  expect(await tellsTheWholeStory([])).not.toContain("The storage is");
});

test.runIf(whole)(
  "it tells the same story on our own S3 server, whatever AWS settings are around",
  async () => {
    const out = await tellsTheWholeStory(["--on", "s3"], foreignSettings);
    expect(out).toContain("The storage is our own S3 server at http://127.0.0.1:");
    await untilServerIsGone(/http:\/\/127\.0\.0\.1:\d+/.exec(out)![0]);
  },
);

const minio = await serverOrSkip("minio");
test.skipIf(minio.skip)("it tells the same story on MinIO", async () => {
  const out = await tellsTheWholeStory(["--on", "minio"]);
  expect(out).toContain("The storage is MinIO (version ");
  await untilServerIsGone(/http:\/\/127\.0\.0\.1:\d+/.exec(out)![0]);
});

const versitygw = await serverOrSkip("versitygw");
test.skipIf(versitygw.skip)(
  "it tells the same story on versitygw, and says that one writer alone is safe there",
  async () => {
    expect(await tellsTheWholeStory(["--on", "versitygw"])).toContain(
      "So Alice alone writes, and reads back.",
    );
  },
);

describe("a demo that is ended early", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("ends its server and removes its files on %s", async (signal) => {
    const { child, folder, endpoint, ended } = await startOnOwnServer();
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 130, err: "" });
    await untilServerIsGone(endpoint);
    expect(await readdir(folder)).toEqual([]);
  });

  test("leaves no server even when it is killed", async () => {
    const { child, endpoint, ended } = await startOnOwnServer();
    child.kill("SIGKILL");
    await untilServerIsGone(endpoint);
    expect((await ended).code).toBeNull();
  });
});

describe("the words after pnpm demo", () => {
  test.each([[["--help"]], [["-h"]], [["--", "--help"]]])("%j lists the storages", async (words) => {
    const { code, out, err } = await (await startDemo(words)).ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const name of ["folder", "s3", "minio", "versitygw"]) expect(out).toContain(`\n    ${name} `);
  });

  test.each([
    [["--on", "tape"], 'The demo knows no storage called "tape".'],
    [["--on", "constructor"], 'The demo knows no storage called "constructor".'],
    [["--on"], "--on"],
    [["--onto", "s3"], "--onto"],
    [["minio"], "minio"],
  ])("%j is refused with what there is", async (words, why) => {
    const { code, out, err } = await (await startDemo(words)).ended;
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.split("\n")[0]).toContain(why);
    expect(err).toContain("pnpm demo --on STORAGE");
  });

  test("a server that can't be had is one clear message", async () => {
    const { code, out, err } = await (await startDemo(["--on", "minio"], { MINIO_BINARY: "/none" })).ended;
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe(
      "There is no minio here: MINIO_BINARY is /none, which is no file that can be executed.\n",
    );
  });
});
