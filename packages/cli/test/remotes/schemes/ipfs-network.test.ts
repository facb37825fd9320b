import { type KuboNetwork, serverOrSkip, startKuboNetwork } from "@remote-log/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Place } from "../../rlog.ts";

const { skip } = await serverOrSkip("kubo");

const lines = Array.from({ length: 500 }, (_, i) => `entry ${i}`);
const text = lines.map((line) => `${line}\n`).join("");

describe.skipIf(skip)("rlog on three connected IPFS nodes", () => {
  let network: KuboNetwork;

  beforeAll(async () => {
    network = await startKuboNetwork({ nodes: 3 });
  });

  afterAll(() => network?.stop());

  test("Bob reads on his node what Alice published on hers, which is off, from a mirror made without her key", async () => {
    const [alices, attic, bobs] = network.nodes;
    const alice = await Place.make({ apart: true });
    await alice.ok(["init", "--public", "--remote", `ipfs+${alices!.rpc}`]);
    await alice.ok(["append", "--publish"], text);
    const link = (await alice.ok(["link"])).out.trim();
    const id = /rlog:([0-9a-f]{64})/.exec(link)![1]!;
    const name = /ipns:\/\/(k51[0-9a-z]+)/.exec(link)![1]!;

    // Whoever has the link can mirror the log: by the attic's own node, which finds everything in the network.
    const keeper = await Place.make({ apart: true });
    const onAttic = `ipfs+${attic!.rpc}?name=${name}`;
    const mirror = ["mirror", id, "--remote", onAttic, "--to", onAttic];
    expect((await keeper.ok(mirror)).out).toContain(`/ipns/${name} was put there`);
    await alices!.stop();

    const bob = await Place.make({ apart: true });
    const read = await bob.ok(["read", id, "--remote", `ipns://${name}?node=${bobs!.rpc}`, "--stats"]);
    expect(read.out).toBe(text);
    expect(read.err).toMatch(/\b3 dependent reads/);
    const again = await bob.ok([
      "latest",
      id,
      "--remote",
      `ipns://${name}?gateway=${bobs!.gateway}`,
      "--stats",
    ]);
    expect(again.out).toBe("entry 499\n");
    expect(again.err).toMatch(/\b1 request \(/);
  });
});
