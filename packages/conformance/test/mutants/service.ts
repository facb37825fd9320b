import type { Fault, FaultControl } from "@remote-log/conformance";
import {
  ClosedError,
  DeniedError,
  QuotaExhaustedError,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import { raceSignal, withAnySignal } from "@remote-log/core/adapter";

/** What the sound adapter was opened with, and what no error of it may tell. */
export const SECRET = "made-up-access-key-5b1c";

/** In such pieces a body comes that never ends, and so much of it comes. */
const PIECE_BYTES = 64 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;
/** The most that is read of the text of an error. */
const TEXT_BYTES = 16 * 1024;

/** One question to the service. */
interface Question<T> {
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  /** Fires when the adapter is closed. */
  readonly closed: AbortSignal;
  /** What the service does. */
  readonly work: () => Promise<T>;
  /** The most bytes that the adapter takes of an answer. */
  readonly limit?: number | undefined;
  /** What arrives of an answer that is changed on its way. */
  readonly change?: (answer: T, fault: Fault) => T | Promise<T>;
}

/** The way from an adapter to its service, without a network: it counts requests, and brings about every fault. */
export class Service implements FaultControl {
  readonly kinds: readonly Fault[] = [
    "unreachable",
    "reply-lost",
    "failing",
    "denied",
    "quota",
    "silent",
    "dripping",
    "endless",
    "endless-failing",
    "endless-denied",
    "corrupt",
    "truncated",
    "extended",
  ];
  /** How many requests were sent. */
  requests = 0;
  /** What is cut when the service can't be reached any more: connections of those who wait. */
  readonly cut = new Set<(error: UnreachableError) => void>();
  #met = 0;
  #sent = 0;
  #fault: Fault | undefined;

  begin(fault: Fault): void {
    this.#fault = fault;
    if (fault !== "unreachable") return;
    for (const cut of this.cut) cut(unreachable("names.watch"));
    this.cut.clear();
  }

  end(): void {
    this.#fault = undefined;
  }

  met(): number {
    return this.#met;
  }

  sent(): number {
    return this.#sent;
  }

  /** The fault that lasts. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /**
   * Reads an answer that never ends, up to a limit in bytes. After 64 MiB nothing more comes, and no end.
   *
   * @returns once it has read more than that
   */
  async read(limit: number): Promise<void> {
    for (let taken = 0; taken <= limit; taken += PIECE_BYTES) {
      if (taken >= MOST_BYTES) await new Promise<never>(() => undefined);
      this.#sent += PIECE_BYTES;
      await Promise.resolve();
    }
  }

  /** Sends a request. Without a fault it adds no turn of its own to the work. */
  ask<T>(question: Question<T>): Promise<T> {
    this.requests++;
    if (this.#fault !== undefined) this.#met++;
    return this.#fault === undefined ? question.work() : meet(this.#fault, question, this);
  }
}

function unreachable(operation: string): UnreachableError {
  const cause = new Error("connect ECONNREFUSED");
  return new UnreachableError("The service gives no usable answer.", { operation, cause });
}

async function meet<T>(fault: Fault, question: Question<T>, service: Service): Promise<T> {
  const { operation, signal, closed, work, limit, change } = question;
  switch (fault) {
    case "unreachable":
    case "failing":
      throw unreachable(operation);
    case "denied":
      throw new DeniedError("The service allows it to others alone.", { operation });
    case "quota":
      throw new QuotaExhaustedError("The service has no room left.", { operation });
    case "reply-lost":
      await work().catch(() => undefined);
      throw unreachable(operation);
    case "silent":
      return unanswered(operation, signal, closed);
    case "dripping":
      await work();
      if (limit !== undefined) throw new TooLargeError("The answer has no end.", { operation, limit });
      return unanswered(operation, signal, closed);
    case "endless": {
      // What is no content is known from the status of the answer: its body is not needed.
      const answer = await work();
      if (limit === undefined) return answer;
      await service.read(limit);
      throw new TooLargeError("The answer has no end.", { operation, limit });
    }
    case "endless-failing":
    case "endless-denied":
      await service.read(TEXT_BYTES);
      if (fault === "endless-failing") throw unreachable(operation);
      throw new DeniedError("The service allows it to others alone.", { operation });
    default: {
      const answer = await work();
      return change === undefined ? answer : change(answer, fault);
    }
  }
}

/** Waits until one of the signals fires, and leaves no listener on either: many requests share the second one. */
async function unanswered(
  operation: string,
  signal: AbortSignal | undefined,
  closed: AbortSignal,
): Promise<never> {
  try {
    return await withAnySignal([signal, closed], (linked) =>
      raceSignal(new Promise<never>(() => undefined), linked),
    );
  } catch {
    signal?.throwIfAborted();
    throw new ClosedError("It was closed.", { operation });
  }
}

/** What arrives of a content. */
export function changed(content: Uint8Array, fault: Fault): Uint8Array {
  if (fault === "truncated") return content.subarray(0, content.length >> 1);
  if (fault === "extended") return new Uint8Array([...content, 1, 2, 3]);
  return content.map((byte, i) => (i === content.length >> 1 ? byte ^ 1 : byte));
}
