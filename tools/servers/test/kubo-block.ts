import type { KuboServer } from "../src/kubo/server.ts";

/** Puts a text as a raw block, and says its CID. */
export async function putBlock({ rpc }: KuboServer, text: string): Promise<string> {
  const form = new FormData();
  form.set("file", new Blob([text]));
  const answer = await fetch(`${rpc}/api/v0/block/put?cid-codec=raw`, { method: "POST", body: form });
  return ((await answer.json()) as { Key: string }).Key;
}
