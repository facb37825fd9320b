// The entry `@remote-log/layers/opentelemetry`: a span and metrics for each call.

import {
  context,
  type Meter,
  metrics,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { checkOptionTypes, optionKinds } from "@remote-log/core/adapter";
import type { Layer } from "../layer.ts";
import { observingLayer } from "../trace/observer.ts";

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** What makes spans. Default: that of the global provider, called `@remote-log/layers`. */
  readonly tracer?: Tracer | undefined;
  /** What makes metrics. Default: that of the global provider, called `@remote-log/layers`. */
  readonly meter?: Meter | undefined;
}

const NAME = "@remote-log/layers";
const { withMethods } = optionKinds;
const kinds = {
  tracer: withMethods(
    ["startSpan"],
    'a tracer, such as `trace.getTracer("app")` of @opentelemetry/api returns',
  ),
  meter: withMethods(
    ["createHistogram", "createCounter"],
    'a meter, such as `metrics.getMeter("app")` of @opentelemetry/api returns',
  ),
};

/**
 * A layer that makes a span of each call (kind `CLIENT`, called after the operation: `storage.get`), and counts:
 *
 * | instrument | kind | unit |
 * | --- | --- | --- |
 * | `remote_log.operation.duration` | histogram | s |
 * | `remote_log.operation.sent` | counter | By |
 * | `remote_log.operation.received` | counter | By |
 *
 * Spans and metrics have the attributes `remote_log.operation`, `remote_log.remote` (the label) and, if the call failed, `error.type` (the code). Spans have the bytes as well. Nothing tells contents, names,
 * addresses, keys or messages of errors. A call that its caller gave up is no error: `remote_log.outcome` is `"aborted"`.
 *
 * @example
 * ```ts
 * import { openTelemetry } from "@remote-log/layers/opentelemetry";
 * import { memoryRemote } from "@remote-log/memory";
 *
 * const remote = openTelemetry()(memoryRemote());
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Layer {
  checkOptionTypes(options, kinds, { name: "openTelemetry", operation: "layers.open" });
  const { tracer = trace.getTracer(NAME), meter = metrics.getMeter(NAME) } = options;
  const duration = meter.createHistogram("remote_log.operation.duration", {
    description: "How long calls of a storage or a name system take.",
    unit: "s",
    // Those that OpenTelemetry advises for requests over HTTP.
    advice: {
      explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    },
  });
  const sent = meter.createCounter("remote_log.operation.sent", {
    description: "Bytes of contents that were sent.",
    unit: "By",
  });
  const received = meter.createCounter("remote_log.operation.received", {
    description: "Bytes of contents that came.",
    unit: "By",
  });
  return observingLayer(({ operation, label, bytesSent }) => {
    const about = { "remote_log.operation": operation, "remote_log.remote": label };
    const span = tracer.startSpan(operation, { kind: SpanKind.CLIENT, attributes: about });
    const within = trace.setSpan(context.active(), span);
    return {
      run: (work) => context.with(within, work),
      end: ({ milliseconds, bytesReceived, outcome, items, error }) => {
        const failed = error !== undefined && outcome === "failed";
        const ended = { ...about, ...(failed && { "error.type": error.code }) };
        span.setAttributes({
          "remote_log.outcome": outcome,
          "remote_log.bytes_sent": bytesSent,
          "remote_log.bytes_received": bytesReceived,
          ...(items !== undefined && { "remote_log.items": items }),
          ...(failed && { "error.type": error.code }),
          ...(failed && error.reason !== undefined && { "remote_log.error.reason": error.reason }),
          ...(failed && error.tries !== undefined && { "remote_log.tries": error.tries }),
        });
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
        span.end();
        duration.record(milliseconds / 1000, ended);
        if (bytesSent > 0) sent.add(bytesSent, about);
        if (bytesReceived > 0) received.add(bytesReceived, about);
      },
    };
  });
}
