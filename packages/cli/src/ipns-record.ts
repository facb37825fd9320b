import {
  type Address,
  addressOf,
  isRemoteLogError,
  type MirrorTarget,
  type NameResolver,
  type Remote,
  rawSha256,
} from "@remote-log/core";
import type { IpfsStorage, IpnsNames, IpnsRecord } from "@remote-log/ipfs";
import { dayOf, inDays } from "./in-days.ts";
import type { Checkup, CheckupOptions, Finding } from "./remote-kind.ts";

/** Names of which the signed records can be read, to be carried elsewhere. */
type ReadableNames = Pick<IpnsNames, "record">;
/** Names to which records can be carried. */
export type RecordNames = Pick<IpnsNames, "record" | "putRecord">;

/** What became of the record of a name that was to be carried to a target. */
export type Carried =
  | { readonly status: "taken"; readonly record: IpnsRecord }
  /** The target shows a newer one. */
  | { readonly status: "newer" }
  /** The source shows a record that leads to another head. */
  | { readonly status: "elsewhere" };

/** The IPNS name of a log, where its records can be read. */
export interface IpnsSource {
  readonly name: string;
  readonly names: ReadableNames;
}

/** Finds the remote of which the name is an IPNS name. Its record is signed: whoever has it can carry it. */
export function findIpnsSource(remotes: readonly Remote[]): IpnsSource | undefined {
  for (const { name, names } of remotes) if (name !== undefined && hasRecords(names)) return { name, names };
  return undefined;
}

/** Whether records can be carried to names. */
export function takesRecords(names: NameResolver | undefined): names is NameResolver & RecordNames {
  return names !== undefined && hasRecords(names) && "putRecord" in names;
}

function hasRecords(names: NameResolver): names is NameResolver & ReadableNames {
  return "record" in names && typeof names.record === "function";
}

/**
 * Carries the record of a log's name to a target, unchanged, where it leads to the head that was mirrored.
 *
 * @param head - where that head is in the target
 */
export async function carryRecord(
  { name, names }: IpnsSource,
  to: RecordNames,
  head: Address,
  signal: AbortSignal,
): Promise<Carried> {
  const record = await names.record(name, { signal });
  if (record?.address?.equals(head) !== true) return { status: "elsewhere" };
  try {
    await to.putRecord(name, record.bytes, { signal });
    return { status: "taken", record };
  } catch (error) {
    if (isRemoteLogError(error) && error.code === "ERR_NAME_CONFLICT") return { status: "newer" };
    throw error;
  }
}

/** Takes away the pin of a head that was mirrored before, so that old heads do not pile up. */
export async function releaseHead(
  { storage }: MirrorTarget,
  head: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const release = (storage as Partial<IpfsStorage>).release?.bind(storage);
  // One pin too many does no harm.
  await release?.(await addressOf(head, rawSha256), { signal }).catch(() => undefined);
}

/** A record that is valid for less long than this is warned of, in milliseconds: 30 days. */
const SOON = 30 * 24 * 60 * 60 * 1000;

/** For how long the record of a remote's IPNS name is still valid, where it has one. */
export async function recordCheckup(
  _uri: string,
  { name, names }: Remote,
  { signal }: CheckupOptions,
): Promise<Checkup | undefined> {
  if (name === undefined || !hasRecords(names)) return undefined;
  const record = await names.record(name, { signal });
  // That nothing stands under the name shows when it is resolved.
  if (record === undefined) return undefined;
  const { sequence, expires } = record;
  const left = expires - Date.now();
  const until = new Date(expires);
  const ends = left > 0 ? `expires in ${inDays(left)}, on ${dayOf(until)}` : `expired on ${dayOf(until)}`;
  const findings: Finding[] = [];
  if (left < SOON) {
    const message =
      `The record of the IPNS name ${name} ${ends}. Only the log's writer can make a new one: append an entry and ` +
      "publish. rlog keep puts it again, and does not prolong it.";
    findings.push({ code: left > 0 ? "expires-soon" : "expired", message });
  }
  return {
    facts: [`record of the IPNS name ${name}: number ${sequence}, ${ends}`],
    findings,
    details: { record: { name, sequence: `${sequence}`, expires: until.toISOString() } },
  };
}
