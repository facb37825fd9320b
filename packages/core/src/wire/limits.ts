// How much a decoder accepts; docs/protocol.md, "Messages".

/**
 * How much a decoder accepts. Every limit is a whole number; anything over it is refused with `MalformedError`. A message
 * without such a part ignores the limit for it.
 */
export interface WireLimits {
  /** The most bytes of a whole message. */
  readonly maxBytes?: number | undefined;
  /** The most pairs of a page. */
  readonly maxPairs?: number | undefined;
  /** The most levels of a head. */
  readonly maxLevels?: number | undefined;
  /** The most references of an index node, or of one level of a head. */
  readonly maxReferences?: number | undefined;
  /** The most bytes of one address. */
  readonly maxAddressBytes?: number | undefined;
  /** The most parents of an MVDS message. */
  readonly maxParents?: number | undefined;
  /** The most fields to skip because they are unknown, in a whole message including its parts. */
  readonly maxUnknownFields?: number | undefined;
}

/** Limits with all of them filled in. */
export type FilledWireLimits = { readonly [K in keyof WireLimits]-?: number };

/**
 * The limits that apply if a caller gives none: 32 MiB, 65,536 pairs, 16 levels, 256 references,
 * addresses of 128 bytes, 256 parents, 1,024 unknown fields. Encoders keep to them too.
 */
export const DEFAULT_WIRE_LIMITS: FilledWireLimits = Object.freeze({
  maxBytes: 32 * 1024 * 1024,
  maxPairs: 65_536,
  maxLevels: 16,
  maxReferences: 256,
  maxAddressBytes: 128,
  maxParents: 256,
  maxUnknownFields: 1024,
});
