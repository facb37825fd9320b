import { check, equal } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";

/** What a name resolver says of itself. */
export const nameDeclarationCases: readonly ConformanceCase[] = [
  {
    id: "NS-DECL-01",
    level: "MUST",
    title: "name and capabilities are declared, each in its form",
    requires: ["names"],
    async run({ names }) {
      const { compareAndSet, readYourWrites, largestContent, watch } = names.capabilities;
      check(typeof names.name === "string" && names.name !== "", "name is not a text");
      check(["atomic", "none"].includes(compareAndSet), `compareAndSet is ${compareAndSet}`);
      check(
        Number.isSafeInteger(largestContent) && largestContent > 0,
        "largestContent is not a whole number",
      );
      for (const flag of [readYourWrites, watch]) check(typeof flag === "boolean", `${flag} is no boolean`);
    },
  },
  {
    id: "NS-DECL-02",
    level: "MUST",
    title: "watch is there exactly where it is declared",
    requires: ["names"],
    async run({ names }) {
      equal(typeof names.watch === "function", names.capabilities.watch, "whether watch is there");
    },
  },
];
