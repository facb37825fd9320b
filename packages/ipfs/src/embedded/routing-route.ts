// IPNS records over a routing of Helia's shape (IPNS Record and Protocol, "Routing Record").

import { checkSize, Lifetime, type OperationContext } from "@remote-log/core/adapter";
import { LARGEST_RECORD } from "../record/ipns-record.ts";
import type { PublishingRoute } from "../routes/route.ts";
import { saysNoRecord, translateStoreFailure } from "./errors.ts";
import type { RoutingLike } from "./stores.ts";

/**
 * Publishes and reads IPNS records over a routing of Helia's shape, such as each of `ipns(helia).routers`. It compares nothing;
 * Helia's own local store accepts an older record as well.
 *
 * @param routing - used as it is: started and stopped by whoever made it
 * @param name - what messages call it. Default: `"an IPNS routing"`
 *
 * @example
 * ```ts
 * import { type RoutingLike, routingRoute } from "@remote-log/ipfs/embedded";
 *
 * function routesOf(routers: readonly RoutingLike[]) { // `ipns(helia).routers`
 *   return routers.map((routing, i) => routingRoute(routing, `IPNS routing ${i + 1}`));
 * }
 * ```
 */
export function routingRoute(routing: RoutingLike, name = "an IPNS routing"): PublishingRoute {
  const lifetime = new Lifetime({ what: "routing route", translate: translateStoreFailure });
  const contextOf = (operation: string, action: string): OperationContext => ({
    operation,
    action: `${action} by ${name}`,
  });

  return {
    name,

    get(ipnsName, options) {
      const context = contextOf("names.resolve", `reading the record of ${ipnsName}`);
      return lifetime.run(context, options.signal, async (signal) => {
        let record: Uint8Array | null | undefined;
        try {
          record = await routing.get(Uint8Array.from(ipnsName.routingKey), { signal });
        } catch (error) {
          if (!saysNoRecord(error)) throw error;
        }
        // Some give nothing if there is no record.
        if (record === undefined || record === null) return undefined;
        checkSize(record.length, LARGEST_RECORD, context);
        return Uint8Array.from(record);
      });
    },

    put(ipnsName, record, options) {
      const context = contextOf("names.update", `publishing the record of ${ipnsName}`);
      const bytes = Uint8Array.from(record);
      return lifetime.run(context, options.signal, async (signal) => {
        await routing.put(Uint8Array.from(ipnsName.routingKey), bytes, { signal });
      });
    },

    close: () => lifetime.close(),
  };
}
