// What the errors of a storage say besides their codes.

import { type Address, addressOf } from "@remote-log/core";
import type { ConformanceCase } from "../../case.ts";
import { errorsHaveCauses, errorsNameOperations } from "../operations-in-errors.ts";
import { putTogether } from "./put-together.ts";
import { everything } from "./unknown-outcome.ts";
import { stored, walk } from "./walk.ts";

/** The operation and the cause in an error. */
export const storageErrorCases: readonly ConformanceCase[] = [
  {
    id: "CAS-ERROR-01",
    level: "MUST",
    title:
      "an error names the operation that was called: that of put is storage.put, that of get storage.get",
    requires: ["storage"],
    async run(context) {
      const { storage, content, limits } = context;
      const { capabilities } = storage;
      const { largestContent } = capabilities;
      const { address } = await stored(context);
      const absent = await addressOf(content(100), capabilities.hashTypes[0]!);
      await errorsNameOperations(context, "storage", () => everything(context, address), [
        ["get of what is not there", () => storage.get(absent), "get"],
        ["get with maxBytes", () => storage.get(address, { maxBytes: 1 }), "get"],
        ...(largestContent < limits.largestProbe
          ? [["put over the limit", () => storage.put(content(largestContent + 1)), "put"] as const]
          : []),
        ...(storage.close === undefined ? [] : afterClose(address)),
      ]);

      function afterClose(closed: Address) {
        const { delete: deletes, list, release, putMany } = capabilities;
        const close = async (): Promise<void> => storage.close?.();
        return [
          ["put after close", () => close().then(() => storage.put(content(10))), "put"] as const,
          ["get after close", () => storage.get(closed), "get"] as const,
          ["has after close", () => storage.has(closed), "has"] as const,
          ...(putMany
            ? [["putMany after close", () => putTogether(storage, [content(10)]), "putMany"] as const]
            : []),
          ...(deletes
            ? [["delete after close", async () => storage.delete?.(closed), "delete"] as const]
            : []),
          ...(release
            ? [["release after close", async () => storage.release?.(closed), "release"] as const]
            : []),
          ...(list ? [["list after close", () => walk(storage), "list"] as const] : []),
        ];
      }
    },
  },
  {
    id: "CAS-ERROR-02",
    level: "SHOULD",
    title: "the error for a service that can't be reached keeps what the connection said, as its cause",
    requires: ["storage", "fault.unreachable"],
    async run(context) {
      const { address } = await stored(context);
      await errorsHaveCauses(context, everything(context, address));
    },
  },
];
