// What a group is opened and called with: a wrong one is told at once, with what is expected.

import { generateSeed } from "@remote-log/core";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { checkCallOptions, checkGroupOptions, checkMessage, checkSource } from "../src/check-options.ts";
import { type GroupOptions, jsonCodec, openGroup } from "../src/index.ts";

type Wrong = Readonly<Record<string, unknown>>;

function right(): GroupOptions<unknown> {
  return {
    seed: generateSeed(),
    journal: new MemoryLevel(),
    store: new MemoryLevel(),
    codec: jsonCodec(),
    sync: "manual",
  };
}

function refusal(work: () => void): { readonly operation: string; readonly message: string } {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ name: "InvalidInputError", code: "ERR_INVALID_INPUT" });
    return error as ReturnType<typeof refusal>;
  }
  throw new Error("Nothing was refused.");
}

test.each<[Wrong, string]>([
  [{ seed: undefined }, "`seed` of openGroup must be a Uint8Array of 32 bytes, such as `await loadOrCreate"],
  [{ seed: Promise.resolve() }, "put `await` before the call"],
  [
    { journal: undefined },
    "`journal` of openGroup must be an abstract-level database, such as `new ClassicLevel(",
  ],
  [{ store: "folder" }, "`store` of openGroup must be an abstract-level database"],
  [{ codec: undefined }, "`codec` of openGroup must be a codec, such as `jsonCodec()` returns"],
  [{ codec: jsonCodec }, "`codec` of openGroup must be a codec"],
  [{ codec: { ...jsonCodec(), type: 5 } }, "`type` of the codec must be a string"],
  [{ codec: { ...jsonCodec(), version: "1" } }, "`version` of the codec must be a number"],
  [{ codec: jsonCodec({ version: -1 }) }, "version must be a whole number from 0"],
  [{ codec: jsonCodec({ version: 2 ** 48 }) }, "version must be a whole number from 0 to 281474976710655"],
  [
    { codec: jsonCodec({ type: "x".repeat(65) }) },
    "The `type` of the codec has at most 64 characters, not 65",
  ],
  [
    { remotes: [] },
    "`remotes` of openGroup must be a function that opens remotes, such as `() => [{ remote:",
  ],
  [{ schemes: [] }, "`schemes` of openGroup must be an object such as"],
  [{ schemes: { "file:": {} } }, '`schemes["file:"]` of openGroup must be a function that opens a remote'],
  [{ schemes: { file: () => undefined } }, '`schemes["file"]` of openGroup: a scheme ends with its colon'],
  [{ schemes: { "file:x": () => undefined } }, "a scheme ends with its colon"],
  [{ schemes: { "file:x:": () => undefined } }, "a scheme ends with its colon"],
  [{ invite: null }, "`invite` of openGroup must be a string, as `group.invite()` of a member returns it"],
  [{ name: 5 }, "`name` of openGroup must be a string"],
  [{ sync: "never" }, '`sync` of openGroup must be "auto" or "manual"'],
  [{ pollMilliseconds: "5" }, "`pollMilliseconds` of openGroup must be a number"],
  [{ retries: -1 }, "retries must be a whole number from 0"],
  [{ retries: 1.5 }, "retries must be a whole number from 0"],
  [{ now: 5 }, "`now` of openGroup must be a function"],
  [{ onStatus: 5 }, "`onStatus` of openGroup must be a function"],
  [{ onUndecodable: 5 }, "`onUndecodable` of openGroup must be a function"],
  [{ onWithdrawn: 5 }, "`onWithdrawn` of openGroup must be a function"],
])("openGroup with %o is refused", (wrong, message) => {
  const told = refusal(() => checkGroupOptions({ ...right(), ...wrong }));
  expect(told).toMatchObject({
    operation: "group.open",
    message: expect.stringContaining(message) as string,
  });
});

test("openGroup takes what is right, and nothing instead of options is told", async () => {
  checkGroupOptions({ ...right(), codec: jsonCodec({ type: "x".repeat(64), version: 2 ** 48 - 1 }) });
  checkGroupOptions({ ...right(), codec: jsonCodec({ type: "", version: 0 }), retries: 0, schemes: {} });
  checkGroupOptions({ ...right(), schemes: { "file:": () => undefined as never } });
  await expect(openGroup(undefined as never)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    message: "The options of openGroup must be an object, not undefined.",
  });
});

test.each<[unknown, string]>([
  [undefined, "What `remotes` of openGroup returns must be an array, not undefined."],
  [[{ uri: "file:x" }], "`remote` of what `remotes` of openGroup returns must be an object"],
  [
    [{ remote: {} }],
    '`uri` of what `remotes` of openGroup returns must be a URI, such as "s3:bucket/prefix"',
  ],
])("remotes that are %o are refused, and the databases are free again", async (remotes, message) => {
  const options = right();
  const wrong = { ...options, remotes: () => remotes } as GroupOptions<unknown>;
  await expect(openGroup(wrong)).rejects.toMatchObject({
    ...{ code: "ERR_INVALID_INPUT", operation: "group.open" },
    message: expect.stringContaining(message) as string,
  });
  await (await openGroup(options)).close();
});

test.each<[Parameters<typeof checkCallOptions>[1], Wrong]>([
  ["append", { attachments: "x" }],
  ["append", { signal: 5 }],
  ["attach", { resume: 5 }],
  ["attach", { onProgress: 5 }],
  ["attach", { signal: 5 }],
  ["messages", { live: 1 }],
  ["messages", { signal: 5 }],
  ["invite", { admin: 1 }],
  ["invite", { history: 1 }],
  ["invite", { ownDevice: 1 }],
  ["invite", { validMilliseconds: "5" }],
  ["invite", { signal: 5 }],
  ["remove", { signal: 5 }],
  ["sync", { signal: 5 }],
  ["takeBackInvitation", { signal: 5 }],
  ["watch", { signal: 5 }],
])("%s with %o is refused", (call, wrong) => {
  const [option] = Object.keys(wrong);
  expect(refusal(() => checkCallOptions(wrong, call))).toMatchObject({
    operation: `group.${call}`,
    message: expect.stringContaining(`\`${option}\` of ${call} must be`) as string,
  });
  expect(refusal(() => checkCallOptions(true, call)).message).toContain(`The options of ${call} must be`);
  checkCallOptions({}, call);
});

test("every call looks at its options", async () => {
  const group = await openGroup(right());
  const wrong = { signal: 5 } as never;
  const calls = {
    append: () => group.append("x", wrong),
    attach: () => group.attach(new Uint8Array(1), wrong),
    messages: () => group.messages(wrong).next(),
    invite: () => group.invite(wrong),
    remove: () => group.remove(group.self, wrong),
    sync: () => group.sync(wrong),
    takeBackInvitation: () => group.takeBackInvitation("", wrong),
    watch: () => group.watch(wrong).next(),
  };
  for (const [call, work] of Object.entries(calls))
    await expect(work(), call).rejects.toMatchObject({
      ...{ code: "ERR_INVALID_INPUT", operation: `group.${call}` },
      message: expect.stringContaining("must be an AbortSignal") as string,
    });
  await group.close();
});

test("a message is bytes with at most 64 attachments", () => {
  checkMessage(new Uint8Array(0), Array(64).fill({}));
  expect(refusal(() => checkMessage(new Uint8Array(0), Array(65).fill({}))).message).toBe(
    "A message has at most 64 attachments, not 65.",
  );
  const { operation, message } = refusal(() => checkMessage("{}", []));
  expect([operation, message]).toEqual([
    "group.append",
    "What `encode` of the codec returns must be a Uint8Array, not a string.",
  ]);
});

test("what is attached is bytes, or gives bytes", () => {
  const stream = { getReader: () => undefined };
  for (const source of [new Uint8Array(0), [], new Map(), (async function* () {})(), stream])
    checkSource(source);
  for (const source of [undefined, null, "text", 5, {}, new ArrayBuffer(1), new Blob(["x"])])
    expect(refusal(() => checkSource(source))).toMatchObject({
      operation: "group.attach",
      message: expect.stringContaining("What is attached must be a Uint8Array, a stream of them") as string,
    });
});

test("what nobody could read gets no number, and what comes after it is read", async () => {
  const options = right();
  const place = { parts: [{ first: 0, count: 1 }], bytes: 1, size: 1, key: new Uint8Array(32) };
  const codec = {
    ...jsonCodec<unknown>(),
    encode: (value: unknown) => (value === "text" ? "text" : new TextEncoder().encode(JSON.stringify(value))),
  };
  const group = await openGroup({ ...options, codec: codec as typeof options.codec });
  const appends: (() => Promise<unknown>)[] = [
    () => group.append("text"),
    () => group.append(1, { attachments: Array(65).fill(place) as (typeof place)[] }),
    () => group.append(1, { attachments: [undefined as never] }),
    () => group.append(1, { attachments: [JSON.parse(JSON.stringify(place)) as never] }),
    () => group.append(1, { attachments: [{ ...place, size: 0 }] }),
  ];
  for (const append of appends)
    await expect(append()).rejects.toMatchObject({ code: "ERR_INVALID_INPUT", operation: "group.append" });
  const attaches: unknown[] = ["text", [5], new Set(["text"])];
  for (const source of attaches)
    await expect(group.attach(source as never)).rejects.toMatchObject({
      ...{ code: "ERR_INVALID_INPUT", operation: "group.attach" },
    });
  const { id } = await group.append("good", { attachments: [await group.attach(new Uint8Array([1, 2]))] });
  expect(id).toBe(`${group.self}:0`);
  const values: unknown[] = [];
  for await (const { value, attachments } of group.messages()) {
    values.push(value);
    for (const from of [-1, 0.5, Number.NaN, "1"])
      await expect(attachments[0]!.open({ from: from as number }).next()).rejects.toMatchObject({
        ...{ code: "ERR_INVALID_INPUT", operation: "group.attachment" },
      });
    for await (const bytes of attachments[0]!.open({ from: 1 })) values.push([...bytes]);
  }
  expect(values).toEqual(["good", [2]]);
  await group.close();
});
