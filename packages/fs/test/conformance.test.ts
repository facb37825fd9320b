import { runConformance } from "@remote-log/conformance/vitest";
import { afterAll } from "vitest";
import { saveReport } from "../../../tools/save-report.ts";
import { fsFixture } from "./fixture.ts";

const fixture = await fsFixture();
afterAll(() => fixture[Symbol.asyncDispose]());

runConformance(fixture, { onReport: saveReport("fs") });
