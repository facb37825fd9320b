// What a runtime throws if no answer came.

import { ServiceFailure } from "./service-failure.ts";

/** What may tell more of it; nothing is there for sure. */
interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: { readonly code?: unknown; readonly message?: unknown };
}

/** The code of an error of the runtime, or else its name, unless that is `Error`. */
export function codeOfRuntime({ name, code, cause }: Thrown): string {
  // The SDK calls a refused connection "TimeoutError" too; the code of the system tells more.
  const found = [code, cause?.code, name].find((one) => typeof one === "string");
  return found === undefined || found === "Error" ? "" : found;
}

/** What a runtime says of it: `fetch` itself says that it failed, and its cause says why. */
export function wordsOfRuntime({ message, cause }: Thrown): string {
  const why = cause?.message;
  return typeof why === "string" && why !== "" ? why : `${message}`;
}

/** Takes from an error of `fetch` what is safe to keep. */
export function unanswered(thrown: unknown): ServiceFailure {
  const error: Thrown = typeof thrown === "object" && thrown !== null ? thrown : { message: thrown };
  return new ServiceFailure({ code: codeOfRuntime(error), text: wordsOfRuntime(error) });
}
