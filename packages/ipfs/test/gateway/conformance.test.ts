import { runConformance } from "@remote-log/conformance/vitest";
import { serverOrSkip } from "@remote-log/servers";
import { describe } from "vitest";
import { asPlanned } from "../../../../tools/save-report.ts";
import { nodeOfFile } from "../node-for-tests.ts";
import { gatewayFixture } from "./fixture.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("through the gateway of a Kubo node", async () => {
  if (skip) return;
  runConformance(gatewayFixture({ server: await nodeOfFile() }), asPlanned("ipfs-gateway"));
});
