import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { freePort } from "../src/free-port.ts";
import { type Launched, type LaunchOptions, launch } from "../src/launch.ts";
import { ServerError } from "../src/server-error.ts";
import {
  isRunning,
  ownTmpdir,
  parentOf,
  setVariable,
  startScript,
  testProgram,
  untilEmpty,
  untilGone,
} from "./processes.ts";

interface Answer {
  readonly token: string;
  readonly pid: number;
  readonly child?: number;
  readonly env: Record<string, string>;
}

let tmp: string;

beforeEach(async () => {
  tmp = await ownTmpdir();
});

async function ask(port: number): Promise<Answer> {
  return (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as Answer;
}

/** Launches the small server of these tests; it is stopped after the test at the latest. */
async function start(
  behaviour: readonly string[] = [],
  options: Partial<LaunchOptions> = {},
): Promise<Launched> {
  const token = `token ${Math.random()}`;
  const launched = await launch({
    name: "test",
    command: process.execPath,
    plan: ({ port }) => ({
      args: [testProgram("server.mjs"), `${port}`, ...behaviour],
      env: { TOKEN: token },
    }),
    ready: async ({ port }) => (await ask(port)).token === token,
    ...options,
  });
  onTestFinished(() => launched.stop());
  return launched;
}

async function failureOf(launching: Promise<Launched>): Promise<ServerError> {
  const error: unknown = await launching.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServerError);
  return error as ServerError;
}

test("a server answers when it is launched, and is gone with its folder when it is stopped", async () => {
  const server = await start();
  expect((await ask(server.port)).pid).toBe(server.pid);
  expect(await readdir(server.folder)).toEqual(["stored"]);
  await server.stop();
  expect(await isRunning(server.pid)).toBe(false);
  expect(await readdir(tmp)).toEqual([]);
  await server.stop();
});

test("servers that are launched at the same time have ports and folders of their own", async () => {
  const servers = await Promise.all(Array.from({ length: 5 }, () => start()));
  expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
  expect(new Set(servers.map(({ folder }) => folder)).size).toBe(5);
});

test("of its starter's environment a server gets the PATH alone", async () => {
  setVariable("A_SECRET", "not for the server");
  const server = await start();
  const { env } = await ask(server.port);
  expect(env).toMatchObject({ PATH: process.env["PATH"], HOME: server.folder, TMPDIR: server.folder });
  expect(JSON.stringify(env)).not.toContain("not for the server");
});

test("a server that dies at its start is told at once, with its output, which is kept", async () => {
  const error = await failureOf(start(["die"], { deadline: 600_000 }));
  expect(error.code).toBe("ERR_SERVER_START");
  expect(error.message).toContain("exit code 3");
  expect(error.message).toContain("a reason to die");
  expect(error.message).toContain(error.log);
  expect(await readFile(error.log!, "utf8")).toBe("the server begins\na reason to die\n");
  expect(await readdir(join(error.log!, ".."))).toEqual(["output.log"]);
});

test("a server that does not answer by its deadline is ended, and its output is kept", async () => {
  const places: number[] = [];
  const error = await failureOf(
    start(["silent"], {
      deadline: 2_000,
      ready: async ({ port }) => {
        places.push(port);
        await ask(port);
        return true;
      },
    }),
  );
  expect(error.code).toBe("ERR_SERVER_START");
  expect(error.message).toContain(`did not answer on 127.0.0.1:${places[0]} within 2 s`);
  expect(error.message).toContain("the server begins");
  expect(error.cause).toBeInstanceOf(TypeError);
});

test("a program that can't be executed is an error, and leaves nothing behind", async () => {
  const error = await failureOf(start([], { command: "/nowhere/program" }));
  expect(error.message).toMatch(/\/nowhere\/program can't be executed: .*ENOENT/);
  expect(await readdir(tmp)).toEqual([]);
});

test("a port that a stranger took meanwhile is given up, though the stranger answers", async () => {
  const stranger = createServer((_, response) => response.end(JSON.stringify({ token: "a stranger's" })));
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    stranger.close();
  });
  const taken = (stranger.address() as AddressInfo).port;
  const ports = [taken, taken];
  const server = await start([], { port: async () => ports.shift() ?? freePort() });
  expect(ports).toEqual([]);
  expect(server.port).not.toBe(taken);
  expect((await ask(server.port)).pid).toBe(server.pid);
  await server.stop();
  expect(await readdir(tmp)).toEqual([]);
});

test("launching that is aborted rejects with the reason, and leaves nothing behind", async () => {
  const controller = new AbortController();
  const reason = new Error("no longer wanted");
  let pid = 0;
  const launching = start([], {
    signal: controller.signal,
    ready: async ({ port }) => {
      pid = (await ask(port)).pid;
      controller.abort(reason);
      return false;
    },
  });
  await expect(launching).rejects.toBe(reason);
  expect(await isRunning(pid)).toBe(false);
  expect(await readdir(tmp)).toEqual([]);
});

test("a server that ignores SIGTERM is killed", async () => {
  const server = await start(["stubborn"], { grace: 200 });
  await server.stop();
  expect(await isRunning(server.pid)).toBe(false);
  expect(await readdir(tmp)).toEqual([]);
});

test("what a server started ends with it", async () => {
  const server = await start(["child"]);
  const { child } = await ask(server.port);
  expect(await isRunning(child!)).toBe(true);
  await server.stop();
  await untilGone(child!);
});

test("a server that ends in use is told, and its output is kept", async () => {
  const lines: string[] = [];
  const server = await start([], { notice: (line) => lines.push(line) });
  await fetch(`http://127.0.0.1:${server.port}/die`).catch(() => undefined);
  await expect.poll(() => lines).toHaveLength(1);
  const log = /is in (\S+)\.$/.exec(lines[0]!)![1]!;
  expect(lines[0]).toContain("exit code 4");
  await server.stop();
  expect(await readFile(log, "utf8")).toBe("the server begins\n");
  expect(await readdir(join(log, ".."))).toEqual(["output.log"]);
});

test("a server ends with the process that started it, also by kill -9", async () => {
  const parent = startScript(testProgram("parent.mjs"), ["server", "stay"]);
  const { pid, child } = JSON.parse(await parent.line) as { pid: number; child: number };
  expect(await isRunning(pid)).toBe(true);
  parent.child.kill("SIGKILL");
  await untilGone(pid);
  await untilGone(child);
  await untilEmpty(tmp);
});

test("a server does not keep the process that started it from ending", async () => {
  const parent = startScript(testProgram("parent.mjs"), ["server", "leave"]);
  const { pid } = JSON.parse(await parent.line) as { pid: number };
  expect((await parent.ended).code).toBe(0);
  await untilGone(pid);
  await untilEmpty(tmp);
});

test("a server ends even if its guard is killed", async () => {
  const lines: string[] = [];
  const server = await start([], { notice: (line) => lines.push(line) });
  process.kill(await parentOf(server.pid), "SIGKILL");
  await untilGone(server.pid);
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines[0]).toContain("SIGKILL");
  await server.stop();
  expect(await readdir(server.folder).catch(() => "gone")).toBe("gone");
});
