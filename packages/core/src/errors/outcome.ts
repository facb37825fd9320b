// What a failed operation says of its outcome: a write may have taken effect all the same, and a read changes nothing.

/** The operations that change something at a service. */
const WRITES: ReadonlySet<string> = new Set([
  "storage.put",
  "storage.putMany",
  "storage.delete",
  "storage.release",
  "names.update",
  "ipns.put",
]);

/**
 * What to say if no answer came to an operation: a sentence for a write, and nothing for whatever only reads.
 *
 * @param operation - `subject.verb`, as in the error
 * @returns the sentence with a space before it, or an empty text
 *
 * @example
 * ```ts
 * import { unknownOutcome } from "@remote-log/core/adapter";
 *
 * console.log(`No answer came.${unknownOutcome("storage.put")}`); // … The outcome of the write is unknown.
 * console.log(`No answer came.${unknownOutcome("storage.get")}`); // No answer came.
 * ```
 */
export function unknownOutcome(operation: string): string {
  return WRITES.has(operation) ? " The outcome of the write is unknown." : "";
}
