import { runConformance } from "@remote-log/conformance/vitest";
import { serverOrSkip } from "@remote-log/servers";
import { describe } from "vitest";
import { asPlanned } from "../../../../tools/save-report.ts";
import { ipfsFixture } from "../fixture.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("on Kubo, through kubo-rpc-client", async () => {
  if (skip) return;
  const server = await nodeOfFile();
  runConformance(ipfsFixture({ server, client: "kubo-rpc-client" }), asPlanned("ipfs-kubo-rpc-client"));
});
