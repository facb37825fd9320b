import { runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { runCoin } from "../../src/experiments/coin.ts";
import { runSessions, type SessionsOptions } from "../../src/experiments/sessions.ts";

test("with a coin for each packet, a message is sent 1/p² times, and acknowledged 1/p times", async () => {
  const tally = (await runCoin({ seed: 1, mode: "batch", backOff: "constant", share: 0.25, messages: 100 }))
    .tallies[0]!;
  expect(tally.deliveries.count).toBe(100);
  expect(tally.records.messages / 100 / 16).toBeCloseTo(1, 0.8);
  expect(tally.records.acks / 100 / 4).toBeCloseTo(1, 0.8);
  expect([tally.records.offers, tally.records.requests]).toEqual([0, 0]);
});

test("interactive costs offers and requests besides, 2/p of each: the stages add", async () => {
  const options = { seed: 1, backOff: "constant", share: 0.25, messages: 100 } as const;
  const tally = (await runCoin({ ...options, mode: "interactive" })).tallies[0]!;
  expect(tally.deliveries.count).toBe(100);
  expect(tally.records.messages / 100 / 16).toBeCloseTo(1, 0.6);
  for (const count of [tally.records.offers, tally.records.requests])
    expect(Math.abs(count / 100 - 8)).toBeLessThan(2);
});

const SEEDS = runs(6, 100);

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
      most: 3_600_000,
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
