// What was learned about a service while it was used.

import { SingleFlight } from "@remote-log/core/adapter";

/** What the probe found out about a service. */
export interface S3Verdict {
  /** `"atomic"`: conditional writes are enforced. `"none"`: they are ignored, refused, or not atomic. */
  readonly compareAndSet: "atomic" | "none";
  /** What was seen, for people. */
  readonly reason: string;
}

/** What was learned about a service. Everybody who uses the same place with the same client shares it. */
export interface Traits {
  /** Whether it takes `x-amz-checksum-sha256`. */
  checksums: boolean;
  /** Whether it takes `If-None-Match` with a content. */
  conditions: boolean;
  /** Whether it takes the ETag in `If-Match` with its quotes. */
  quotes: boolean;
  /** What the probe said. */
  verdict: S3Verdict | undefined;
  /** The probe that is running, if there is one. */
  readonly probing: SingleFlight<S3Verdict>;
}

const traitsOfClient = new WeakMap<object, Map<string, Traits>>();

/** What is known of a place that a client reaches. */
export function traitsOf(client: object, place: string): Traits {
  let places = traitsOfClient.get(client);
  if (places === undefined) {
    places = new Map();
    traitsOfClient.set(client, places);
  }
  let traits = places.get(place);
  if (traits === undefined) {
    const probing = new SingleFlight<S3Verdict>();
    traits = { checksums: true, conditions: true, quotes: true, verdict: undefined, probing };
    places.set(place, traits);
  }
  return traits;
}
