import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { prepareServer, serverOrSkip } from "../src/availability.ts";
import { kuboCommand } from "../src/kubo/rpc.ts";
import { type KuboOptions, type KuboServer, startKubo } from "../src/kubo/server.ts";
import { ServerError } from "../src/server-error.ts";
import { putBlock } from "./kubo-block.ts";
import {
  ownTmpdir,
  setVariable,
  startScript,
  temporaryFolder,
  testProgram,
  untilEmpty,
} from "./processes.ts";

const { skip } = await serverOrSkip("kubo");

async function start(options?: KuboOptions): Promise<KuboServer> {
  const node = await startKubo(options);
  onTestFinished(() => node.stop());
  return node;
}

async function failureOf(starting: Promise<KuboServer>): Promise<ServerError> {
  const error: unknown = await starting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServerError);
  return error as ServerError;
}

describe.skipIf(skip)("a Kubo node", () => {
  test("takes a block and serves it at its gateway, and is gone with its folder when it is stopped", async () => {
    const tmp = await ownTmpdir();
    const node = await start();
    expect(node.name).toBe("kubo");
    expect(node.version).toMatch(/^\d+\.\d+\.\d+/);
    const cid = await putBlock(node, "some content");
    const served = await fetch(`${node.gateway}/ipfs/${cid}?format=raw`);
    expect(await served.text()).toBe("some content");
    expect(await readdir(tmp)).toHaveLength(1);
    await node.stop();
    await expect(kuboCommand(node.rpc, "id")).rejects.toMatchObject({ code: "ERR_SERVER_REQUEST" });
    expect(await readdir(tmp)).toEqual([]);
    await node.stop();
  });

  test("listens on 127.0.0.1 alone, and has nobody to ask", async () => {
    const node = await start();
    for (const url of [node.rpc, node.gateway]) expect(new URL(url).hostname).toBe("127.0.0.1");
    const { Strings } = (await kuboCommand(node.rpc, "swarm/addrs/listen")) as { Strings: string[] };
    // A circuit is no socket: other nodes would have to lend it theirs.
    const sockets = Strings.filter((address) => address !== "/p2p-circuit");
    expect(sockets).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)]);
    expect(node.addresses).toEqual([`${sockets[0]}/p2p/${node.peerId}`]);
    expect(await kuboCommand(node.rpc, "bootstrap/list")).toEqual({ Peers: [] });
    expect(await kuboCommand(node.rpc, "swarm/peers")).toEqual({ Peers: null });
    const config = (await kuboCommand(node.rpc, "config/show")) as Record<string, unknown>;
    expect(config).toMatchObject({
      AutoConf: { Enabled: false },
      AutoTLS: { Enabled: false },
      Discovery: { MDNS: { Enabled: false } },
      Routing: { DelegatedRouters: [] },
      Ipns: { DelegatedPublishers: [] },
    });
  });

  test("is another one than the node beside it, and holds nothing of it", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(one.peerId).not.toBe(other.peerId);
    const cid = await putBlock(one, "of one alone");
    const kept = (node: KuboServer) => kuboCommand(node.rpc, "block/stat", { arg: cid, offline: "true" });
    expect(await kept(one)).toMatchObject({ Size: 12 });
    await expect(kept(other)).rejects.toThrow("block was not found locally");
  });

  test("can be given settings", async () => {
    const origin = "http://page.example";
    const node = await start({
      config: {
        "API.HTTPHeaders.Access-Control-Allow-Origin": [origin],
        "Import.CidVersion": 1,
      },
    });
    const answer = await fetch(`${node.rpc}/api/v0/id`, { method: "POST", headers: { origin } });
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(await kuboCommand(node.rpc, "config", { arg: "Import.CidVersion" })).toMatchObject({ Value: 1 });
  });

  test("is not started with a setting that Kubo does not know, and its value is not told", async () => {
    const tmp = await ownTmpdir();
    const error = await failureOf(start({ config: { "API.Nonsense": "a secret" } }));
    expect(error.code).toBe("ERR_SERVER_START");
    expect(error.message).toContain('kubo refused "ipfs config --json API.Nonsense"');
    expect(error.message).toContain("Nonsense not found");
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain("a secret");
    expect(error.cause).toBeUndefined();
    expect(await readdir(tmp)).toEqual([]);
  });

  test("is not started if KUBO_BINARY is something else", async () => {
    const path = join(await temporaryFolder(), "something");
    const tmp = await ownTmpdir();
    await writeFile(path, '#!/bin/sh\necho "no node of IPFS" >&2\nexit 3\n');
    await chmod(path, 0o755);
    setVariable("KUBO_BINARY", path);
    const error = await failureOf(start());
    expect(error.code).toBe("ERR_SERVER_START");
    expect(error.message).toMatch(/^kubo refused "ipfs init .*\nno node of IPFS$/s);
    await writeFile(path, "#!/nowhere/sh\n");
    expect((await failureOf(start())).message).toMatch(/^kubo refused "ipfs init .*ENOENT/s);
    expect(await readdir(tmp)).toEqual([]);
  });

  test("that refuses its settings when it runs is told with what it printed", async () => {
    await ownTmpdir();
    const error = await failureOf(start({ config: { "Routing.Type": "nonsense" }, deadline: 600_000 }));
    expect(error.code).toBe("ERR_SERVER_START");
    expect(error.message).toContain("ended by itself with exit code 1 before it was ready");
    expect(error.message).toContain("nonsense");
    expect(await readFile(error.log!, "utf8")).toContain("Initializing daemon");
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
    const parent = startScript(testProgram("parent.mjs"), ["kubo", "stay"]);
    const { rpc } = JSON.parse(await parent.line) as { rpc: string };
    expect(await kuboCommand(rpc, "id")).toHaveProperty("ID");
    parent.child.kill("SIGKILL");
    await expect.poll(() => fetch(rpc).catch(() => "gone")).toBe("gone");
    await untilEmpty(tmp);
  });

  test("is the program that KUBO_BINARY names", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "my-ipfs");
    const calls = join(folder, "calls");
    await writeFile(path, `#!/bin/sh\necho "$*" >> ${calls}\nexec "${await prepareServer("kubo")}" "$@"\n`);
    await chmod(path, 0o755);
    setVariable("KUBO_BINARY", path);
    const node = await start({ routing: "dht" });
    expect((await readFile(calls, "utf8")).split("\n")).toEqual([
      "--version",
      "init --profile=test --empty-repo -a ed25519",
      'config --json Routing.Type "dht"',
      "daemon",
      "",
    ]);
    expect(await kuboCommand(node.rpc, "config", { arg: "Routing.Type" })).toMatchObject({ Value: "dht" });
  });
});
