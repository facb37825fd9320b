import { Bee, MerkleTree } from "@ethersphere/bee-js";

// What bee-js makes of the same input. None of this sends a request.
const bee = new Bee("http://127.0.0.1:16330");

/** A chunk, as bee-js makes it. */
export function beeJsChunk(payload: Uint8Array, span?: bigint) {
  const chunk = bee.makeContentAddressedChunk(payload, span);
  return { address: chunk.address.toHex(), data: hex(chunk.data), chunk };
}

/** A single-owner chunk around a payload, as bee-js makes it. */
export function beeJsOwnerChunk(key: Uint8Array, id: Uint8Array, payload: Uint8Array, span?: bigint) {
  const made = beeJsChunk(payload, span).chunk.toSingleOwnerChunk(id, key);
  return {
    address: made.address.toHex(),
    data: hex(made.data),
    owner: made.owner.toHex(),
    signature: made.signature.toHex(),
  };
}

/** Whether bee-js takes bytes for the single-owner chunk of an address. */
export function beeJsAccepts(data: Uint8Array, address: Uint8Array): boolean {
  try {
    bee.unmarshalSingleOwnerChunk(data, address);
    return true;
  } catch {
    return false;
  }
}

/** The address and the span of every chunk of a content that is not empty, in the order in which bee-js ends them. */
export async function beeJsTree(content: Uint8Array): Promise<{ address: string; span: bigint }[]> {
  const chunks: { address: string; span: bigint }[] = [];
  const tree = new MerkleTree(async (chunk) => {
    chunks.push({ address: hex(chunk.hash()), span: chunk.span });
  });
  await tree.append(content);
  await tree.finalize();
  return chunks;
}

/** Bytes in hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
