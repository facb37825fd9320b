import { encodePayload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { Bytes, Deliveries, quantile } from "../../src/figures/outcome.ts";
import { countPayload } from "../../src/figures/payload-bytes.ts";
import { Radio, TAIL_MILLISECONDS } from "../../src/figures/radio.ts";
import { Tally } from "../../src/figures/tally.ts";

const ID = new Uint8Array(32).fill(1);

test("the bytes of a payload are those of its parts", () => {
  const lengthOf = (offers: number, requests: number, acks: number): number => {
    const payload = encodePayload({
      offers: new Array<Uint8Array>(offers).fill(ID),
      requests: new Array<Uint8Array>(requests).fill(ID),
      acks: new Array<Uint8Array>(acks).fill(ID),
      messages: [{ groupId: ID, timestamp: 1n, body: ID, parents: [], ephemeral: false }],
    });
    const bytes = new Bytes();
    const records = { offers: 0, requests: 0, messages: 0, acks: 0 };
    countPayload(payload, bytes, records);
    expect(records).toEqual({ offers, requests, messages: 1, acks });
    expect([bytes.of("offer"), bytes.of("request"), bytes.of("ack")]).toEqual(
      [offers, requests, acks].map((count) => count * 36),
    );
    expect(bytes.total).toBe(payload.length);
    return bytes.of("message");
  };
  // Whatever else is in the payload, the message has the same length.
  expect(lengthOf(3, 2, 1)).toBe(lengthOf(0, 0, 0));
});

test("a message counts from when it was written until each recipient has it", () => {
  const tally = new Tally(100, 2);
  tally.deliveries.sent("a", 1000);
  tally.deliveries.arrived("a", 5000);
  tally.deliveries.arrived("a", 2000);
  tally.bytes.add("message", 500);
  tally.bytes.add("ack", 100);
  tally.records.messages = 5;
  tally.records.acks = 1;
  expect(tally.deliveries.latencies).toEqual([1000, 4000]);
  expect([tally.expected, tally.multiplier, tally.recordsPerMessage]).toEqual([2, 3, 3]);
  expect(() => new Deliveries().arrived("b", 1)).toThrow("nobody had sent");
});

test("a quantile is the value that this share does not exceed", () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0.5, 0.95, 0.99, 1].map((share) => quantile(values, share))).toEqual([50, 95, 99, 100]);
  expect(quantile([7], 0.5)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a radio stays on for a while after each use, and not longer than its device", () => {
  const radio = new Radio();
  radio.use(0, 0);
  expect(radio.milliseconds).toBe(TAIL_MILLISECONDS);
  radio.use(1000, 0);
  expect(radio.milliseconds).toBe(TAIL_MILLISECONDS + 1000);
  radio.use(100_000, 125);
  expect(radio.milliseconds).toBe(2 * TAIL_MILLISECONDS + 1001);
  radio.turnOff(100_001);
  expect(radio.milliseconds).toBe(TAIL_MILLISECONDS + 1001);
  radio.turnOff(200_000);
  expect(radio.milliseconds).toBe(TAIL_MILLISECONDS + 1001);
});
