import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sample } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { inTurn, whenFilesAreFree } from "../src/descriptors.ts";
import { fromErrno } from "../src/errors.ts";

const program = fileURLToPath(new URL("few-files.mjs", import.meta.url));
const folder = await temporaryFolder();
const run = promisify(execFile);

const cases = [
  ["three remotes ask for more than a process may open", "free", 100],
  ["another part of the program has used up every file for a while", "hogged", 20],
] as const;

test.each(sample("few-files", cases, 1))("everything is done although %s", async (_, hogs, count) => {
  const command = 'ulimit -n 256 && exec "$0" "$@"';
  const words = [program, join(folder, hogs), hogs, String(count)];
  const { stdout } = await run("sh", ["-c", command, process.execPath, ...words]);
  expect(JSON.parse(stdout)).toEqual({
    "put: done": count,
    "get: done": 3 * count,
    "update: done": count,
    "resolve: done": count,
    "delete: done": count,
  });
});

function outOfFiles(code = "EMFILE"): Error {
  return Object.assign(new Error(`${code}: too many open files`), { code, syscall: "open", errno: -24 });
}

test("who waits for a file holds no turn, and leaves when its signal fires", async () => {
  const stop = new AbortController();
  const waiting = Array.from({ length: 64 }, () =>
    inTurn({ signal: stop.signal }, () => Promise.reject(outOfFiles("ENFILE"))),
  );
  const ended = Promise.allSettled(waiting);
  expect(await inTurn(new AbortController(), async () => "a turn")).toBe("a turn");
  stop.abort(new Error("enough"));
  for (const outcome of await ended) expect(outcome).toMatchObject({ reason: { message: "enough" } });
});

test("any other error ends an operation at once", async () => {
  let tries = 0;
  const failing = whenFilesAreFree(undefined, () => {
    tries++;
    return Promise.reject(Object.assign(outOfFiles(), { code: "EIO" }));
  });
  await expect(failing).rejects.toMatchObject({ code: "EIO" });
  expect(tries).toBe(1);
});

test.each([
  ["EMFILE", "this process has too many files open"],
  ["ENFILE", "this machine has too many files open"],
])("%s that lasts says what is used up, and how to raise the limit", (code, what) => {
  const error = fromErrno(outOfFiles(code), { operation: "storage.get", action: "reading" }) as Error;
  expect(error.message).toContain(what);
  expect(error.message).toContain("ulimit -n");
});
