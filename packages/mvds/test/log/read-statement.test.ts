import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { itemOf, READ_GROUP, readStatement } from "../../src/log/read-statement.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
const LOG = new Uint8Array(32).fill(0x11);
const OTHER = new Uint8Array(32).fill(0x12);

describe("a statement of what was read", () => {
  test("belongs to a group that follows from its name", () => {
    expect(hex(READ_GROUP)).toBe(createHash("sha256").update("remote-log/v1/mvds/read").digest("hex"));
  });

  test("has the bytes that follow from its definition", () => {
    const message = readStatement(
      [
        { logId: LOG, first: 0, end: 300 },
        { logId: OTHER, first: 5, end: 6 },
      ],
      7n,
    );
    const text = `0a 25 0a 20 ${"11".repeat(32)} 18 ac 02  0a 26 0a 20 ${"12".repeat(32)} 10 05 18 06`;
    expect(message).toEqual({
      groupId: READ_GROUP,
      timestamp: 7n,
      body: bytes(text),
      parents: [],
      ephemeral: false,
    });
    expect(itemOf(3, message)).toEqual({
      kind: "read",
      sequence: 3,
      reads: [
        { logId: LOG, first: 0, end: 300 },
        { logId: OTHER, first: 5, end: 6 },
      ],
    });
  });

  test.each([
    ["of bytes that are none", "ff"],
    ["without a log", "0a 02 18 01"],
    [
      "of too many logs",
      Array.from({ length: 1025 }, (_, i) => `0a 22 0a 20 ${i.toString(16).padStart(64, "0")}`).join(""),
    ],
    ["that names a log twice", `0a 22 0a 20 ${"11".repeat(32)}`.repeat(2)],
  ])("%s is nothing", (_, text) => {
    const message = { groupId: READ_GROUP, timestamp: 0n, body: bytes(text), parents: [], ephemeral: false };
    expect(itemOf(3, message)).toEqual({ kind: "other", sequence: 3 });
  });

  test("is told apart from messages and from anything else", () => {
    const message = { groupId: LOG, timestamp: 0n, body: LOG, parents: [], ephemeral: false };
    expect(itemOf(1, message)).toEqual({ kind: "message", sequence: 1, message });
    expect(itemOf(2, undefined)).toEqual({ kind: "other", sequence: 2 });
  });
});
