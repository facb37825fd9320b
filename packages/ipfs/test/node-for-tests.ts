import { type KuboServer, startKubo } from "@remote-log/servers";
import { afterAll } from "vitest";

/** Does something after the last test of the file. */
export function atEnd(end: () => unknown): void {
  afterAll(async () => {
    await end();
  });
}

/** A node of this file's own, which ends with it. */
export async function nodeOfFile(options: Parameters<typeof startKubo>[0] = {}): Promise<KuboServer> {
  const node = await startKubo(options);
  atEnd(() => node.stop());
  return node;
}

/** Sends a command to a node as a person would, and gives what it answers, as text. */
export async function command(node: Pick<KuboServer, "rpc">, path: string): Promise<string> {
  const response = await fetch(`${node.rpc}/api/v0/${path}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text;
}

/** Bytes unlike all others. */
export function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("It did not fail.");
}
