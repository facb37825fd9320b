import { runConformance } from "@remote-log/conformance/vitest";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { afterAll, describe } from "vitest";
import { asPlanned } from "../../../tools/save-report.ts";
import { swarmFixture } from "./fixture.ts";

const { skip } = await serverOrSkip("bee");

describe.skipIf(skip)("on a Bee node, by bee-js", async () => {
  if (skip) return;
  const server = await startBee();
  afterAll(() => server.stop());
  runConformance(swarmFixture({ server, client: "bee-js" }), asPlanned("swarm-bee-js"));
});
