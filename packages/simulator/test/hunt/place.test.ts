import { useEnvironment } from "@remote-log/core/environment";
import { failure } from "@remote-log/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FaultKind } from "../../src/hunt/faults.ts";
import { Place } from "../../src/hunt/place.ts";
import { ProcessLife } from "../../src/hunt/process-life.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// Nobody waits.
let giveBack = (): void => undefined;
beforeAll(() => {
  giveBack = useEnvironment({
    random: () => 0.5,
    schedule: (run) => {
      queueMicrotask(run);
      return () => undefined;
    },
  });
});
afterAll(() => giveBack());

test.each<[FaultKind, string | undefined]>([
  ["down", "ERR_UNREACHABLE"],
  ["hidden", "ERR_NOT_FOUND"],
  ["corrupt", undefined],
  ["swapped", undefined],
])("a place meets the fault %s as often as it was told, and then no more", async (kind, code) => {
  const place = new Place("here", false);
  const { storage } = place.remoteFor(new ProcessLife());
  const [one] = [await storage.put(bytes("one")), await storage.put(bytes("two"))];
  place.faults.begin(kind, 1);
  const read = await storage.get(one).catch((error: unknown) => error);
  if (code === undefined) expect(read).not.toEqual(bytes("one"));
  else expect(read).toMatchObject({ code });
  expect(await storage.get(one)).toEqual(bytes("one"));
});

test("a write whose answer is lost has taken effect, and one that is dropped has not", async () => {
  const place = new Place("here", false);
  const { storage } = place.remoteFor(new ProcessLife());
  place.faults.begin("lost-answer", 1);
  expect(await failure(storage.put(bytes("one")))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(place.contents.size).toBe(1);
  place.faults.begin("dropped", 1);
  await storage.put(bytes("two"));
  expect(place.contents.size).toBe(1);
  expect(place.isHarmed).toBe(true);
});

test("a place goes back to what it remembers, and gives out no revision twice", async () => {
  const place = new Place("here", false);
  const { names } = place.remoteFor(new ProcessLife());
  const first = await names.update("log", bytes("one"), { expected: null });
  place.remember();
  const second = await names.update("log", bytes("two"), { expected: first });
  place.faults.begin("outdated", 1);
  expect(await names.resolve("log")).toMatchObject({ content: bytes("one"), revision: first });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("two"), revision: second });
  place.goBack(0);
  expect(await names.resolve("log")).toMatchObject({ content: bytes("one"), revision: first });
  expect(await failure(names.update("log", bytes("x"), { expected: second }))).toMatchObject({
    code: "ERR_NAME_CONFLICT",
  });
  expect(await names.update("log", bytes("other"), { expected: first })).not.toBe(second);
  place.empty();
  expect(await names.resolve("log")).toEqual({ status: "absent" });
});

test("nothing that a process began continues once it is dead", async () => {
  const place = new Place("here", false);
  const life = new ProcessLife();
  const { storage } = place.remoteFor(life);
  life.dieAfter(0);
  void storage.put(bytes("one"));
  await life.ended;
  expect(place.contents.size).toBe(0);
});
