import { runConformance } from "@remote-log/conformance/vitest";
import { memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";

const events: string[] = [];
const fixture = {
  name: "disposable",
  create: async () => ({ storage: memoryStorage() }),
  [Symbol.asyncDispose]: async () => void events.push("disposed"),
};
const onReport = async () => {
  await Promise.resolve();
  events.push("reported");
};

runConformance(fixture, { only: ["CAS-DECL-01"], onReport });

test("under vitest a fixture is disposed of once, after its report", () => {
  expect(events).toEqual(["reported", "disposed"]);
});

test.for([
  [{}, "its name is undefined, not a text"],
  [{ name: "x" }, "its create is undefined, not a function"],
  [async () => fixture, "it is of type function, not an object"],
  [{ ...fixture, limit: { timeoutMs: 5 } }, "there is no field called limit; the fields are name, create"],
] as const)(
  "a fixture of the wrong form, as in %j, declares no test: its error says what is wrong",
  ([wrong, why]) => {
    expect(() => runConformance(wrong as typeof fixture)).toThrow(`The fixture is no fixture: ${why}`);
  },
);
