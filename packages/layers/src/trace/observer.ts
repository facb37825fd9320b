// What traces are made of: who is told of each call, without anything that is secret or large.

import { hasCode, isRemoteLogError, type RetryVerdict } from "@remote-log/core";
import { monotonicNow } from "@remote-log/core/adapter";
import { type Around, aroundNames, aroundStorage, bytesIn, type LayerCall } from "../around.ts";
import { type Layer, layerOf } from "../layer.ts";

/** A call that begins. */
export interface TracedCall {
  /** What is called, as `subject.verb`: `"storage.get"`, `"names.update"`. */
  readonly operation: string;
  /** What the remote is called; for a storage or a name system by itself, its own name. */
  readonly label: string;
  /** How many bytes of contents it sends. */
  readonly bytesSent: number;
}

/** How a call ended. */
export interface TracedEnd {
  /** How long it took, in milliseconds; of a `list` or a `watch`, until the caller had enough. */
  readonly milliseconds: number;
  /** How many bytes of contents came. */
  readonly bytesReceived: number;
  /** `"ok"`; `"failed"`; or `"aborted"`: the caller's signal had fired. */
  readonly outcome: "ok" | "failed" | "aborted";
  /** Of a `list` or a `watch`: how many things it gave. */
  readonly items?: number;
  /** How it failed. */
  readonly error?: TracedError;
}

/** What is told of an error: nothing of its message or its cause, which may name places and addresses. */
export interface TracedError {
  /** Its code, such as `"ERR_UNREACHABLE"`; of an error that is none of this project, its class. */
  readonly code: string;
  readonly reason?: string;
  readonly retry?: RetryVerdict;
  /** How often the call was made inside, if more than once. */
  readonly tries?: number;
}

/** Is told of one call. */
export interface Observation {
  /** Runs the work of the call, in a context of its own if there is such a thing. */
  run<T>(work: () => T): T;
  /** Called once, when the call has ended. */
  end(end: TracedEnd): void;
}

/** Makes a layer that tells of each call. */
export function observingLayer(begin: (call: TracedCall) => Observation): Layer {
  const around: Around = {
    defers: false,
    run: async (call, work) => {
      const observed = new Observed(begin, call);
      try {
        const answer = await observed.run(() => work(call.signal));
        observed.ok(bytesIn(answer));
        return answer;
      } catch (error) {
        observed.failed(error);
        throw error;
      }
    },
    iterate: (call, open) => steps(begin, call, () => open(call.signal)),
  };
  return layerOf({
    storage: (inner, label) => aroundStorage(inner, label, around),
    names: (inner, label) => aroundNames(inner, label, around),
  });
}

async function* steps<T>(
  begin: (call: TracedCall) => Observation,
  call: LayerCall,
  open: () => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const observed = new Observed(begin, call);
  let items = 0;
  try {
    const source = observed.run(() => open()[Symbol.asyncIterator]());
    let isOver = false;
    try {
      for (;;) {
        const step = await observed.run(() => source.next());
        isOver = step.done === true;
        if (step.done) break;
        items++;
        yield step.value;
      }
    } finally {
      if (!isOver) await source.return?.();
    }
    observed.ok(0, items);
  } catch (error) {
    observed.failed(error, items);
    throw error;
  } finally {
    // The caller has left.
    observed.ok(0, items);
  }
}

class Observed {
  readonly #observation: Observation;
  readonly #signal: AbortSignal | undefined;
  readonly #begun: number = monotonicNow();
  #isOver = false;

  constructor(begin: (call: TracedCall) => Observation, { operation, label, bytesSent, signal }: LayerCall) {
    this.#observation = begin({ operation, label, bytesSent });
    this.#signal = signal;
  }

  run<T>(work: () => T): T {
    return this.#observation.run(work);
  }

  ok(bytesReceived: number, items?: number): void {
    this.#end({ outcome: "ok", bytesReceived, ...(items !== undefined && { items }) });
  }

  failed(error: unknown, items?: number): void {
    const isAborted = this.#signal?.aborted === true && !hasCode(error, "ERR_CLOSED");
    const outcome = isAborted ? "aborted" : "failed";
    const more = items !== undefined && { items };
    this.#end({ outcome, bytesReceived: 0, ...more, error: tracedError(error) });
  }

  #end(end: Omit<TracedEnd, "milliseconds">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#observation.end({ ...end, milliseconds: monotonicNow() - this.#begun });
  }
}

function tracedError(error: unknown): TracedError {
  if (!isRemoteLogError(error)) return { code: error instanceof Error ? error.name : typeof error };
  const { code, reason, retry, tries } = error;
  return { code, retry, ...(reason !== undefined && { reason }), ...(tries !== undefined && { tries }) };
}
