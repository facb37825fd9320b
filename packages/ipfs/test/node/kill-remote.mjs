import { ipfsRemote } from "@remote-log/ipfs";

/** The remote of a writer that is killed, from what the test says of the node. */
export function openRemote(place) {
  const { rpc, nameKey } = JSON.parse(place);
  return ipfsRemote({ node: rpc, nameKey: Buffer.from(nameKey, "hex"), label: "ipfs" });
}
