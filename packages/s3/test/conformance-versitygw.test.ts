import { runConformance } from "@remote-log/conformance/vitest";
import { serverOrSkip, startVersitygw } from "@remote-log/servers";
import { describe } from "vitest";
import { saveReport } from "../../../tools/save-report.ts";
import { BUCKET, withBucket } from "./clients.ts";
import { s3Fixture } from "./fixture.ts";

const { skip } = await serverOrSkip("versitygw");

// versitygw reads the bytes and the ETag of an object one after the other: beside a write, some reads in ten thousand get
// those of two states. So a case that fails is tried once more.
describe.skipIf(skip)("on versitygw", { retry: 1 }, async () => {
  if (skip) return;
  runConformance(s3Fixture({ server: await withBucket(startVersitygw()), bucket: BUCKET }), {
    onReport: saveReport("s3-versitygw"),
  });
});
