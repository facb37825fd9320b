import { TooLargeError } from "@remote-log/core";
import { Lifetime, type OperationContext } from "@remote-log/core/adapter";
import { type IpnsRoute, LARGEST_RECORD } from "../routes/route.ts";
import { saysNoRecord, translateStoreFailure } from "./store-failure.ts";
import type { RoutingLike } from "./stores.ts";

/**
 * Publishes and reads IPNS records over a routing of Helia's shape: each of `ipns(helia).routers`, say. It
 * carries records and compares nothing; Helia's own local store takes an older record, too.
 *
 * @param routing - used as it is: started and stopped by whoever made it
 * @param name - what messages call it. Default: `"an IPNS routing"`
 */
export function routingRoute(routing: RoutingLike, name = "an IPNS routing"): IpnsRoute {
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
        // Some give nothing where there is nothing.
        if (record === undefined || record === null) return undefined;
        if (record.length > LARGEST_RECORD) throw tooLarge(record.length, context);
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

function tooLarge(bytes: number, { operation, action }: OperationContext): TooLargeError {
  return new TooLargeError(
    `While ${action}: it sent ${bytes} bytes, and a record has at most ${LARGEST_RECORD}.`,
    { operation, limit: LARGEST_RECORD },
  );
}
