// What `rlog doctor` reports about the record of a log's IPNS name.

import type { Remote } from "@remote-log/core";
import { byThisClock } from "@remote-log/core/adapter";
import { dayOf, inDays } from "../../terminal/days.ts";
import { hasRecords } from "../ipns-records.ts";
import type { Checkup, CheckupOptions, Finding } from "../remote-kind.ts";

/** A record that expires sooner than this is a finding, in milliseconds: 30 days. */
const SOON = 30 * 24 * 60 * 60 * 1000;

/** How long the record of a remote's IPNS name is still valid, if it has such a name. */
export async function recordCheckup(
  _uri: string,
  { name, names }: Remote,
  { signal }: CheckupOptions,
): Promise<Checkup | undefined> {
  if (name === undefined || !hasRecords(names)) return undefined;
  const record = await names.record(name, { signal });
  // Resolving the name shows already that there is nothing under it.
  if (record === undefined) return undefined;
  const { sequence, expires } = record;
  const left = expires - Date.now();
  const until = new Date(expires);
  const ends =
    left > 0
      ? `expires in ${inDays(left)}, on ${dayOf(until)}`
      : `expired on ${dayOf(until)}, ${byThisClock()}`;
  const findings: Finding[] = [];
  if (left < SOON) {
    const message =
      `The record of the IPNS name ${name} ${ends}. Only the log's writer can make a new one: append an entry and ` +
      "publish. rlog keep publishes the same record again; it does not prolong it.";
    findings.push({ code: left > 0 ? "expires-soon" : "expired", message });
  }
  return {
    facts: [`record of the IPNS name ${name}: number ${sequence}, ${ends}`],
    findings,
    details: { record: { name, sequence: `${sequence}`, expires: until.toISOString() } },
  };
}
