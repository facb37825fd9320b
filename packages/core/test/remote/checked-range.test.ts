// Parts of contents, which nothing verifies but their length.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address, addressOf, rawSha256 } from "../../src/index.ts";
import { getPart } from "../../src/remote/checked-range.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

const content = new TextEncoder().encode("the content");
const address = await addressOf(content, rawSha256);
const { signal } = new AbortController();
const range = { offset: 4, length: 3 };

test("a part is asked for by its range, with the limit and the signal, and copied", async () => {
  const storage = new ScriptedStorage(new Map());
  const given = content.slice(4, 7);
  const asked: unknown[] = [];
  storage.before = async (_address, options) => {
    asked.push(options);
    return given;
  };
  const part = await getPart(storage, address, range, { maxBytes: 99, signal });
  given.fill(0);
  expect(new TextDecoder().decode(part)).toBe("con");
  expect(asked).toEqual([{ range, maxBytes: 99, signal }]);
});

test.each([0, 2, 4])("%d bytes in place of 3 are refused", async (length) => {
  const storage = new ScriptedStorage(new Map());
  storage.before = async () => content.slice(0, length);
  const error = await failure(getPart(storage, address, range, { maxBytes: 99, signal }));
  expect(error).toMatchObject({ code: "ERR_INTEGRITY", operation: "storage.get" });
  expect(error.message).toContain(`scripted returned ${length} bytes of a part of ${address}, and 3 were`);
});

test("nothing is asked for an address of another kind, or after an abort", async () => {
  const storage = new ScriptedStorage(new Map());
  const foreign = Address.create(0x55, 0x13, new Uint8Array(64).fill(7));
  const refused = await failure(getPart(storage, foreign, range, { maxBytes: 99, signal }));
  expect(refused).toMatchObject({ code: "ERR_INTEGRITY" });
  const aborted = AbortSignal.abort("gave up");
  expect(await failure(getPart(storage, address, range, { maxBytes: 99, signal: aborted }))).toBe("gave up");
  expect(storage.reads).toEqual([]);
});
