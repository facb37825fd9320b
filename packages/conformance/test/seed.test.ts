import { afterEach, expect, test, vi } from "vitest";
import { parseSeed, seedFromEnvironment } from "../src/seed.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the seed of the environment is used if there is one", () => {
  vi.stubEnv("CONFORMANCE_SEED", "4294967295");
  expect(seedFromEnvironment()).toBe(4_294_967_295);
  vi.stubEnv("CONFORMANCE_SEED", "");
  expect(seedFromEnvironment()).toBeUndefined();
  vi.stubEnv("CONFORMANCE_SEED", undefined);
  expect(seedFromEnvironment()).toBeUndefined();
});

test.for(["-1", "4294967296", "1.5", "0x10", "ten", " 1"])("%j is refused as a seed", (text) => {
  expect(() => parseSeed(text, "--seed")).toThrow(`--seed is ${JSON.stringify(text)}, not a whole number`);
});
