// Every operation against every answer of a hostile service, in one process whose memory is watched.
import { fileURLToPath } from "node:url";
import { type HonestAnswer, hostileTable } from "@remote-log/test-kit/vitest";

/** The probe finds conditions that are enforced; a list has a second page. */
const honest: HonestAnswer = ({ path }) => {
  if (/^\/probed\/.*\/probe\b/.test(path)) return { status: 412, headers: { server: "honest" } };
  if (!path.startsWith("/paged/") || path.includes("continuation-token")) return undefined;
  const body =
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken></ListBucketResult>";
  return { status: 200, headers: { "content-type": "application/xml" }, body };
};

hostileTable({
  module: fileURLToPath(new URL("./hostile-operations.mjs", import.meta.url)),
  honest,
  values: {
    // An object whose first byte comes is there, whatever comes after it.
    has: /^true$/,
    "light has": /^true$/,
    "public has": /^(true|false)$/,
    // A server of files says 404 for what is not there, with a page of its own.
    "public resolve": /^absent$/,
    "public resolve what is known": /^absent$/,
  },
});
