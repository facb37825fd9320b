// How two verified states of one log relate; docs/protocol.md, "States over time".

import type { ForkEvidence } from "../errors/index.ts";

/**
 * How an offered state relates to one that was verified before.
 *
 * - `"same"`: the same size and root
 * - `"extends"`: it is larger, and begins with the verified one
 * - `"older"`: it is smaller, and the verified one begins with it
 * - `"forked"`: they contradict each other; the evidence has been checked
 * - `"superseded"`: a former key of the log signed one of them, and it contradicts what the owner of the log says that key has signed;
 *   the evidence has been checked
 * - `"unverified"`: nobody showed what decides it; nothing may be concluded
 */
export type Relation =
  | { readonly kind: "same" }
  | { readonly kind: "extends" }
  | { readonly kind: "older" }
  | { readonly kind: "forked"; readonly evidence: ForkEvidence }
  | {
      readonly kind: "superseded";
      readonly former: "verified" | "offered";
      readonly evidence: ForkEvidence;
    }
  | { readonly kind: "unverified"; readonly cause: unknown };
