// What a case needs, and how to say to the author of an adapter that it is not there.

import type { Requirement } from "./case.ts";
import type { ConformanceFixture, Fault, Opened } from "./fixture.ts";

/**
 * Tells why a case does not apply to what a fixture opened, in words of the fixture and of the capabilities.
 *
 * @returns undefined if the case applies
 */
export function whyNot(
  requires: readonly Requirement[],
  opened: Opened,
  fixture: Pick<ConformanceFixture, "reopen">,
): string | undefined {
  for (const requirement of requires) {
    const reason = isFault(requirement)
      ? withoutFault(requirement.slice("fault.".length) as Fault, opened)
      : reasons[requirement](opened, fixture);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

type Reason = (opened: Opened, fixture: Pick<ConformanceFixture, "reopen">) => string | undefined;

const reasons: Readonly<Record<Exclude<Requirement, `fault.${Fault}`>, Reason>> = {
  storage: ({ storage }) => (storage === undefined ? "the fixture opens no `storage`" : undefined),
  "storage.delete": (opened) => ofStorage(opened, "delete", true),
  "storage.list": (opened) => ofStorage(opened, "list", true),
  "storage.ranges": (opened) => ofStorage(opened, "ranges", true, false),
  "storage.putMany": ({ storage }) =>
    storage?.capabilities.putMany === undefined ? "not declared: putMany" : undefined,
  "storage.release": (opened) => ofStorage(opened, "release", true, false),
  "storage.close": ({ storage }) =>
    storage?.close === undefined ? "the storage has no `close` method" : undefined,
  "storage.local": (opened) => ofStorage(opened, "absence", "local", "known"),
  names: ({ names }) => (names === undefined ? "the fixture opens no `names`" : undefined),
  "names.atomic": (opened) => ofNames(opened, "compareAndSet", "atomic"),
  "names.loose": (opened) => ofNames(opened, "compareAndSet", "none"),
  "names.watch": (opened) => ofNames(opened, "watch", true),
  "names.close": ({ names }) =>
    names?.close === undefined ? "the name resolver has no `close` method" : undefined,
  reopen: (_opened, { reopen }) => (reopen === undefined ? "the fixture gives no `reopen`" : undefined),
  tidyUp: ({ tidyUp }) => (tidyUp === undefined ? "the fixture gives no `tidyUp`" : undefined),
  faults: ({ faults }) =>
    faults === undefined || faults.kinds.length === 0 ? "the fixture gives no `faults`" : undefined,
  secrets: ({ secrets }) =>
    secrets === undefined || secrets.length === 0 ? "the fixture gives no `secrets`" : undefined,
};

function ofStorage(opened: Opened, capability: string, needed: unknown, byDefault?: unknown) {
  if (opened.storage === undefined) return reasons.storage(opened, {});
  return declares(opened.storage.capabilities, capability, needed, byDefault);
}

function ofNames(opened: Opened, capability: string, needed: unknown) {
  if (opened.names === undefined) return reasons.names(opened, {});
  return declares(opened.names.capabilities, capability, needed);
}

function declares(
  capabilities: object,
  capability: string,
  needed: unknown,
  byDefault?: unknown,
): string | undefined {
  const declared: unknown = Reflect.get(capabilities, capability) ?? byDefault;
  if (declared === needed) return undefined;
  const is = `${capability} is ${JSON.stringify(declared) ?? "undefined"}`;
  // Some cases are for adapters that promise more, and some for those that promise less.
  const promisesMore = needed === true || needed === "atomic";
  return promisesMore ? `not declared: ${is}` : `only for ${capability} ${JSON.stringify(needed)}: ${is}`;
}

function withoutFault(fault: Fault, opened: Opened): string | undefined {
  if (opened.faults?.kinds.includes(fault) === true) return undefined;
  const reason = opened.faults?.omitted?.[fault] ?? reasons.faults(opened, {});
  return reason ?? `"${fault}" is not among the \`kinds\` of the fixture's \`faults\``;
}

function isFault(requirement: Requirement): requirement is `fault.${Fault}` {
  return requirement.startsWith("fault.");
}
