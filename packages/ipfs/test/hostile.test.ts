// Every operation against every answer of a hostile node, router or gateway, in one process whose memory is watched.
import { fileURLToPath } from "node:url";
import { type HonestAnswer, hostileTable } from "@remote-log/test-kit/vitest";

/** The CID of what is stored: `hello`. */
const CID = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq";

/** The node stores the head; or it does not know the commands of Kubo 0.40. */
const honest: HonestAnswer = ({ path }) => {
  if (/^\/(stored|before-0\.40)\/api\/v0\/block\/put\b/.test(path)) {
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: `{"Key":"${CID}","Size":5}`,
    };
  }
  const isUnknown = /^\/before-0\.40\/api\/v0\/name\//.test(path);
  return isUnknown ? { status: 404, body: "404 page not found" } : undefined;
};

hostileTable({
  module: fileURLToPath(new URL("./hostile-operations.mjs", import.meta.url)),
  honest,
  values: {
    // A gateway's word of what it has itself is taken, and that nothing is there.
    "gateway has": /^(true|false)$/,
    "gateway resolve": /^absent$/,
    "gateway record": /^none$/,
  },
});
