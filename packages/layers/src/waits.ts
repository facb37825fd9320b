// What a layer waits for beside the inner call: it ends with the caller's signal, and when the object is closed.

import { ClosedError } from "@remote-log/core";
import { abortWith, unknownOutcome, withAnySignal } from "@remote-log/core/adapter";
import type { LayerCall } from "./around.ts";

/** Why waits end when the object is closed; nobody else sees it. */
const CLOSING = Symbol("closing");

/** The waits of one object. */
export class Waits {
  readonly #closing = new AbortController();

  /**
   * Does something that waits.
   *
   * @param wait - its signal fires with the caller's, and when the object is closed
   * @throws the reason of the caller's signal, unchanged
   * @throws ClosedError `ERR_CLOSED` if the object is closed, or was before
   */
  async run<T>(
    { operation, label, signal }: LayerCall,
    wait: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await withAnySignal([signal, this.#closing.signal], wait);
    } catch (error) {
      if (error !== CLOSING) throw error;
      const what = operation.startsWith("storage.") ? "storage" : "name resolver";
      throw new ClosedError(
        `The ${what} of ${label} was closed before ${operation} had ended.${unknownOutcome(operation)} Open a new one.`,
        { operation },
      );
    }
  }

  /** Ends all waits, and those that begin later. */
  end(): void {
    abortWith(this.#closing, CLOSING);
  }
}
