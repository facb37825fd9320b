import { unhandledDuring } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { SingleFlight } from "../../src/async/single-flight.ts";

/** A flight whose work ends when the test says so. */
function flights() {
  const flight = new SingleFlight<string>();
  const works: { signal: AbortSignal; resolve(value: string): void; reject(reason: unknown): void }[] = [];
  const join = (signal?: AbortSignal, key = "key"): Promise<string> =>
    flight.run(
      key,
      signal,
      (given) => new Promise((resolve, reject) => works.push({ signal: given, resolve, reject })),
    );
  return { join, works };
}

test("callers at the same time share one piece of work, and its result or failure", async () => {
  const { join, works } = flights();
  const good = [join(), join()];
  works[0]!.resolve("done");
  expect(await Promise.all(good)).toEqual(["done", "done"]);
  const reason = new Error("no");
  const bad = [join(), join()].map((wait) => wait.catch((error: unknown) => error));
  works[1]!.reject(reason);
  expect(await Promise.all(bad)).toEqual([reason, reason]);
  expect(works).toHaveLength(2);
});

test("different keys are different work", async () => {
  const { join, works } = flights();
  const waits = [join(undefined, "a"), join(undefined, "b")];
  works[0]!.resolve("of a");
  works[1]!.resolve("of b");
  expect(await Promise.all(waits)).toEqual(["of a", "of b"]);
});

test("the work continues as long as one waits, and is aborted when the last has left", async () => {
  const { join, works } = flights();
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [join(first.signal), join(second.signal)].map((wait) =>
    wait.catch((error: unknown) => error),
  );
  first.abort("enough");
  expect(await waits[0]).toBe("enough");
  expect(works[0]!.signal.aborted).toBe(false);
  second.abort("enough, too");
  expect(await waits[1]).toBe("enough, too");
  expect(works[0]!.signal.aborted).toBe(true);
});

test("work that has succeeded is not aborted: its result may live on by the signal", async () => {
  const { join, works } = flights();
  const good = [join(), join()];
  works[0]!.resolve("done");
  await Promise.all(good);
  expect(works[0]!.signal.aborted).toBe(false);
  // What has failed may have parts that still run.
  const bad = join().catch((error: unknown) => error);
  works[1]!.reject(new Error("no"));
  await bad;
  expect(works[1]!.signal.aborted).toBe(true);
});

test("who comes after all have left begins anew, though the old work still runs", async () => {
  const { join, works } = flights();
  const controller = new AbortController();
  const left = join(controller.signal).catch((error: unknown) => error);
  controller.abort("enough");
  await left;
  const wait = join();
  works[0]!.resolve("old");
  await Promise.resolve();
  // The end of the old work does not end the sharing of the new one.
  const another = join();
  works[1]!.resolve("new");
  expect(await Promise.all([wait, another])).toEqual(["new", "new"]);
  expect(works).toHaveLength(2);
});

test("a failure that nobody waits for is nobody's unhandled rejection", async () => {
  const unhandled = await unhandledDuring(async () => {
    const { join, works } = flights();
    const controller = new AbortController();
    const left = join(controller.signal).catch((error: unknown) => error);
    controller.abort("enough");
    await left;
    works[0]!.reject(new Error("late"));
  });
  expect(unhandled).toEqual([]);
});

test("who has given up before begins nothing", async () => {
  const { join, works } = flights();
  await expect(join(AbortSignal.abort("enough"))).rejects.toBe("enough");
  expect(works).toEqual([]);
});
