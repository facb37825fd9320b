import { runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { runCoin } from "../../src/experiments/coin.ts";
import { runSessions, type SessionsOptions } from "../../src/experiments/sessions.ts";
import { summaryOf } from "../../src/figures/summary.ts";

/** Messages that are far enough apart to have coins of their own. */
const COIN = { seed: 1, backOff: "constant", share: 0.5, messages: 300, apartMilliseconds: 10_000 } as const;

test("with a coin for each packet, a message is sent 1/p² times, and acknowledged 1/p times", async () => {
  const { records, latency } = summaryOf((await runCoin({ ...COIN, mode: "batch" })).tallies);
  expect(Math.abs(records.messages - 4)).toBeLessThan(0.4);
  expect(Math.abs(records.acks - 2)).toBeLessThan(0.2);
  expect([records.offers, records.requests]).toEqual([0, 0]);
  expect(latency.p50).toBeLessThan(3);
});

test("interactive costs offers and requests besides, up to 2/p of each: the stages add", async () => {
  const { records, arrived } = summaryOf((await runCoin({ ...COIN, mode: "interactive" })).tallies);
  expect(arrived).toBe(1);
  expect(Math.abs(records.messages - 4)).toBeLessThan(0.6);
  for (const count of [records.offers, records.requests]) {
    expect(count).toBeGreaterThan(2);
    expect(count).toBeLessThan(4.4);
  }
});

const SEEDS = runs(3, 200);

test(`${SEEDS} seeds replay to the byte`, async () => {
  const MINUTE = 60_000;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const options: SessionsOptions = {
      seed,
      trials: 1,
      devices: 2 + (seed % 3),
      messages: 2,
      presence: { share: 0.3, sessionMilliseconds: MINUTE, night: 0.5, together: 0.3 },
      mode: seed % 2 === 0 ? "batch" : "interactive",
      backOff: seed % 5 === 0 ? "epoch + 2 · count" : "exponential",
      mailServer: seed % 4 === 0,
      announces: seed % 4 === 1,
      offline: seed % 7 === 0 ? "runs" : "sleeps",
      most: 1_800_000,
    };
    const [once, again, other] = [
      await runSessions(options),
      await runSessions(options),
      await runSessions({ ...options, seed: seed + 1000 }),
    ];
    expect(again.trace).toBe(once.trace);
    expect(other.trace).not.toBe(once.trace);
  }
});
