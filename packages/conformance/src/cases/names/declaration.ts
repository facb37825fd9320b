// NS-DECL: what a resolver declares of itself.

import type { NameResolver, OperationOptions } from "@remote-log/core";
import { check, equal, outcomeOf, sameBytes, show } from "../../assert.ts";
import type { ConformanceCase } from "../../case.ts";
import { suffer } from "../under-fault.ts";

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
      check(
        ["atomic", "none"].includes(compareAndSet),
        `the capability compareAndSet is ${show(compareAndSet)}`,
      );
      check(
        Number.isSafeInteger(largestContent) && largestContent > 0,
        "largestContent is not a whole number",
      );
      for (const [capability, flag] of Object.entries({ readYourWrites, watch }))
        check(typeof flag === "boolean", `the capability ${capability} is ${show(flag)}, not a boolean`);
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
  {
    id: "NS-DECL-03",
    level: "MUST",
    title: "what is declared is the same for every instance, and stays the same",
    requires: ["names", "reopen"],
    async run(context) {
      const { names, name, content, reopen, opened } = context;
      const [before, chosen] = [declared(names), name()];
      const create = (created: string, options?: OperationOptions): Promise<unknown> =>
        names.update(created, content(100), { ...options, expected: null });
      // Names of their own, so that an adapter that knows of a conflict already has to ask its service.
      const update = (options?: OperationOptions): Promise<unknown> => create(name(), options);
      await create(chosen);
      await outcomeOf(create(chosen)); // Refused, if compare-and-set is atomic.
      for (const fault of opened.faults?.kinds ?? []) await suffer(context, fault, [["update", update]]);
      equal(declared((await reopen()).names), before, "what another instance declares");
      equal(declared(names), before, "what is declared after updates and faults");
    },
  },
  {
    id: "NS-DECL-04",
    level: "MUST",
    title: "options that the resolver does not know, of a later version of the interface, change nothing",
    requires: ["names"],
    async run({ names, name, content, settled }) {
      const [chosen, sent] = [name(), content(100)];
      const later: OperationOptions = { ofALaterVersion: true } as object;
      await names.update(chosen, sent, { expected: null, ...later });
      await settled("names", async () => {
        const resolution = await names.resolve(chosen, later);
        check(resolution.status === "found", `the status is ${resolution.status}`);
        sameBytes(resolution.content, sent, "the content");
      });
    },
  },
];

function declared({ name, capabilities }: NameResolver): string {
  const { compareAndSet, readYourWrites, largestContent, watch } = capabilities;
  return JSON.stringify({ name, compareAndSet, readYourWrites, largestContent, watch });
}
