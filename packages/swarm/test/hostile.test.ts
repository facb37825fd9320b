// Every operation against every answer of a hostile node, in one process whose memory is watched.
import { fileURLToPath } from "node:url";
import { type HonestAnswer, hostileTable } from "@remote-log/test-kit/vitest";

const batch = {
  batchID: "ab".repeat(32),
  depth: 20,
  bucketDepth: 16,
  utilization: 0,
  batchTTL: 10_000_000,
  immutableFlag: true,
  usable: true,
};

/** The batch can pay; and the index of an update is free. */
const honest: HonestAnswer = ({ method, path }) => {
  const headers = { "content-type": "application/json" };
  if (/^\/(paid|free)\/stamps\//.test(path)) return { status: 200, headers, body: JSON.stringify(batch) };
  if (method === "GET" && path.startsWith("/free/chunks/")) {
    return { status: 404, headers, body: '{"code":404,"message":"chunk not found"}' };
  }
  if (method === "POST" && path.startsWith("/paid/tags")) {
    return { status: 201, headers, body: '{"uid":7,"split":0,"seen":0,"stored":0,"sent":0,"synced":0}' };
  }
  return undefined;
};

hostileTable({
  module: fileURLToPath(new URL("./hostile-operations.mjs", import.meta.url)),
  honest,
});
