import crypto, { hkdfSync } from "node:crypto";
import { expect, test, vi } from "vitest";
import { keyIdOf } from "../../src/log/epoch-keys.ts";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { ReadKey, readKeyOf } from "../../src/log/read-key.ts";
import { sealingOf } from "../../src/log/sealing-of.ts";

const signingKey = new Uint8Array(32).fill(9);
const content = new TextEncoder().encode("hello");
const log = createGenesis({ ...defaultSettings, signingKey });
const key = new ReadKey(new Uint8Array(32).fill(1));

test("a key opens what was delivered sealed, for the log that it was sealed for", () => {
  const { id, localHash, stored } = sealingOf(log, key).seal(7, content);
  const sealed = { sequence: 7, id: localHash, content: stored };
  expect(key.open(log, sealed)).toEqual({ sequence: 7, id, content });
  // Again, and for another log in between: each has keys of its own.
  const other = createGenesis({ ...defaultSettings, signingKey, leafSize: 16 });
  expect(() => key.open(other, sealed)).toThrow(expect.objectContaining({ code: "ERR_NO_KEY" }));
  expect(key.open(log, sealed)).toEqual({ sequence: 7, id, content });
  expect(key.sealingOf(log)).toBe(key.sealingOf(log));
});

test("of a public log there is nothing to open", () => {
  const open = createGenesis({ ...defaultSettings, visibility: "public", signingKey });
  expect(key.open(open, { sequence: 2, id: signingKey, content })).toEqual({
    sequence: 2,
    id: signingKey,
    content,
  });
});

test("a key has 32 bytes, which are copied, and is not shown", () => {
  for (const length of [0, 31, 33]) {
    expect(() => new ReadKey(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "read-key.create" }),
    );
  }
  expect(() => new ReadKey("k".repeat(32) as never)).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
  const given = new Uint8Array(32).fill(5);
  const made = new ReadKey(given);
  given.fill(0);
  made.toBytes().fill(0);
  expect(made.toBytes()).toEqual(new Uint8Array(32).fill(5));
  expect([JSON.stringify({ made }), String(made)]).toEqual(['{"made":"[read key]"}', "[read key]"]);
});

test("every epoch has a key of its own, as the document says", () => {
  const secret = new Uint8Array(32).fill(3);
  for (const epoch of [0, 1, 12]) {
    const info = `remote-log/v1/epoch/${epoch}`;
    const expected = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, 32));
    expect(readKeyOf(secret, epoch).toBytes()).toEqual(expected);
  }
});

test("what opens the entries of a log goes as far as the epochs to which the key leads", async () => {
  const sealed = sealingOf(log, key).seal(7, content);
  for (const epochs of [undefined, []])
    expect((await key.openingOf(log, epochs)).open(7, sealed).content).toEqual(content);
  const first = { first: 0, keyId: keyIdOf(key.toBytes(), log.logId) };
  const opening = await key.openingOf(log, [first, { first: 7, keyId: new Uint8Array(16) }]);
  expect(() => opening.open(7, sealed)).toThrow(
    expect.objectContaining({ code: "ERR_NO_KEY", reason: "other-epoch" }),
  );
});

test("long entries are opened by the runtime's cipher, if it has one", async () => {
  const sealed = sealingOf(log, key).seal(7, new Uint8Array(5000));
  const native = vi.spyOn(crypto, "createDecipheriv");
  try {
    vi.resetModules();
    const fresh = await import("../../src/log/read-key.ts");
    const opening = await new fresh.ReadKey(key.toBytes()).openingOf(log, undefined);
    native.mockClear();
    expect(opening.open(7, sealed).content).toEqual(new Uint8Array(5000));
    expect(native).toHaveBeenCalledTimes(1);
  } finally {
    native.mockRestore();
  }
});
