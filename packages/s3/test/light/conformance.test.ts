import { runConformance } from "@remote-log/conformance/vitest";
import { describe } from "vitest";
import { asPlanned } from "../../../../tools/save-report.ts";
import { BUCKET, ownServer } from "../clients.ts";
import { s3Fixture } from "../fixture.ts";

// The same suite on real servers is in files of its own, which run side by side.
describe("on our own server", async () => {
  runConformance(
    s3Fixture({ server: await ownServer(), bucket: BUCKET, client: "light" }),
    asPlanned("s3-light-own"),
  );
});
