import type { Remote } from "@remote-log/core";
import type { IpnsRecord } from "@remote-log/ipfs";
import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { recordCheckup } from "../../../src/remotes/checkups/ipns-record.ts";

const { signal } = new AbortController();
const DAY = 24 * 60 * 60 * 1000;

/** A remote whose IPNS name has a record that is valid for this long. */
function named(milliseconds: number): Remote {
  const record = { sequence: 7n, expires: Date.now() + milliseconds } as IpnsRecord;
  const remote = memoryRemote();
  return { ...remote, name: "k51", names: Object.assign(remote.names, { record: async () => record }) };
}

test("the record of an IPNS name is warned of a month before it expires, and after", async () => {
  const codes = async (milliseconds: number): Promise<string[]> =>
    (await recordCheckup("", named(milliseconds), { signal }))!.findings.map(({ code }) => code);
  expect(await codes(31 * DAY)).toEqual([]);
  expect(await codes(29 * DAY)).toEqual(["expires-soon"]);
  expect(await codes(-DAY)).toEqual(["expired"]);
  expect((await recordCheckup("", named(31.5 * DAY), { signal }))!.facts[0]).toContain(
    "expires in 31 days, on 2",
  );
  expect(await recordCheckup("", memoryRemote(), { signal })).toBeUndefined();
});
