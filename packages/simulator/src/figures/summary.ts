// The figures of several runs of the same kind, as one.

import { KINDS, type Kind, quantile } from "./outcome.ts";
import type { Tally } from "./tally.ts";

/** What runs have shown. */
export interface Summary {
  readonly messages: number;
  /** The share of what should have arrived that did. */
  readonly arrived: number;
  /** All bytes by anyone for each byte of a message and recipient; and without what headers take. */
  readonly multiplier: number;
  readonly withoutHeaders: number;
  /** The part of the multiplier that each kind has. */
  readonly kinds: Readonly<Record<Kind, number>>;
  /** Records of 2/MVDS for each message and recipient. */
  readonly records: {
    readonly offers: number;
    readonly requests: number;
    readonly messages: number;
    readonly acks: number;
  };
  /** In seconds. */
  readonly latency: {
    readonly p50: number;
    readonly p90: number;
    readonly p95: number;
    readonly p99: number;
    readonly mean: number;
  };
  /** For how long radios are on for each message and recipient, in seconds. */
  readonly radio: number;
  /** Requests to remotes for a thousand messages, and GB that are stored and read for them. */
  readonly writes: number;
  readonly reads: number;
  readonly storedGb: number;
  readonly readGb: number;
}

/** Sums runs up. */
export function summaryOf(tallies: readonly Tally[]): Summary {
  const sum = (of: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  const messages = sum(({ deliveries }) => deliveries.messages);
  const expected = sum((tally) => tally.expected);
  const payload = sum((tally) => tally.expected * tally.payloadBytes);
  const latencies = tallies.flatMap(({ deliveries }) => deliveries.latencies).sort((a, b) => a - b);
  const seconds = (share: number): number => quantile(latencies, share) / 1000;
  const kinds = Object.fromEntries(
    KINDS.map((kind) => [kind, sum(({ bytes }) => bytes.of(kind)) / payload]),
  ) as Record<Kind, number>;
  const multiplier = sum(({ bytes }) => bytes.total) / payload;
  const perThousand = (of: (tally: Tally) => number): number => (1000 * sum(of)) / messages;
  return {
    messages,
    arrived: latencies.length / expected,
    multiplier,
    withoutHeaders: multiplier - kinds.header,
    kinds,
    records: {
      offers: sum(({ records }) => records.offers) / expected,
      requests: sum(({ records }) => records.requests) / expected,
      messages: sum(({ records }) => records.messages) / expected,
      acks: sum(({ records }) => records.acks) / expected,
    },
    latency: {
      p50: seconds(0.5),
      p90: seconds(0.9),
      p95: seconds(0.95),
      p99: seconds(0.99),
      mean: latencies.reduce((total, latency) => total + latency, 0) / latencies.length / 1000,
    },
    radio: sum(({ radioMilliseconds }) => radioMilliseconds) / expected / 1000,
    writes: perThousand(({ writes }) => writes),
    reads: perThousand(({ reads }) => reads),
    storedGb: perThousand(({ storedBytes }) => storedBytes) / 1e9,
    readGb: perThousand(({ readBytes }) => readBytes) / 1e9,
  };
}
