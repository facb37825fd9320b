// What the proxies do to an answer, whatever the protocol.

/** How long a proxy waits before the next byte of a dripping answer, in milliseconds. */
export const DRIP_MS = 4;
/** How many bytes an extended content has behind its end. */
const EXTRA_BYTES = 1000;

/** The faults that change a content. An empty one can be neither corrupted nor truncated. */
export type ContentFault = "corrupt" | "truncated" | "extended";

/** How each of them changes a content. */
export const contentChanges: Readonly<Record<ContentFault, (content: Uint8Array) => Uint8Array>> = {
  corrupt: (content) => {
    const changed = new Uint8Array(content);
    if (changed.length > 0) changed[changed.length >> 1]! ^= 1;
    return changed;
  },
  truncated: (content) => content.subarray(0, content.length >> 1),
  extended: (content) => {
    const longer = new Uint8Array(content.length + EXTRA_BYTES).fill(0x2e);
    longer.set(content);
    return longer;
  },
};

/** Whether a fault changes a content. */
export function isContentFault(fault: string): fault is ContentFault {
  return fault in contentChanges;
}
