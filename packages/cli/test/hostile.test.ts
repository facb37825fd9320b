// Commands against a hostile service, in one process whose memory is watched.
import { fileURLToPath } from "node:url";
import { hostileTable } from "@remote-log/test-kit/vitest";

/** Any failure: which one, the tables of the adapters tell. */
const failed = /^[1-9]\d*$/;

hostileTable({
  module: fileURLToPath(new URL("./hostile-operations.mjs", import.meta.url)),
  // The others end after a minute, each.
  among: ({ ends }) => ends === "by-itself",
  size: 1,
  values: {
    "read s3": failed,
    "read https": failed,
    "read ipns": failed,
    "read swarm": failed,
    "doctor s3": failed,
    "doctor bee": failed,
    "mirror to s3": failed,
    "mirror from s3": failed,
    publish: failed,
  },
});
