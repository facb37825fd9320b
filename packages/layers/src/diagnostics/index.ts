// The entry `@remote-log/layers/diagnostics`: traces on the diagnostics channels of Node.js.

import { tracingChannel } from "node:diagnostics_channel";
import type { Layer } from "../layer.ts";
import { type Observation, observingLayer, type TracedCall, type TracedEnd } from "../trace/observer.ts";

/** What is published of a call: what it is about, and once it has ended, how. */
export interface DiagnosticsMessage extends TracedCall, Partial<TracedEnd> {}

const channels = {
  storage: tracingChannel<unknown, DiagnosticsMessage>("remote-log:storage"),
  names: tracingChannel<unknown, DiagnosticsMessage>("remote-log:names"),
};

const nobody: Observation = { run: (work) => work(), end: () => undefined };

/**
 * A layer that publishes each call on the tracing channels `remote-log:storage` and `remote-log:names` of `node:diagnostics_channel`, for the tools that listen to
 * those of other libraries: `tracing:remote-log:storage:start`, `:end`, `:asyncStart`, `:asyncEnd` and `:error`, with one message for all events of a call. A store that is bound to `start` holds while the call
 * runs. If nobody listens, calls cost nothing more.
 *
 * It tells no contents, names, addresses, keys or messages of errors.
 *
 * @example
 * ```ts
 * import { subscribe } from "node:diagnostics_channel";
 * import { diagnostics } from "@remote-log/layers/diagnostics";
 * import { memoryRemote } from "@remote-log/memory";
 *
 * subscribe("tracing:remote-log:storage:asyncEnd", (message) => console.log(message));
 * const remote = diagnostics()(memoryRemote());
 * ```
 */
export function diagnostics(): Layer {
  return observingLayer((call) => {
    const channel = call.operation.startsWith("storage.") ? channels.storage : channels.names;
    // Read at each call: whoever listens may come later.
    if (!channel.hasSubscribers) return nobody;
    const message: DiagnosticsMessage = { ...call };
    return {
      run: (work) =>
        channel.start.runStores(message, () => {
          try {
            return work();
          } finally {
            channel.end.publish(message);
          }
        }),
      end: (end) => {
        Object.assign(message, end);
        if (end.error !== undefined) channel.error.publish(message);
        channel.asyncStart.publish(message);
        channel.asyncEnd.publish(message);
      },
    };
  });
}
