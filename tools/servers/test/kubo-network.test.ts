import { readdir } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { serverOrSkip } from "../src/availability.ts";
import { type KuboNetwork, startKuboNetwork, untilConnected } from "../src/kubo/network.ts";
import { kuboCommand } from "../src/kubo/rpc.ts";
import { type KuboServer, startKubo } from "../src/kubo/server.ts";
import { putBlock } from "./kubo-block.ts";
import { ownTmpdir } from "./processes.ts";

const { skip } = await serverOrSkip("kubo");

async function network(nodes: number): Promise<KuboNetwork> {
  const started = await startKuboNetwork({ nodes });
  onTestFinished(() => started.stop());
  return started;
}

async function peersOf({ rpc }: KuboServer): Promise<{ Peer: string; Addr: string }[]> {
  const { Peers } = (await kuboCommand(rpc, "swarm/peers")) as { Peers: { Peer: string; Addr: string }[] };
  return Peers;
}

/** A record of a name that a node by itself has published, as bytes. */
async function someRecord(): Promise<{ name: string; record: Uint8Array }> {
  const author = await startKubo();
  onTestFinished(() => author.stop());
  const cid = await putBlock(author, "a value");
  const { Name: name } = (await kuboCommand(author.rpc, "name/publish", {
    arg: `/ipfs/${cid}`,
    resolve: "false",
  })) as { Name: string };
  return { name, record: await getRecord(author, name) };
}

async function getRecord({ rpc }: KuboServer, name: string): Promise<Uint8Array> {
  const answer = await fetch(`${rpc}/api/v0/name/get?arg=${name}`, { method: "POST" });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}

describe.skipIf(skip)("a network of Kubo nodes", () => {
  test("is ready at once: a record and a block that are put on one node are read on another", async () => {
    const tmp = await ownTmpdir();
    const { name, record } = await someRecord();
    const started = await network(3);
    const [first, , third] = started.nodes as [KuboServer, KuboServer, KuboServer];
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(record)]));
    const put = await fetch(`${first.rpc}/api/v0/name/put?arg=${name}`, { method: "POST", body: form });
    expect(put.status).toBe(200);
    expect(await getRecord(third, name)).toEqual(record);
    const cid = await putBlock(first, "a block");
    expect(await (await fetch(`${third.gateway}/ipfs/${cid}?format=raw`)).text()).toBe("a block");
    await started.stop();
    // The author of the record is still there.
    expect(await readdir(tmp)).toHaveLength(1);
  });

  test("has its own nodes alone, each connected to each on 127.0.0.1", async () => {
    const { nodes } = await network(3);
    expect(nodes).toHaveLength(3);
    // With no time to wait: they are in each other's routing tables already.
    await untilConnected(nodes, 0);
    for (const node of nodes) {
      const routing = await kuboCommand(node.rpc, "config", { arg: "Routing.Type" });
      expect(routing).toMatchObject({ Value: "dht" });
      const peers = await peersOf(node);
      const others = nodes.filter((other) => other !== node).map(({ peerId }) => peerId);
      // Two nodes that dial each other at the same moment have two connections.
      expect(new Set(peers.map(({ Peer }) => Peer))).toEqual(new Set(others));
      for (const { Addr } of peers) expect(Addr).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/);
    }
  });

  test("continues if one of its nodes is stopped, and can still be stopped", async () => {
    const tmp = await ownTmpdir();
    const started = await network(3);
    const [first, second, third] = started.nodes as [KuboServer, KuboServer, KuboServer];
    await second.stop();
    await expect.poll(async () => (await peersOf(first)).map(({ Peer }) => Peer)).toEqual([third.peerId]);
    await started.stop();
    await expect(peersOf(third)).rejects.toMatchObject({ code: "ERR_SERVER_REQUEST" });
    expect(await readdir(tmp)).toEqual([]);
    await started.stop();
  });

  test("is an error and leaves nothing behind if a node can't be started, or none can be reached", async () => {
    const tmp = await ownTmpdir();
    const settings = { nodes: 2 };
    await expect(startKuboNetwork({ ...settings, config: { "Swarm.Nonsense": true } })).rejects.toMatchObject(
      { code: "ERR_SERVER_START" },
    );
    const config = { "Swarm.AddrFilters": ["/ip4/127.0.0.0/ipcidr/8"] };
    await expect(startKuboNetwork({ ...settings, config })).rejects.toThrow(/did not do swarm\/connect: 500/);
    const reason = new Error("no longer wanted");
    await expect(startKuboNetwork({ ...settings, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readdir(tmp)).toEqual([]);
  });

  test("is not ready as long as its nodes do not know each other", async () => {
    const nodes = await Promise.all([startKubo({ routing: "dht" }), startKubo({ routing: "dht" })]);
    onTestFinished(async () => void (await Promise.all(nodes.map((node) => node.stop()))));
    const [one, other] = nodes;
    await expect(untilConnected(nodes, 200)).rejects.toThrow(/did not find all 1 others within 0.2 s/);
    await kuboCommand(one.rpc, "swarm/connect", { arg: other.addresses[0]! });
    await untilConnected(nodes, 120_000);
  });

  test("has two nodes at least", async () => {
    for (const nodes of [1, 0, 2.5]) await expect(startKuboNetwork({ nodes })).rejects.toThrow(RangeError);
  });
});
