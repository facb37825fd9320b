// What vitest finds to run. The runner beside it tries the mutants before this begins.
import { expect, test } from "vitest";

test("the mutants of the plan were tried", () => {
  expect(globalThis).toHaveProperty("$mutation");
});
