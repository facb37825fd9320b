import { expect, test } from "vitest";
import { unknownOutcome } from "../../src/errors/outcome.ts";

test("a write without an answer may have taken effect, and a read changes nothing", () => {
  for (const write of ["storage.put", "storage.delete", "storage.release", "names.update", "ipns.put"])
    expect(unknownOutcome(write)).toBe(" The outcome of the write is unknown.");
  for (const read of ["storage.get", "storage.has", "names.resolve", "ipns.get", ""])
    expect(unknownOutcome(read)).toBe("");
});
