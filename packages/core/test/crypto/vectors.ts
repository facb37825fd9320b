import { readFileSync } from "node:fs";

/** Reads a file of known answers. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
}

export function bytesFromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

export function hexFrom(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
