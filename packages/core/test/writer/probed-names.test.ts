// A name system of which only the service can tell whether it enforces compare-and-set: nothing is asked before it is needed.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  type CompareAndSet,
  compareAndSetOf,
  generateSeed,
  type NameResolver,
  openWriter,
  type Remote,
  UnreachableError,
} from "../../src/index.ts";

/** A remote whose service says what `probe` says, and that counts what is asked. */
function probedRemote(probe: () => Promise<CompareAndSet>, { passedOn = true } = {}) {
  const inner = memoryRemote();
  const { names } = inner;
  const asked = { probe: 0, resolve: 0, update: 0 };
  const probed: NameResolver = {
    name: names.name,
    capabilities: { ...names.capabilities, compareAndSet: "probed", watch: false },
    update: (...given) => {
      asked.update++;
      return names.update(...given);
    },
    resolve: (...given) => {
      asked.resolve++;
      return names.resolve(...given);
    },
    ...(passedOn && {
      probeCompareAndSet: async () => {
        asked.probe++;
        return probe();
      },
    }),
  };
  const remote: Remote = { ...inner, names: probed };
  const open = () =>
    openWriter({
      settings: { visibility: "public" },
      seed: generateSeed(),
      journal: new MemoryLevel<Uint8Array, Uint8Array>(),
      remotes: [remote],
      publish: "manual",
    });
  return { remote, asked, open };
}

/** How often a name is read for the second of two publishes. */
async function looksOf({ asked, open }: ReturnType<typeof probedRemote>): Promise<number> {
  await using writer = await open();
  await writer.append(new Uint8Array(1));
  expect(asked).toEqual({ probe: 0, resolve: 0, update: 0 });
  await writer.publish();
  const before = asked.resolve;
  await writer.append(new Uint8Array(1));
  await writer.publish();
  expect(asked.update).toBe(2);
  return asked.resolve - before;
}

test("a writer asks before its first update, once, and looks before each update if nothing is enforced", async () => {
  const [enforced, loose] = [probedRemote(async () => "atomic"), probedRemote(async () => "none")];
  const looks = await looksOf(enforced);
  expect(enforced.asked.probe).toBe(1);
  // The look before the update, besides those that read back.
  expect(await looksOf(loose)).toBe(looks + 1);
  expect(loose.asked.probe).toBe(1);
});

test("what wraps such names and does not pass the question on counts as if nothing were enforced", async () => {
  const wrapped = probedRemote(async () => "atomic", { passedOn: false });
  expect(await compareAndSetOf(wrapped.remote.names)).toBe("none");
  expect(await looksOf(wrapped)).toBe(await looksOf(probedRemote(async () => "none")));
});

test("a service that can't be asked is asked again at the next publish", async () => {
  let isAway = true;
  const { asked, open } = probedRemote(async () => {
    if (isAway) throw new UnreachableError("Nobody there.", { operation: "names.probe" });
    return "atomic";
  });
  await using writer = await open();
  await writer.append(new Uint8Array(1));
  await expect(writer.publish()).rejects.toMatchObject({ code: "ERR_UNREACHABLE", operation: "names.probe" });
  expect(asked.update).toBe(0);
  isAway = false;
  await writer.publish();
  expect(asked.update).toBe(1);
});
