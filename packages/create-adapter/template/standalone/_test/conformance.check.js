import { runConformance } from "@remote-log/conformance/node-test";
import { fixture } from "./fixture.js";

runConformance(fixture);
