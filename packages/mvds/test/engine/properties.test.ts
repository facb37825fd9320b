import { createHash } from "node:crypto";
import { constantBackOff, exponentialBackOff, linearBackOff, type Mode, type Order } from "@remote-log/mvds";
import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hex, Network, type NetworkOptions } from "./network.ts";

const backOffs = [constantBackOff(3), linearBackOff(), exponentialBackOff({ most: 64, spread: 4 })];

const story = fc.record({
  seed: fc.nat(),
  names: fc.constantFrom<string[]>(
    ["alice", "bob"],
    ["alice", "bob", "carol"],
    ["alice", "bob", "carol", "dave"],
  ),
  order: fc.constantFrom<Order>("eventual", "consistent"),
  modes: fc.array(fc.constantFrom<Mode>("batch", "interactive"), { minLength: 4, maxLength: 4 }),
  backOff: fc.nat(backOffs.length - 1),
  relay: fc.boolean(),
  loss: fc.constantFrom<number>(0, 0.2, 0.6),
  messages: fc.integer({ min: 1, max: 12 }),
});

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

async function play(plot: Story, further: Partial<NetworkOptions> = {}): Promise<Network> {
  const { seed, names, order, modes, backOff, relay, loss, messages } = plot;
  const network = await Network.of(names, {
    seed,
    loss,
    doubling: 0.2,
    delay: 0.3,
    optionsOf: (name) => ({
      order,
      mode: modes[names.indexOf(name)]!,
      backOff: backOffs[backOff]!,
      relay,
      limits: { maxPayloadBytes: 400 },
    }),
    ...further,
  });
  for (let i = 0; i < messages; i++) {
    const name = names[Math.floor(network.random() * names.length)]!;
    await network.send(name, `${i} of ${name}`);
    if (network.random() < 0.2) await network.restart(name);
    // Sessions: each is there for a while, and then is not.
    for (const other of names)
      if (network.random() < 0.3)
        await network.setOnline(other, network.random() < 0.5, network.random() < 0.5);
    await network.pass(Math.floor(network.random() * 4));
  }
  // In the end the loss ends, and all are there.
  for (const name of names) await network.setOnline(name, true);
  network.loss = 0;
  await network.passUntilSilent();
  return network;
}

test("every message is delivered once to every member, and then all are silent", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (plot) => {
      const network = await play(plot);
      for (const { name, delivered, engine, sent } of network.peers.values()) {
        const foreign = Array.from({ length: plot.messages }, (_, i) => i).filter(
          (i) => !delivered.some(({ body }) => new TextDecoder().decode(body).startsWith(`${i} of `)),
        );
        // What is not delivered here was sent from here.
        expect(foreign.length).toBe(plot.messages - delivered.length);
        expect(new Set(delivered.map(({ id }) => hex(id))).size).toBe(delivered.length);
        expect(delivered.some(({ body }) => new TextDecoder().decode(body).endsWith(` of ${name}`))).toBe(
          false,
        );
        for (const { payload } of sent) expect(payload.length).toBeLessThanOrEqual(400);
        expect(engine.status()).toMatchObject({ waiting: {}, undelivered: 0 });
      }
      const total = [...network.peers.values()].reduce((sum, { delivered }) => sum + delivered.length, 0);
      expect(total).toBe(plot.messages * (plot.names.length - 1));
      if (plot.order === "consistent") {
        for (const { delivered, engine } of network.peers.values()) {
          const seen = new Set<string>();
          for (const { id, parents } of delivered) {
            for (const parent of parents) {
              const own = (await engine.message(parent))?.peer === "";
              expect(own || seen.has(hex(parent))).toBe(true);
            }
            seen.add(hex(id));
          }
        }
      }
      await network.close();
    }),
    { numRuns: runs(8, 500) },
  );
});

test("the same seed gives the same bytes", async () => {
  const record = async (seed: number): Promise<string> => {
    const network = await play({
      seed,
      names: ["alice", "bob", "carol"],
      order: "consistent",
      modes: ["batch", "interactive", "batch", "batch"],
      backOff: 2,
      relay: true,
      loss: 0.5,
      messages: 10,
    });
    const hash = createHash("sha256");
    for (const { name, sent, delivered } of network.peers.values()) {
      for (const { to, payload } of sent) hash.update(`${name} ${to} `).update(payload);
      for (const { id } of delivered) hash.update(id);
    }
    await network.close();
    return hash.digest("hex");
  };
  expect(await record(1)).toBe(await record(1));
  expect(await record(1)).not.toBe(await record(2));
});
