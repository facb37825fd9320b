import { runConformance } from "@remote-log/conformance/vitest";
import { type S3Server, serverOrSkip, startMinio, startVersitygw } from "@remote-log/servers";
import { describe } from "vitest";
import { saveReport } from "../../../tools/save-report.ts";
import { BUCKET, ownServer, withBucket } from "./clients.ts";
import { s3Fixture } from "./fixture.ts";

describe("on our own server", async () => {
  runConformance(s3Fixture({ server: await ownServer(), bucket: BUCKET }), {
    onReport: saveReport("s3-own"),
  });
});

for (const [name, start] of [
  ["minio", startMinio],
  ["versitygw", startVersitygw],
] as const) {
  const { skip } = await serverOrSkip(name);
  describe.skipIf(skip)(`on ${name}`, async () => {
    if (skip) return;
    const server: S3Server = await withBucket(start());
    runConformance(s3Fixture({ server, bucket: BUCKET }), { onReport: saveReport(`s3-${name}`) });
  });
}
