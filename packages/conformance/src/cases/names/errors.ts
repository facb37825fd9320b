// What the errors of a resolver say besides their codes.

import type { ConformanceCase } from "../../case.ts";
import { errorsHaveCauses, errorsNameOperations } from "../operations-in-errors.ts";
import { set } from "./refusals.ts";
import { everything } from "./unknown-outcome.ts";

/** The operation and the cause in an error. */
export const nameErrorCases: readonly ConformanceCase[] = [
  {
    id: "NS-ERROR-01",
    level: "MUST",
    title:
      "an error names the operation that was called, names.update or names.resolve, or what a part of the resolver did",
    requires: ["names"],
    async run(context) {
      const { names, name, content, limits } = context;
      const { compareAndSet, largestContent } = names.capabilities;
      const { chosen, expected } = await set(context);
      await errorsNameOperations(context, "names", () => everything(context, chosen), [
        ["resolve with maxBytes", () => names.resolve(chosen, { maxBytes: 1 }), "resolve"],
        ...(compareAndSet === "atomic"
          ? [
              [
                "update that conflicts",
                () => names.update(chosen, content(9), { expected: null }),
                "update",
              ] as const,
            ]
          : []),
        ...(largestContent < limits.largestProbe
          ? [
              [
                "update over the limit",
                () => names.update(chosen, content(largestContent + 1), { expected }),
                "update",
              ] as const,
            ]
          : []),
        ...(names.close === undefined
          ? []
          : [
              [
                "update after close",
                async () => names.close?.().then(() => names.update(name(), content(9), { expected: null })),
                "update",
              ] as const,
              ["resolve after close", () => names.resolve(chosen), "resolve"] as const,
            ]),
      ]);
    },
  },
  {
    id: "NS-ERROR-02",
    level: "SHOULD",
    title: "the error for a service that can't be reached keeps what the connection said, as its cause",
    requires: ["names", "fault.unreachable"],
    async run(context) {
      const { chosen } = await set(context);
      await errorsHaveCauses(context, everything(context, chosen));
    },
  },
];
