// The layer that tells a function of each call.

import { checkArgument, optionKinds } from "@remote-log/core/adapter";
import type { Layer } from "../layer.ts";
import { observingLayer, type TracedCall, type TracedEnd } from "./observer.ts";

/** What a call is about, and whether it begins or has ended. The two events of a call have the same `id`. */
export type TraceEvent =
  | (TracedCall & { readonly phase: "begin"; readonly id: number })
  | (TracedCall & TracedEnd & { readonly phase: "end"; readonly id: number });

/**
 * A layer that calls a function when a call begins, and when it has ended: with what was called, on what, how many bytes went and came, how long it took, and the code of an error. It
 * tells no contents, names, addresses, keys or messages of errors.
 *
 * Around a whole stack, it tells what the application sees; inside `retry`, each try.
 *
 * @param listener - must not throw
 *
 * @example
 * ```ts
 * import { trace } from "@remote-log/layers";
 * import { memoryRemote } from "@remote-log/memory";
 *
 * const remote = trace((event) => {
 *   if (event.phase === "end") console.log(event.label, event.operation, event.outcome, event.milliseconds);
 * })(memoryRemote());
 * ```
 */
export function trace(listener: (event: TraceEvent) => void): Layer {
  checkArgument(listener, optionKinds.callback, { name: "The listener of trace", operation: "layers.open" });
  let count = 0;
  return observingLayer((call) => {
    const id = ++count;
    listener({ phase: "begin", id, ...call });
    return {
      run: (work) => work(),
      end: (end) => listener({ phase: "end", id, ...call, ...end }),
    };
  });
}
