// Checks a fixture before the first case, so that a mistake in it does not look like one in the adapter.

import { check } from "./assert.ts";
import type { ConformanceFixture } from "./fixture.ts";

/** Every field of a fixture. */
const FIELDS = ["name", "create", "reopen", "version", "service", "seed", "limits", "known"];

/**
 * Checks that a value that comes from elsewhere is a fixture, as far as that can be told before it opens anything.
 *
 * @param where - where it comes from, for the error
 * @throws ConformanceFailure that names the field that is wrong
 */
export function checkFixture(value: unknown, where: string): asserts value is ConformanceFixture {
  const is = (good: boolean, what: string): void => check(good, `${where} is no fixture: ${what}.`);
  is(typeof value === "object" && value !== null, `it is ${kindOf(value)}, not an object`);
  for (const field of Object.keys(value as object)) {
    is(FIELDS.includes(field), `there is no field called ${field}; the fields are ${FIELDS.join(", ")}`);
  }
  const { name, create, reopen, version, service, seed, limits, known } = value as Record<string, unknown>;
  is(typeof name === "string" && name !== "", `its name is ${kindOf(name)}, not a text`);
  is(typeof create === "function", `its create is ${kindOf(create)}, not a function`);
  is(reopen === undefined || typeof reopen === "function", `its reopen is ${kindOf(reopen)}, not a function`);
  for (const [field, text] of Object.entries({ version, service })) {
    is(text === undefined || typeof text === "string", `its ${field} is ${kindOf(text)}, not a text`);
  }
  is(
    seed === undefined || (Number.isInteger(seed) && Number(seed) >= 0 && Number(seed) <= 0xff_ff_ff_ff),
    "its seed is not a whole number from 0 to 4294967295",
  );
  is(limits === undefined || (typeof limits === "object" && limits !== null), "its limits are not an object");
  for (const [field, limit] of Object.entries(limits ?? {})) {
    is(["settleMs", "timeoutMs", "largestProbe"].includes(field), `there is no limit called ${field}`);
    is(
      typeof limit === "number" && limit >= 0,
      `its limit ${field} is ${kindOf(limit)}, not a number from 0`,
    );
  }
  is(known === undefined || Array.isArray(known), `its known is ${kindOf(known)}, not an array`);
  for (const entry of (known ?? []) as unknown[]) {
    const { id, reason } = Object(entry) as Record<string, unknown>;
    is(
      typeof id === "string" && typeof reason === "string",
      "an entry of its known is not of the form { id, reason }",
    );
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : `of type ${typeof value}`;
}
