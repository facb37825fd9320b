// One log on a folder, MinIO, Kubo and Bee at once: each is in trouble in turn, while the log is written and read.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { soakPictureOf } from "./soak/picture.ts";
import { soak } from "./soak/run.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "500" },
    seconds: { type: "string", default: "300" },
    picture: { type: "string" },
    report: { type: "string" },
  },
});

const folder = await mkdtemp(join(tmpdir(), "remote-log-soak-"));
try {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const report = await soak({ rate: Number(values.rate), seconds: Number(values.seconds), folder, say });
  if (values.picture !== undefined) await writeFile(values.picture, soakPictureOf(report));
  if (values.report !== undefined)
    await writeFile(values.report, `${JSON.stringify(report, undefined, 2)}\n`);
  const { appended, published, repairedAfter, readers, wrong } = report;
  say(
    `${appended} entries; published on two places after ${published.median} ms (median), ${published.p99} ms (p99), ` +
      `${published.most} ms (most); everything whole ${repairedAfter.toFixed(1)} s after the last trouble.`,
  );
  for (const { name, delivered, errors } of readers)
    say(`${name}: ${delivered} entries; errors ${JSON.stringify(errors)}`);
  for (const what of wrong) say(`WRONG: ${what}`);
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
