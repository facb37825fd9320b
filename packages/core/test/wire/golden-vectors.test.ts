import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { isRemoteLogError, type RemoteLogError } from "../../src/errors/index.ts";
import { decodeGenesis, encodeGenesis } from "../../src/wire/genesis-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { decodeMvdsMessage, encodeMvdsMessage, mvdsMessageId } from "../../src/wire/mvds-message.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { fromHex, toHex } from "./hex.ts";

interface Vectors {
  readonly valid: readonly {
    readonly name: string;
    readonly canonical: boolean;
    readonly hex: string;
    readonly value: unknown;
    readonly id?: string;
  }[];
  readonly malformed: readonly {
    readonly name: string;
    readonly reason: string;
    readonly code: string;
    readonly names: readonly string[];
    readonly hex: string;
  }[];
}

/** Decoded values in the form that the vectors give them in. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return value.toString();
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function errorOf(run: () => unknown): RemoteLogError {
  try {
    run();
  } catch (error) {
    if (isRemoteLogError(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

function check<T>(
  file: string,
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  identify?: (bytes: Uint8Array, value: T) => Uint8Array,
): void {
  const vectors = JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")) as Vectors;

  describe(`${file}`, () => {
    test.each(vectors.valid)("$name: decodes to the known value", ({ hex, value }) => {
      expect(plain(decode(fromHex(hex)))).toEqual(value);
    });

    const canonical = vectors.valid.filter((vector) => vector.canonical);
    const others = vectors.valid.filter((vector) => !vector.canonical);

    test.each(canonical)("$name: is encoded as known", ({ hex }) => {
      expect(toHex(encode(decode(fromHex(hex))))).toBe(hex);
    });

    test.each(others)("$name: is encoded in another form, which means the same", ({ hex, value }) => {
      const encoded = encode(decode(fromHex(hex)));
      expect(toHex(encoded)).not.toBe(hex);
      expect(plain(decode(encoded))).toEqual(value);
    });

    test.each(vectors.malformed)("$name: is refused ($reason)", ({ hex, code, names }) => {
      const error = errorOf(() => decode(fromHex(hex)));
      expect(error.code).toBe(code);
      for (const name of names) expect(error.message).toContain(name);
    });

    if (identify === undefined) return;
    test.each(vectors.valid)("$name: has the known id", ({ hex, id }) => {
      expect(toHex(identify(fromHex(hex), decode(fromHex(hex))))).toBe(id);
    });
  });
}

check("remote-log.json", decodeRemoteLog, encodeRemoteLog);
check("index-node.json", decodeIndexNode, encodeIndexNode);
check("genesis.json", decodeGenesis, encodeGenesis, (bytes) => sha256(bytes));
check("mvds-message.json", decodeMvdsMessage, encodeMvdsMessage, (_, message) => mvdsMessageId(message));
