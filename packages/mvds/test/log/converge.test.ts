import type { Remote } from "@remote-log/core";
import { memoryNames, memoryRemote, memoryStorage, NameTable } from "@remote-log/memory";
import { expect, test } from "vitest";
import { converge } from "./converge.ts";

/** Remotes that stay when a client closes. */
function places(): (name: string) => Remote {
  const found = new Map<string, { contents: Map<string, Uint8Array>; table: NameTable }>();
  return (name) => {
    const place = found.get(name) ?? { contents: new Map<string, Uint8Array>(), table: new NameTable() };
    found.set(name, place);
    return { ...memoryRemote({ label: name }), storage: memoryStorage(place), names: memoryNames(place) };
  };
}

test.each(["eventual", "consistent"] as const)(
  "devices that are never online together deliver everything once and are silent (%s)",
  async (order) => {
    expect(await converge({ remoteOf: places(), node: { order } })).toEqual([{}, {}, {}]);
  },
);

test("so do devices that relay", async () => {
  expect(await converge({ remoteOf: places(), node: { relay: true } })).toEqual([{}, {}, {}]);
});
