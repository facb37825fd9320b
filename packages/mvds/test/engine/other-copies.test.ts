// Copies of a message that name other parents, one of them forged: which one counts, and what that costs.

import { type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import { type EngineOptions, encodePayload } from "@remote-log/mvds";
import { describe, expect, test } from "vitest";
import { GROUP, hex, Network, type Peer, text, texts } from "./network.ts";

const OTHER = new Uint8Array(32).fill(8);

const messageOf = (content: string, more: Partial<MvdsMessage> = {}): MvdsMessage => ({
  groupId: GROUP,
  timestamp: 5n,
  body: text(content),
  parents: [],
  ephemeral: false,
  ...more,
});
const payloadOf = (...messages: MvdsMessage[]): Uint8Array =>
  encodePayload({ acks: [], offers: [], requests: [], messages });
const idsOf = (count: number, first = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => {
    const id = new Uint8Array(32).fill(0xee);
    new DataView(id.buffer).setUint32(0, first + i);
    return id;
  });
describe("consistent: a forged copy is held, and the true one is in a log, which is read once", () => {
  const parent = messageOf("parent");
  const real = messageOf("real", { parents: [mvdsMessageId(parent)] });
  const child = messageOf("child", { parents: [mvdsMessageId(real)] });

  /** Bob, who has read Alice's log after Mallory sent him the copy. */
  async function read(options: Partial<EngineOptions> = {}): Promise<{ network: Network; bob: Peer }> {
    const names = ["alice", "bob", "mallory"];
    const network = await Network.of(names, { options: { order: "consistent", ...options } });
    const bob = network.of("bob");
    await bob.engine.receive("mallory", payloadOf({ ...real, parents: idsOf(1) }));
    const taken = await bob.engine.logSteps.take("alice", OTHER, [
      { kind: "message", sequence: 0, message: real },
      { kind: "message", sequence: 1, message: messageOf("next") },
    ]);
    expect(taken).toEqual({ messages: 1, refused: false });
    expect(texts(bob)).toEqual(["next"]);
    return { network, bob };
  }

  const stored = async ({ database }: Peer, letters: string): Promise<number> =>
    (await database.keys().all()).filter(([letter]) => letters.includes(String.fromCharCode(letter!))).length;

  test.each([
    ["by its sender", false],
    ["by its sender, after a restart", true],
  ])(
    "once its parent has come %s, it is delivered, with its own parents, and so is what waits for it",
    async (_, restarts) => {
      const { network, bob } = await read();
      await bob.engine.receive("alice", payloadOf(child));
      if (restarts) await network.restart("bob");
      await bob.engine.receive("alice", payloadOf(parent));
      expect(texts(bob)).toEqual(["next", "parent", "real", "child"]);
      expect((await bob.engine.message(mvdsMessageId(real)))?.parents).toEqual(real.parents);
      expect(await stored(bob, "wc")).toBe(0);
      // What the forged one waited for says nothing any more.
      await bob.engine.receive("mallory", payloadOf({ ...real, parents: [] }));
      expect(texts(bob)).toHaveLength(4);
      const { parents } = await bob.engine.send(GROUP, text("mine"));
      expect(parents.map(hex).sort()).toEqual(
        [messageOf("next"), child].map((one) => hex(mvdsMessageId(one))).sort(),
      );
      await network.close();
    },
  );

  test("several copies wait side by side, one of each log; the first whose parents are here is delivered", async () => {
    const { network, bob } = await read();
    const others = [
      { ...real, parents: idsOf(1, 7) },
      { ...real, parents: [mvdsMessageId(parent), ...idsOf(1, 8)] },
    ];
    for (const [sequence, message] of [...others, real].entries())
      expect(
        await bob.engine.logSteps.take("mallory", idsOf(1, 99)[0]!, [{ kind: "message", sequence, message }]),
      ).toEqual({ messages: 0, refused: false });
    // One for what is kept, one for Alice's log, and one for Mallory's, which says the first thing alone.
    expect([await stored(bob, "w"), await stored(bob, "c")]).toEqual([3, 2]);
    await bob.engine.receive("alice", payloadOf(parent));
    expect(texts(bob)).toEqual(["next", "parent", "real"]);
    expect(await stored(bob, "wc")).toBe(0);
    await network.close();
  });

  test("the kept copy is delivered if its parents are here first", async () => {
    const { network, bob } = await read();
    const [late] = [messageOf("late")];
    const other = messageOf("other", { parents: [mvdsMessageId(late)] });
    await bob.engine.receive("alice", payloadOf(other));
    await bob.engine.logSteps.take("mallory", idsOf(1, 99)[0]!, [
      { kind: "message", sequence: 0, message: { ...other, parents: idsOf(3) } },
    ]);
    await bob.engine.receive("alice", payloadOf(late));
    expect(texts(bob)).toEqual(["next", "late", "other"]);
    expect((await bob.engine.message(mvdsMessageId(other)))?.parents).toEqual(other.parents);
    // What waits still is "real" and its copy.
    expect([await stored(bob, "w"), await stored(bob, "c")]).toEqual([2, 1]);
    await network.close();
  });

  test("copies take the room of the peer whose log has them; without room the log is read later", async () => {
    const { network, bob } = await read({ limits: { maxWaiting: 1 } });
    const another = messageOf("another", { parents: idsOf(1, 20) });
    await bob.engine.setGroup(GROUP, ["alice", "mallory", "carol"]);
    await bob.engine.receive("carol", payloadOf(another));
    const log = { peer: "alice", id: OTHER };
    const copy = { ...another, parents: idsOf(1, 21) };
    const items = [{ kind: "message", sequence: 2, message: copy }] as const;
    expect(await bob.engine.logSteps.take(log.peer, log.id, items)).toEqual({ messages: 0, refused: true });
    expect(bob.events.at(-1)).toMatchObject({ kind: "refused", reason: "too-many-waiting", peer: "alice" });
    expect(await bob.engine.logSteps.next(log.id)).toBe(2);
    await bob.engine.receive("alice", payloadOf(parent));
    expect(await bob.engine.logSteps.take(log.peer, log.id, items)).toEqual({ messages: 0, refused: false });
    await network.close();
  });

  test("a message that is forgotten leaves nothing of its copies", async () => {
    const { network, bob } = await read();
    await bob.engine.removeGroup(GROUP);
    expect(await stored(bob, "wcm")).toBe(0);
    await network.close();
  });
});
