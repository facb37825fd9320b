import { conformanceCases } from "@remote-log/conformance";
import { runConformance } from "@remote-log/conformance/vitest";
import { staticRemote } from "@remote-log/fs";
import { sample, whole } from "@remote-log/test-kit";
import { fsFixture } from "../fixture.ts";

// Contents are those of `fs` in another layout, so that a sample of the cases about names is enough unless all is tried.
const aboutNames = conformanceCases.map(({ id }) => id).filter((id) => id.startsWith("NS-"));
const reason =
  "A file holds nothing but the content, so that any server shows it: equal contents have equal revisions.";

runConformance(
  {
    ...(await fsFixture("static", (root) => staticRemote({ root }))),
    known: [{ id: "NS-UPDATE-12", reason }],
  },
  whole ? {} : { only: sample("suite static", aboutNames, 6) },
);
