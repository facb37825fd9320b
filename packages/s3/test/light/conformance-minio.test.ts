import { runConformance } from "@remote-log/conformance/vitest";
import { serverOrSkip, startMinio } from "@remote-log/servers";
import { describe } from "vitest";
import { asPlanned } from "../../../../tools/save-report.ts";
import { BUCKET, withBucket } from "../clients.ts";
import { s3Fixture } from "../fixture.ts";

const { skip } = await serverOrSkip("minio");

describe.skipIf(skip)("on minio", async () => {
  if (skip) return;
  runConformance(
    s3Fixture({ server: await withBucket(startMinio()), bucket: BUCKET, client: "light" }),
    asPlanned("s3-light-minio"),
  );
});
