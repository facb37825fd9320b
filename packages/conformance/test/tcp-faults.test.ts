import {
  checkConformance,
  conformanceCases,
  formatFailures,
  formatReport,
  type OpenOptions,
} from "@remote-log/conformance";
import { startTcpFaultProxy, type TcpFaultProxy } from "@remote-log/conformance/fault-proxy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CASE_MS } from "./patience.ts";
import { lineNames, lineStorage } from "./tcp/line-adapter.ts";
import { type LineBugs, LineClient } from "./tcp/line-client.ts";
import { lineProtocol } from "./tcp/line-proxy.ts";
import { type LineService, startLineService } from "./tcp/line-service.ts";

// The suite on a real adapter over a protocol that is not HTTP, with the proxy before a real service.

const TOKEN = "made-up-token-71d0";
/** Everything about faults, aborts and the end of an instance. */
const only = ["FAULT", "ABORT", "CLOSE"].flatMap((part) => [`CAS-${part}`, `NS-${part}`]);

let service: LineService;

beforeAll(async () => {
  service = await startLineService(TOKEN);
});

afterAll(() => service.stop());

function fixtureOf(bugs: LineBugs = {}) {
  const proxies = new Map<string, Promise<TcpFaultProxy>>();
  const open = async ({ namespace, signal }: OpenOptions) => {
    if (!proxies.has(namespace)) {
      const target = { host: "127.0.0.1", port: service.port };
      proxies.set(namespace, startTcpFaultProxy({ ...lineProtocol, target, signal }));
    }
    const proxy = await proxies.get(namespace)!;
    return {
      storage: lineStorage(new LineClient(proxy.port, TOKEN, bugs)),
      names: lineNames(new LineClient(proxy.port, TOKEN, bugs), namespace),
      requests: proxy.requests,
      faults: proxy.faults,
      secrets: [TOKEN],
    };
  };
  return { name: "line", create: open, reopen: open };
}

test("a sound adapter passes every case, and skips only what it does not declare", async () => {
  const report = await checkConformance(fixtureOf(), { only: ["CAS", "NS", "BOTH"], timeoutMs: CASE_MS });
  expect(formatFailures(report), formatReport(report)).toBe("");
  const skipped = report.results.filter(({ status }) => status === "skipped").map(({ reason }) => reason);
  expect([...new Set(skipped)].sort()).toEqual(
    [
      "not declared: list is false",
      "not declared: putMany",
      "not declared: ranges is false",
      "not declared: release is false",
      "not declared: watch is false",
      'only for absence "local": absence is "known"',
      'only for compareAndSet "none": compareAndSet is "atomic"',
    ].filter((reason) => skipped.includes(reason)),
  );
  const ran = new Set(report.results.filter(({ status }) => status === "passed").map(({ id }) => id));
  for (const { id, level, requires } of conformanceCases) {
    const isFault = requires.some((one) => one.startsWith("fault"));
    if (
      !isFault ||
      level === "MAY" ||
      requires.some((one) => /list|putMany|ranges|release|watch|local|loose/.test(one))
    )
      continue;
    if (/^(CAS|NS)/.test(id)) expect(ran).toContain(id);
  }
});

test("one that keeps connections whose answer is still to come is caught", async () => {
  const { results } = await checkConformance(fixtureOf({ keepsAborted: true }), {
    only,
    maxTimeouts: Infinity,
  });
  const failed = results.filter(({ status }) => status === "failed").map(({ id }) => id);
  expect(failed).toEqual(expect.arrayContaining(["CAS-FAULT-12", "CAS-FAULT-27"]));
});

test("one that takes every missing answer for a missing content is caught", async () => {
  const { results } = await checkConformance(fixtureOf({ lostIsNone: true }), {
    only: ["CAS-FAULT", "NS-FAULT"],
    timeoutMs: CASE_MS,
  });
  const failed = results.filter(({ status }) => status === "failed").map(({ id }) => id);
  expect(failed).toEqual(expect.arrayContaining(["CAS-FAULT-01", "CAS-FAULT-25", "NS-FAULT-01"]));
});

test("one that reads answers to their end, however long they are, is caught", async () => {
  const { results } = await checkConformance(fixtureOf({ collects: true }), {
    only: ["CAS-FAULT-33", "NS-FAULT-28"],
    timeoutMs: 1_500,
    maxTimeouts: Infinity,
  });
  expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual([
    "CAS-FAULT-33 failed",
    "NS-FAULT-28 failed",
  ]);
});
