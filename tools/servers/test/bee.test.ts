import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { prepareServer, serverOrSkip } from "../src/availability.ts";
import { startBee } from "../src/bee/server.ts";
import { ServerError } from "../src/server-error.ts";
import { addressOf, readChunk, startBeeForTest as start } from "./bee-chunks.ts";
import {
  ownTmpdir,
  setVariable,
  startScript,
  temporaryFolder,
  testProgram,
  untilEmpty,
} from "./processes.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("Bee", () => {
  test("takes a chunk and gives it back, and is gone with its folder when it is stopped", async () => {
    const tmp = await ownTmpdir();
    const bee = await start();
    expect(bee.name).toBe("bee");
    expect(bee.nodes).toEqual([bee.url]);
    const address = await addressOf(bee.url, await bee.buyBatch(), "some content");
    expect(await readChunk(bee.url, address)).toBe("some content");
    expect(await readdir(tmp)).toHaveLength(1);
    await bee.stop();
    for (const place of [bee.url, bee.control]) await expect(fetch(place)).rejects.toThrow("fetch failed");
    await expect(bee.counts()).rejects.toMatchObject({ code: "ERR_SERVER_REQUEST" });
    expect(await readdir(tmp)).toEqual([]);
    await bee.stop();
  });

  test("says the version of Bee that it is made of, and that version's number of the API", async () => {
    const bee = await start();
    expect(bee.version).toBe("2.8.1");
    const health = await fetch(`${bee.url}/health`);
    expect(await health.json()).toEqual({ status: "ok", version: "2.8.1", apiVersion: "8.1.0" });
  });

  test("is as many nodes as are asked for, each with an identity of its own, on 127.0.0.1 alone", async () => {
    const bee = await start({ nodes: 3 });
    expect(new Set(bee.nodes).size).toBe(3);
    expect(bee.nodes[0]).toBe(bee.url);
    for (const place of [...bee.nodes, bee.control]) expect(new URL(place).hostname).toBe("127.0.0.1");
    const owners = bee.nodes.map(async (node) => {
      const { overlay } = (await (await fetch(`${node}/addresses`)).json()) as { overlay: string };
      return overlay;
    });
    expect(new Set(await Promise.all(owners)).size).toBe(3);
    await expect(start({ nodes: 0 })).rejects.toThrow(new RangeError("There can't be 0 nodes."));
    await expect(start({ nodes: 1.5 })).rejects.toThrow(RangeError);
  });

  test("answers pages of every origin, or of the one that is named", async () => {
    const allowed = async (cors?: string): Promise<(string | null)[]> => {
      const { url } = await start(cors === undefined ? {} : { cors });
      const origins = ["http://page.example", "http://other.example"];
      const answers = origins.map((origin) => fetch(`${url}/health`, { headers: { origin } }));
      return (await Promise.all(answers)).map(({ headers }) => headers.get("access-control-allow-origin"));
    };
    expect(await allowed()).toEqual(["http://page.example", "http://other.example"]);
    expect(await allowed("http://page.example")).toEqual(["http://page.example", null]);
  });

  test("says that it has no peers, and refuses what it has no part for", async () => {
    const { url } = await start({ nodes: 2 });
    const ask = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
    expect(await ask("/status")).toMatchObject({ beeMode: "full", connectedPeers: 0, lastSyncedBlock: 1000 });
    expect(await ask("/peers")).toEqual({ peers: [] });
    expect(await ask("/topology")).toMatchObject({ population: 0, connected: 0 });
    for (const part of ["chequebook", "stake", "settlements", "status/neighborhoods", "pins/check"]) {
      const refused = { code: 501, message: `this node has no ${part}` };
      expect(await ask(`/${part}`)).toEqual(refused);
      expect(await ask(`/v1/${part}/more`)).toEqual(refused);
    }
  });

  test("whose start is aborted rejects with the reason, and leaves nothing behind", async () => {
    const tmp = await ownTmpdir();
    const reason = new Error("no longer wanted");
    await expect(start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const starting = start({ signal: controller.signal });
    starting.catch(() => undefined);
    await expect.poll(() => readdir(tmp), { interval: 1 }).toHaveLength(1);
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(await readdir(tmp)).toEqual([]);
  });

  test("ends with the process that started it, also by kill -9", async () => {
    const tmp = await ownTmpdir();
    const parent = startScript(testProgram("parent.mjs"), ["bee", "stay"]);
    const { url } = JSON.parse(await parent.line) as { url: string };
    expect((await fetch(url)).status).toBe(200);
    parent.child.kill("SIGKILL");
    await expect.poll(() => fetch(url).catch(() => "gone")).toBe("gone");
    await untilEmpty(tmp);
  });

  test("is not started if BEE_BINARY is something else; the error has what that printed", async () => {
    const path = join(await temporaryFolder(), "something");
    await ownTmpdir();
    await writeFile(path, '#!/bin/sh\necho "unknown shorthand flag" >&2\nexit 3\n');
    await chmod(path, 0o755);
    setVariable("BEE_BINARY", path);
    const error: unknown = await startBee().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerError);
    const { code, message, log } = error as ServerError;
    expect(code).toBe("ERR_SERVER_START");
    expect(message).toMatch(/^bee ended by itself with exit code 3 before.*\nunknown shorthand flag$/s);
    expect(await readFile(log!, "utf8")).toBe("unknown shorthand flag\n");
  });

  test("is the program that BEE_BINARY names, which says its version when it is asked", async () => {
    const folder = await temporaryFolder();
    const [path, calls, said] = ["my-bee", "calls", "said"].map((name) => join(folder, name));
    const binary = await prepareServer("bee");
    await writeFile(
      path!,
      `#!/bin/sh\necho "$*" >> ${calls}\n[ "$1" = --version ] && exec "${binary}" "$@" > ${said}\nexec "${binary}" "$@"\n`,
    );
    await chmod(path!, 0o755);
    setVariable("BEE_BINARY", path);
    await start({ nodes: 2, cors: "http://page.example" });
    expect((await readFile(calls!, "utf8")).split("\n")).toEqual([
      "--version",
      "-cors http://page.example -nodes 2",
      "",
    ]);
    expect(await readFile(said!, "utf8")).toBe("2.8.1\n");
  });
});
