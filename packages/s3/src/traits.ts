import type { S3Client } from "@aws-sdk/client-s3";
import type { SharedWork } from "./shared-work.ts";

/** What the probe found out about a service. */
export interface S3Verdict {
  /** `"atomic"`: conditional writes are enforced. `"none"`: they are ignored, refused, or not atomic. */
  readonly compareAndSet: "atomic" | "none";
  /** What was seen, for people. */
  readonly reason: string;
}

/** What was learned about a service while it was used. Shared by all who use the same place with the same client. */
export interface Traits {
  /** Whether it takes `x-amz-checksum-sha256`. */
  checksums: boolean;
  /** Whether it takes `If-None-Match` with a content. */
  conditions: boolean;
  /** Whether it takes the ETag in `If-Match` with its quotes. */
  quotes: boolean;
  /** What the probe said. */
  verdict: S3Verdict | undefined;
  /** A probe under way. */
  probing: SharedWork<S3Verdict> | undefined;
}

const traitsOfClient = new WeakMap<S3Client, Map<string, Traits>>();

/** What is known of a place that a client reaches. */
export function traitsOf(client: S3Client, place: string): Traits {
  let places = traitsOfClient.get(client);
  if (places === undefined) {
    places = new Map();
    traitsOfClient.set(client, places);
  }
  let traits = places.get(place);
  if (traits === undefined) {
    traits = { checksums: true, conditions: true, quotes: true, verdict: undefined, probing: undefined };
    places.set(place, traits);
  }
  return traits;
}
