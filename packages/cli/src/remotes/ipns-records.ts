// Names whose signed IPNS records can be read, and carried to other places without the key.

import type { NameResolver, Remote } from "@remote-log/core";
import type { IpnsNames } from "@remote-log/ipfs";

/** Names whose signed records can be read. */
export type ReadableNames = Pick<IpnsNames, "record" | "resolve">;
/** Names to which signed records can be carried. */
export type RecordNames = Pick<IpnsNames, "record" | "putRecord">;

/** The IPNS name of a log, at a place where its record can be read. */
export interface IpnsSource {
  readonly name: string;
  readonly names: ReadableNames;
}

/** The first of some remotes whose name is an IPNS name. Whoever has its signed record can carry it. */
export function findIpnsSource(remotes: readonly Remote[]): IpnsSource | undefined {
  for (const { name, names } of remotes) if (name !== undefined && hasRecords(names)) return { name, names };
  return undefined;
}

/** Whether records can be carried to these names. */
export function takesRecords(names: NameResolver | undefined): names is NameResolver & RecordNames {
  return names !== undefined && hasRecords(names) && "putRecord" in names;
}

/** Whether these names are IPNS names. */
export function hasRecords(names: NameResolver): names is NameResolver & ReadableNames {
  return "record" in names && typeof names.record === "function";
}
