// How large blocks may be: limits of the nodes that exchange them (Bitswap).

/** The largest block that nodes exchange, in bytes. No larger one is read. */
export const LARGEST_BLOCK: number = 2 * 1024 * 1024;

/** The largest block that nodes before Kubo 0.40 exchange, in bytes. */
export const USUAL_BLOCK: number = 1024 * 1024;

/** What a caller can do about a content that is too large for a block. */
export const TOO_LARGE_ADVICE = "Split it, or raise `largestContent` (to 2 MiB at most).";
