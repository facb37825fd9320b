import { swarmRemote } from "@remote-log/swarm";

/** The remote of a writer that is killed, from what the test says of the node. */
export function openRemote(place) {
  const { bee, stamp, nameKey } = JSON.parse(place);
  return swarmRemote({ bee, stamp, nameKey: Buffer.from(nameKey, "hex"), label: "swarm" });
}
