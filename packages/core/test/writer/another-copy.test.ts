import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { generateSeed, openWriter, type RemoteLogError } from "../../src/index.ts";

/** The same error as another copy of the package makes it: of a class of its own, with the same brand. */
function asOfAnotherCopy(error: RemoteLogError): Error {
  const { message, name, code, operation, retry } = error;
  const copy = Object.assign(new Error(message), { code, operation, retry });
  Object.defineProperty(copy, "name", { value: name });
  Object.defineProperty(copy, Symbol.for("remote-log.error"), { value: true });
  return copy;
}

test("a second device is told as such, also through an adapter that brings its own copy of the core", async () => {
  const seed = generateSeed();
  const contents = new Map<string, Uint8Array>();
  const table = new NameTable();
  const device = () => {
    const sound = memoryNames({ table });
    const names = {
      ...sound,
      update: (...update: Parameters<typeof sound.update>) =>
        sound.update(...update).catch((error: unknown) => {
          throw asOfAnotherCopy(error as RemoteLogError);
        }),
    };
    const remote = { label: "memory", storage: memoryStorage({ contents }), names };
    return openWriter({
      settings: { visibility: "public" },
      seed,
      journal: new MemoryLevel(),
      remotes: [remote],
      publish: "manual",
    });
  };
  const [one, other] = [await device(), await device()];
  await one.append(new Uint8Array([1]));
  await other.append(new Uint8Array([2]));
  // Both look before either writes, so that one of them loses the race for the name.
  const outcomes = await Promise.allSettled([one.publish(), other.publish()]);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused.map(({ reason }) => (reason as RemoteLogError).code)).toEqual(["ERR_CONFLICT"]);
  await one.close();
  await other.close();
});
