// Names of which only the service can tell whether compare-and-set is enforced: the cases hold them to what it says.

import { type ConformanceFixture, checkConformance } from "@remote-log/conformance";
import type { CompareAndSet, NameCapabilities } from "@remote-log/core";
import { memoryNames } from "@remote-log/memory";
import { expect, test } from "vitest";

function fixtureOf(
  declared: NameCapabilities["compareAndSet"],
  probed: CompareAndSet | undefined,
): ConformanceFixture {
  const create = async () => {
    const names = memoryNames();
    const capabilities = { ...names.capabilities, compareAndSet: declared };
    return { names: { ...names, capabilities, ...(probed && { probeCompareAndSet: async () => probed }) } };
  };
  return { name: "probed", create };
}

const only = ["NS-DECL", "NS-UPDATE"];

test("the cases are those for what the service says", async () => {
  const report = await checkConformance(fixtureOf("probed", "atomic"), { only });
  expect(report.expected).toBe(true);
  expect(report.declared.names?.compareAndSet).toBe("atomic");
  const skipped = report.results.filter(({ status }) => status === "skipped").map(({ id }) => id);
  expect(skipped).toEqual(expect.arrayContaining(["NS-UPDATE-13", "NS-UPDATE-14"]));
  expect(skipped).not.toContain("NS-UPDATE-03");
});

test.each([
  ["probed", undefined],
  ["atomic", "atomic"],
] as const)("that it is %s, with the question answered by %s, is refused", async (declared, probed) => {
  const { results, expected } = await checkConformance(fixtureOf(declared, probed), { only: ["NS-DECL-01"] });
  expect(expected).toBe(false);
  expect(results[0]).toMatchObject({ status: "failed" });
  expect(JSON.stringify(results[0])).toContain("probeCompareAndSet");
});
