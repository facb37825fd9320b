// What a driver's answers become: a place that is missing, and whether compare-and-set is enforced.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { defineNames, type NameDriver } from "../../src/adapter/index.ts";
import type { NameResolver } from "../../src/index.ts";
import { nameDriver } from "./fake-drivers.ts";

test("that not even the place of a name is there is said, and nothing else besides", async () => {
  for (const [answer, expected] of [
    [{ placeMissing: true }, { status: "absent", placeMissing: true }],
    [{ placeMissing: false }, { status: "absent" }],
    [{ more: 1 }, { status: "absent" }],
  ] as const) {
    const resolve = async () => ({ status: "absent" as const, ...answer });
    const resolution = await defineNames(nameDriver({ resolve }).driver).resolve("name");
    expect(resolution).toStrictEqual(expected);
  }
});

test("a driver that has to ask whether compare-and-set is enforced is asked, and no other one", async () => {
  const contexts: unknown[] = [];
  const probeCompareAndSet: NameDriver["probeCompareAndSet"] = async ({ signal, context }) => {
    contexts.push(context);
    signal.throwIfAborted();
    return "atomic";
  };
  const capabilities = { compareAndSet: "probed" as const, readYourWrites: true, largestContent: 100 };
  const names = defineNames(nameDriver({ capabilities, probeCompareAndSet }).driver) as NameResolver;
  expect(await names.probeCompareAndSet!()).toBe("atomic");
  expect(contexts).toEqual([
    {
      operation: "names.probe",
      action: "finding out whether compare-and-set is enforced at the fake service",
    },
  ]);
  const aborted = names.probeCompareAndSet!({ signal: AbortSignal.abort("gave up") });
  expect(await failure(aborted)).toBe("gave up");
  for (const driver of [nameDriver({ probeCompareAndSet }).driver, nameDriver({ capabilities }).driver])
    expect("probeCompareAndSet" in defineNames(driver)).toBe(false);
});
