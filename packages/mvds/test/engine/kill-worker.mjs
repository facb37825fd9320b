// Runs the engine of a node that its parent kills. Test of kill.test.ts.
import { constantBackOff, openEngine } from "@remote-log/mvds";
import { ClassicLevel } from "classic-level";

const group = new Uint8Array(32).fill(7);
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const engine = await openEngine({
  database: new ClassicLevel(process.argv[2]),
  now: () => 1_800_000_000,
  random: () => 0.5,
  backOff: constantBackOff(1),
  order: "consistent",
  onMessage: ({ id }) => void process.send({ delivered: hex(id) }),
});
await engine.setGroup(group, ["alice"]);
await engine.settled();
const take = async ({ payload, sends }) => {
  if (payload !== undefined) await engine.receive("alice", new Uint8Array(Buffer.from(payload, "hex")));
  if (sends !== undefined) process.send({ sent: hex((await engine.send(group, Buffer.from(sends))).id) });
  for (const outgoing of await engine.tick()) process.send({ payload: hex(outgoing.payload) });
  process.send({ done: true });
};
process.on("message", (word) => void take(word));
process.send({ done: true });
