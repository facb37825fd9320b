import { type BeeServer, startBee } from "@remote-log/servers";
import { afterAll } from "vitest";

/** Does something after the last test of the file. */
export function atEnd(end: () => unknown): void {
  afterAll(async () => {
    await end();
  });
}

/** A node, or several with one network, of this file's own. They end with it. */
export async function beeOfFile(options: Parameters<typeof startBee>[0] = {}): Promise<BeeServer> {
  const bee = await startBee(options);
  atEnd(() => bee.stop());
  return bee;
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
