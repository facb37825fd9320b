import {
  type MvdsEvent,
  type MvdsNode,
  memoryNetwork,
  type NodeOptions,
  openNode,
  type Transport,
} from "@remote-log/mvds";
import { until } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";

const GROUP = new Uint8Array(32).fill(7);
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

interface Life {
  readonly node: MvdsNode;
  readonly delivered: string[];
  readonly events: MvdsEvent[];
}

async function open(options: Partial<NodeOptions>): Promise<Life> {
  const delivered: string[] = [];
  const events: MvdsEvent[] = [];
  const node = await openNode({
    database: new MemoryLevel<Uint8Array, Uint8Array>(),
    epochMilliseconds: 5,
    onMessage: ({ body }) => void delivered.push(new TextDecoder().decode(body)),
    onEvent: (event) => void events.push(event),
    ...options,
  });
  atEnd(() => node.close());
  return { node, delivered, events };
}

const isSilent = ({ node }: Life): boolean => Object.keys(node.status().waiting).length === 0;

test("two nodes bring their messages to each other by their own clocks, and are silent then", async () => {
  const sent: string[] = [];
  const network = memoryNetwork({ loses: (from) => sent.push(from) % 3 === 0 });
  const alice = await open({ transport: network.transport("alice") });
  const bob = await open({ transport: network.transport("bob"), mode: "interactive" });
  await alice.node.setGroup(GROUP, ["bob"]);
  await bob.node.setGroup(GROUP, ["alice"]);
  for (let i = 0; i < 5; i++) await alice.node.send(GROUP, text(`a${i}`));
  const { id } = await bob.node.send(GROUP, text("b"));
  await until(() => isSilent(alice) && isSilent(bob), { what: "silence", progress: () => sent.length });
  expect(bob.delivered.sort()).toEqual(["a0", "a1", "a2", "a3", "a4"]);
  expect(alice.delivered).toEqual(["b"]);
  expect((await alice.node.message(id))?.peer).toBe("bob");
  expect(alice.node.groups()).toEqual([{ groupId: GROUP, members: ["bob"] }]);
});

test("when a peer comes online by the word of the transport, what waits for it is sent at once", async () => {
  const network = memoryNetwork();
  const alice = await open({ transport: network.transport("alice"), backOff: () => 1e9 });
  const bob = await open({ transport: network.transport("bob") });
  await alice.node.setGroup(GROUP, ["bob"]);
  await bob.node.setGroup(GROUP, ["alice"]);
  network.setOnline("bob", false);
  await alice.node.send(GROUP, text("hello"));
  await until(() => alice.events.length > 0, {
    what: "a failure to send",
    progress: () => alice.node.status().epoch,
  });
  expect(alice.events).toEqual([
    { kind: "send-failed", peer: "bob", error: expect.objectContaining({ code: "ERR_UNREACHABLE" }) },
  ]);
  network.setOnline("bob", true);
  await until(() => bob.delivered.length > 0, {
    what: "the message",
    progress: () => bob.node.status().epoch,
  });
  expect(bob.delivered).toEqual(["hello"]);
});

test("a peer to which a payload is on its way gets no other one meanwhile", async () => {
  const ends: (() => void)[] = [];
  const transport: Transport = {
    send: () => new Promise((resolve) => void ends.push(resolve)),
    receive: async function* () {},
  };
  const alice = await open({ transport, backOff: () => 1 });
  await alice.node.setGroup(GROUP, ["bob"]);
  await alice.node.send(GROUP, text("hello"));
  await until(() => ends.length === 1, { what: "a payload", progress: () => alice.node.status().epoch });
  const { epoch } = alice.node.status();
  await until(() => alice.node.status().epoch > epoch + 5, {
    what: "epochs",
    progress: () => alice.node.status().epoch,
  });
  expect(ends.length).toBe(1);
  ends[0]!();
  await until(() => ends.length === 2, {
    what: "the next payload",
    progress: () => alice.node.status().epoch,
  });
  ends[1]!();
  alice.node.engine.setGroup(GROUP, []).catch(() => undefined);
  // Closing waits for what is on its way.
  for (const end of ends) end();
  await alice.node.close();
});

test("a transport that fails to receive is told, and asked again", async () => {
  let asked = 0;
  const transport: Transport = {
    send: async () => undefined,
    receive: () => {
      asked++;
      throw new Error("no network");
    },
  };
  const alice = await open({ transport });
  await until(() => asked > 2, { what: "another attempt", progress: () => asked });
  expect(alice.events[0]).toEqual({
    kind: "receive-failed",
    error: expect.objectContaining({ message: "no network" }),
  });
});

test("a database that fails stops the node, which tells it", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const network = memoryNetwork();
  const alice = await open({ database, transport: network.transport("alice") });
  await alice.node.setGroup(GROUP, ["bob"]);
  database.batch = (() => Promise.reject(new Error("disk full"))) as never;
  await expect(alice.node.send(GROUP, text("x"))).rejects.toMatchObject({ code: "ERR_JOURNAL" });
  await until(() => alice.events.length > 0, { what: "the end", progress: () => alice.events.length });
  expect(alice.events).toEqual([
    { kind: "stopped", error: expect.objectContaining({ code: "ERR_JOURNAL" }) },
  ]);
  await network.transport("bob").send("alice", new Uint8Array());
  await alice.node.close();
});

test("without a transport a node keeps what is sent, and delivers what an earlier run left", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const first = await open({ database });
  await first.node.setGroup(GROUP, ["bob"]);
  await first.node.send(GROUP, text("x"), { parents: [] });
  await first.node.peerOnline("bob");
  await first.node.close();
  await expect(first.node.send(GROUP, text("y"))).rejects.toMatchObject({ code: "ERR_CLOSED" });
  const second = await open({ database });
  expect(second.node.status()).toMatchObject({ waiting: { bob: 1 }, unlogged: 1 });
  await second.node.removeGroup(GROUP);
  expect(second.node.groups()).toEqual([]);
});

test.each([
  ["transport", { transport: {} }],
  ["writer", { logs: { readers: new Map() } }],
  ["map of readers", { logs: { writer: { appendAll() {}, entries() {} }, readers: {} } }],
  ["list of logs", { logs: [] }],
  ["epochMilliseconds", { epochMilliseconds: 0 }],
  ["now", { now: 1 }],
  ["random", { random: 1 }],
  ["onMessage", { onMessage: undefined }],
])("a wrong %s is refused", async (_, wrong) => {
  await expect(open(wrong as never)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
});
