import { checkConformance, type Opened, runCase } from "@remote-log/conformance";
import { startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { memoryStorage } from "@remote-log/memory";
import { expect, test, vi } from "vitest";

const passing = {
  id: "CAS-TEST-01",
  level: "MUST",
  title: "nothing is promised",
  requires: [],
  run: async () => undefined,
} as const;
const known = [{ id: "CAS-TEST-01", reason: "not yet" }];

test("a fixture that opens neither a storage nor names fails every case, and skips none", async () => {
  const { status, reason } = await runCase({ name: "empty", create: async () => ({}) }, passing);
  expect([status, reason]).toEqual(["failed", "The fixture's create opened neither a storage nor names."]);
});

test("a failure that is known is no excuse for a fixture that can't open anything", async () => {
  const create = () => Promise.reject(new Error("no server"));
  expect(await runCase({ name: "broken", create, known }, passing)).toMatchObject({ status: "failed" });
});

test("a create that hangs is named, and what it opens too late is closed", async () => {
  const close = vi.fn<() => Promise<void>>(async () => undefined);
  let open = (_opened: Opened): void => undefined;
  const create = () =>
    new Promise<Opened>((resolve) => {
      open = resolve;
    });
  const { reason } = await runCase({ name: "slow", create, limits: { timeoutMs: 20 } }, passing);
  expect(reason).toBe("The fixture's create was not over after 20 ms.");
  open({ storage: { ...memoryStorage(), close } });
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce(), { timeout: 60_000 });
});

test("a case that ends with nothing as its reason has failed", async () => {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is what is wrong with it
  const one = { ...passing, run: () => Promise.reject(undefined) };
  const create = async () => ({ storage: memoryStorage() });
  expect(await runCase({ name: "mute", create }, one)).toMatchObject({ status: "failed" });
});

test.for([[], [""], ["CAS-PUT", "CAS-PUTS"]])("a choice of %j runs nothing", async (only) => {
  const create = async () => ({ storage: memoryStorage() });
  await expect(checkConformance({ name: "memory", create }, { only })).rejects.toThrow(
    /cases are chosen|no case/,
  );
});

test("a limit that does not exist ends the run before it begins", async () => {
  const create = async () => ({ storage: memoryStorage() });
  const fixture = { name: "memory", create, limits: { timeoutMilliseconds: 5 } };
  await expect(
    checkConformance(fixture as object as { name: string; create: typeof create }),
  ).rejects.toThrow("there is no limit called timeoutMilliseconds");
});

test("many proxies add one listener to their signal, and all stop with it", async () => {
  const controller = new AbortController();
  const listening = vi.spyOn(controller.signal, "addEventListener");
  const options = { target: "http://127.0.0.1:9", signal: controller.signal };
  const proxies = await Promise.all(Array.from({ length: 12 }, () => startFaultProxy(options)));
  expect(listening).toHaveBeenCalledOnce();
  controller.abort();
  await Promise.all(proxies.map(({ stop }) => stop()));
  for (const { url } of proxies) await expect(fetch(url)).rejects.toThrow("fetch failed");
});
