// What a runtime must have, checked when something is opened. A runtime that can't do something is never reported as storage
// that lies, or as an outage: it is `ERR_UNSUPPORTED`, and the error names what is missing.

import { UnsupportedError } from "../errors/index.ts";

/** Something that not every runtime has, and that some of this code needs. */
export type RuntimeFeature =
  | "BigInt"
  | "DataView.prototype.getBigUint64"
  | "AbortController"
  | "setTimeout"
  | "Symbol.asyncIterator"
  | "crypto.getRandomValues"
  | "URL"
  | "URLSearchParams"
  | "Headers"
  | "fetch";

// Each gives something true if the feature is there and works, and may throw if not.
const checks: Readonly<Record<RuntimeFeature, () => unknown>> = {
  BigInt: () => BigInt,
  "DataView.prototype.getBigUint64": () => "getBigUint64" in DataView.prototype,
  AbortController: () => AbortController,
  setTimeout: () => setTimeout,
  // Compiled async generators have it only if it was there when their helpers were loaded.
  "Symbol.asyncIterator": () => Symbol.asyncIterator in asyncSteps(),
  "crypto.getRandomValues": () => "getRandomValues" in crypto,
  // That of React Native itself throws on most of its properties.
  URL: () => new URL("http://a:81").host === "a:81",
  URLSearchParams: () => `${new URLSearchParams({ a: "b" })}` === "a=b",
  Headers: () => Headers,
  fetch: () => fetch,
};

async function* asyncSteps(): AsyncGenerator<undefined> {}

/**
 * Checks that the runtime has what the code needs: what all of it does, and some more. Call it first in a function that opens
 * something.
 *
 * @param operation - what is about to be done, as `subject.verb`
 * @param features - what it needs besides that
 * @throws UnsupportedError `ERR_UNSUPPORTED`, reason `"runtime"`; it names all that is missing
 */
export function requireRuntime(operation: string, ...features: readonly RuntimeFeature[]): void {
  const missing = [...ALWAYS, ...features].filter((name) => !has(name));
  if (missing.length === 0) return;
  throw new UnsupportedError(
    `This runtime lacks what is needed, or has it only in part: \`${missing.join("`, `")}\`. Load a polyfill before everything ` +
      'else, or use a newer runtime; see "Where it runs" in the documentation.',
    { operation, reason: "runtime" },
  );
}

/** What all of the code needs. */
const ALWAYS: readonly RuntimeFeature[] = [
  "BigInt",
  "DataView.prototype.getBigUint64",
  "AbortController",
  "setTimeout",
  "Symbol.asyncIterator",
];

function has(name: RuntimeFeature): boolean {
  try {
    return Boolean(checks[name]());
  } catch {
    return false;
  }
}

/**
 * Checks that the runtime has what requests over HTTP need. Call it first in a function that opens a service.
 *
 * @param operation - what is about to be done, as `subject.verb`
 * @param fetch - the function that will send the requests; `undefined` if the runtime's is to
 * @throws UnsupportedError `ERR_UNSUPPORTED`, reason `"runtime"`; it names all that is missing
 */
export function requireHttp(operation: string, fetch: unknown): void {
  requireRuntime(operation, "URL", "URLSearchParams", "Headers", ...(fetch ? [] : (["fetch"] as const)));
}
