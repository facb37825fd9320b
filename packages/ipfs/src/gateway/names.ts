// Names that can only be read.

import type { NameResolver, OperationOptions, StorageBackend } from "@remote-log/core";
import { namesShell, type ReadOnlyNameDriver } from "@remote-log/core/adapter";
import { IpnsDriver } from "../names/driver.ts";
import type { IpnsNamesOptions } from "../names/options.ts";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { gatewayFailure, READ_ONLY } from "./errors.ts";

/** Names as gateways show them. */
export interface GatewayNames extends NameResolver {
  /** The signed record of a name, for carrying it elsewhere: the highest that any gateway shows. */
  record(name: string, options?: OperationOptions): Promise<IpnsRecord | undefined>;
  close(): Promise<void>;
}

/**
 * Names as IPNS records that can only be read, whatever the routes could do.
 *
 * @param heads - where large heads are read from; closed with the names
 */
export function gatewayNames(
  options: Omit<IpnsNamesOptions, "storage">,
  heads: StorageBackend,
): GatewayNames {
  const ipns = new IpnsDriver({ ...options, storage: heads });
  const driver: ReadOnlyNameDriver = {
    name: "ipns by gateway",
    place: ipns.place,
    capabilities: ipns.capabilities,
    translate: gatewayFailure,
    readOnly: READ_ONLY,
    resolve: (name, request, call) => ipns.resolve(name, request, call),
    async close() {
      await ipns.lifetime.close();
      await heads.close?.();
    },
  };
  const { names, onName } = namesShell(driver);
  const reading = { operation: "ipns.get", verb: "reading the record of" };
  return {
    ...names,
    record: (name, given) => onName(reading, name, given, (call) => ipns.record(name, call)),
  };
}
