import { expect, test } from "vitest";
import { PublishNews } from "../../src/own/publish-news.ts";

/** A log whose publishing the test ends, and what was asked of it. */
function heldLog(): {
  readonly log: { published(signal: AbortSignal): Promise<void> };
  readonly waits: { resolve(): void; reject(error: Error): void; readonly signal: AbortSignal }[];
} {
  const waits: ReturnType<typeof heldLog>["waits"] = [];
  const published = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => waits.push({ resolve, reject, signal }));
  return { log: { published }, waits };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("it tells when what is there is published, and once more for what came meanwhile, however often that was", async () => {
  const { log, waits } = heldLog();
  const { signal } = new AbortController();
  let told = 0;
  const news = new PublishNews(log, () => told++, signal);
  await soon();
  expect([told, waits.length]).toEqual([0, 0]);
  news.expect();
  expect(waits.map((wait) => wait.signal)).toEqual([signal]);
  for (let i = 0; i < 3; i++) news.expect();
  expect([told, waits.length]).toEqual([0, 1]);
  waits[0]!.resolve();
  await soon();
  expect([told, waits.length]).toEqual([1, 2]);
  waits[1]!.resolve();
  await soon();
  expect([told, waits.length]).toEqual([2, 2]);
  // And it waits again when there is something new.
  news.expect();
  expect(waits).toHaveLength(3);
});

test("that it will not be published is told as well, and nothing is waited for after the end", async () => {
  const { log, waits } = heldLog();
  const ending = new AbortController();
  let told = 0;
  const news = new PublishNews(log, () => told++, ending.signal);
  news.expect();
  waits[0]!.reject(new Error("full"));
  await soon();
  expect(told).toBe(1);
  news.expect();
  news.expect();
  ending.abort();
  waits[1]!.reject(new Error("ended"));
  await soon();
  expect([told, waits.length]).toEqual([2, 2]);
});
