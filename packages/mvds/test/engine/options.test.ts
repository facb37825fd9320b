import { defaultEngineLimits, type EngineOptions, openEngine } from "@remote-log/mvds";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { fillOptions } from "../../src/engine/options.ts";

const given: EngineOptions = {
  database: new MemoryLevel<Uint8Array, Uint8Array>(),
  now: () => 1,
  random: () => 0,
  onMessage: () => undefined,
};

test("the limits are those of the documentation", () => {
  expect(defaultEngineLimits).toEqual({
    maxPayloadBytes: 1_048_576,
    maxGroupMessages: 65_536,
    maxGroupBytes: 268_435_456,
    maxOutgoing: 4096,
    maxRequests: 1024,
    maxWaiting: 4096,
    maxInbox: 1024,
    maxReactions: 4096,
    maxMembers: 256,
    maxParents: 32,
  });
  expect(Object.isFrozen(defaultEngineLimits)).toBe(true);
});

test("options that are not given are those of the documentation, also if they are given as undefined", () => {
  const { backOff, modeOf, onEvent, ...filled } = fillOptions({
    ...given,
    limits: { maxInbox: 7, maxMembers: undefined },
    relay: undefined,
  });
  expect(filled).toEqual({
    ...given,
    dialect: "production",
    mode: "batch",
    order: "eventual",
    relay: false,
    maxSendCount: Number.POSITIVE_INFINITY,
    maxRequestCount: 14,
    onlineSpread: 1,
    limits: { ...defaultEngineLimits, maxInbox: 7 },
  });
  expect([1, 2, 11, 12].map((count) => backOff(count, () => 0.5))).toEqual([2, 4, 2048, 2]);
  expect(modeOf("toString")).toBe("batch");
  expect(onEvent({ kind: "forgotten", id: new Uint8Array(32) })).toBeUndefined();
});

test.each<[string, object]>([
  ["no database", { database: undefined }],
  ["a database that is none", { database: {} }],
  ["no clock", { now: undefined }],
  ["no chance", { random: undefined }],
  ["nobody who gets messages", { onMessage: undefined }],
  ["events for a text", { onEvent: "told" }],
  ["a dialect that there is not", { dialect: "vac" }],
  ["a mode that there is not", { mode: "eager" }],
  ["a peer's mode that there is not", { peerModes: { bob: "eager" } }],
  ["modes that are a text", { peerModes: "batch" }],
  ["an order that there is not", { order: "causal" }],
  ["relaying that is a text", { relay: "yes" }],
  ["a back-off that is a number", { backOff: 2 }],
  ["a count that is a text", { maxSendCount: "14" }],
  ["half a count", { maxRequestCount: 0.5 }],
  ["a count of nothing", { maxSendCount: 0 }],
  ["a spread of nothing", { onlineSpread: 0 }],
  ["limits that are a number", { limits: 5 }],
  ["half a limit", { limits: { maxInbox: 1.5 } }],
  ["a limit below one", { limits: { maxOutgoing: 0 } }],
  ["payloads over 16 MiB", { limits: { maxPayloadBytes: 2 ** 24 + 1 } }],
])("%s is refused", async (_, wrong) => {
  await expect(openEngine({ ...given, ...wrong })).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    operation: "mvds.open",
  });
});

test("counts without end, the largest payloads, and modes of both kinds are taken", () => {
  const { maxSendCount, limits, modeOf } = fillOptions({
    ...given,
    maxSendCount: Number.POSITIVE_INFINITY,
    maxRequestCount: 1,
    limits: { maxPayloadBytes: 2 ** 24, maxInbox: Number.POSITIVE_INFINITY },
    peerModes: { bob: "interactive", carol: "batch" },
  });
  expect([maxSendCount, limits.maxPayloadBytes, limits.maxInbox]).toEqual([
    Number.POSITIVE_INFINITY,
    2 ** 24,
    Number.POSITIVE_INFINITY,
  ]);
  expect(["bob", "carol", "dave"].map(modeOf)).toEqual(["interactive", "batch", "batch"]);
});
