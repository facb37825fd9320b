import { expect, test } from "vitest";
import { checkLogId, createGenesis, defaultSettings, logIdOf, readGenesis } from "../../src/log/genesis.ts";

const signingKey = new Uint8Array(32).fill(1);
const recoveryKeyHash = new Uint8Array(32).fill(2);

test("a genesis record says what it was made from, and its id is its hash", () => {
  const settings = { identifiers: "mvds", leafSize: 4, fanOut: 8, signingKey } as const;
  for (const written of [
    { ...settings, visibility: "public" },
    { ...settings, visibility: "private", padding: "padme" },
    { ...settings, visibility: "private", padding: "none" },
  ] as const) {
    const { genesis, bytes, logId } = createGenesis(written);
    expect(genesis).toStrictEqual(written);
    expect(readGenesis(bytes)).toStrictEqual({ genesis, bytes, logId });
    expect(logIdOf(bytes)).toBe(logId);
  }
});

test("logs are private, and padded, unless something else is said", () => {
  expect(defaultSettings).toEqual({
    identifiers: "sha256",
    visibility: "private",
    padding: "padme",
    leafSize: 8,
    fanOut: 128,
  });
});

test("a genesis record keeps the hash of a recovery key, which is a part of the log's id", () => {
  const without = createGenesis({ ...defaultSettings, visibility: "public", signingKey });
  const { genesis, logId } = createGenesis({
    ...defaultSettings,
    visibility: "public",
    signingKey,
    recoveryKeyHash,
  });
  expect(genesis.recoveryKeyHash).toEqual(recoveryKeyHash);
  expect("recoveryKeyHash" in without.genesis).toBe(false);
  expect(logId).not.toBe(without.logId);
});

const logId = "0123456789abcdef".repeat(4);

test("a log id is read as its 32 bytes", () => {
  expect(Buffer.from(checkLogId(logId)).toString("hex")).toBe(logId);
});

test.each([
  ["empty", ""],
  ["a digit short", logId.slice(1)],
  ["a digit long", `${logId}0`],
  ["in upper case", logId.toUpperCase()],
  ["with something before it", `x${logId}`],
  ["in an array", [logId] as never],
  ["with something behind it", `${logId}\n`],
])("a log id that is %s is refused with ERR_INVALID_INPUT", (_, other) => {
  expect(() => checkLogId(other)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});
