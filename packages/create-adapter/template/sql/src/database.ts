// One pool for both halves of a remote, opened at the first statement, and closed with the second half.

import { SharedConnection } from "@remote-log/core/adapter";
import { openPool, type Pool, Service } from "./client.ts";

/** A pool that the halves of a remote share. */
export type Database = SharedConnection<Pool>;

/** Makes the shared pool of a database. Nothing is opened yet. */
export function openDatabase(service: Service = new Service()): Database {
  return new SharedConnection<Pool>({
    open: async (_signal, lost) => openPool(service, lost),
    close: (pool) => pool.end(),
  });
}
