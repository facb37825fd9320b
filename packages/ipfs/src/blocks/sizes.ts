// How large blocks may be: limits of the nodes that exchange them (Bitswap).

/** The largest block that nodes exchange, in bytes. No larger one is read. */
export const LARGEST_BLOCK: number = 2 * 1024 * 1024;

/** The largest block that nodes before Kubo 0.40 exchange, in bytes. */
export const USUAL_BLOCK: number = 1024 * 1024;

/** What a caller can do about a content that is too large for a block. */
export const TOO_LARGE_ADVICE = "Split it, or raise `largestContent` (to 2 MiB at most).";

/**
 * What a request costs, as the bytes that could be read instead. Of 16 requests at once, each took as long as 115,000 bytes more at
 * the RPC of Kubo on the same machine, and 125,000 at its gateway; a block that the node has to look for costs more.
 */
export const REQUEST_BYTES = 131_072;
