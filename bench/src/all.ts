import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { pictureOf } from "./picture.ts";
import type { Report } from "./report.ts";

const BENCHES: readonly (readonly [file: string, ...options: string[]])[] = [
  ["speed"],
  ["speed", "--no-native", "--only", "catch up"],
  ["ipfs"],
  ["s3"],
  ["swarm"],
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    report: { type: "string", default: fileURLToPath(new URL("../report.json", import.meta.url)) },
    picture: { type: "string", default: fileURLToPath(new URL("../report.svg", import.meta.url)) },
    drawn: { type: "boolean", default: false },
  },
});

const reports = values.drawn
  ? (JSON.parse(await readFile(values.report, "utf8")) as Report[])
  : await measured(values.rounds);
if (!values.drawn) await writeFile(values.report, `${JSON.stringify(reports, undefined, 2)}\n`);
await writeFile(values.picture, pictureOf(reports));
const goals = reports.flatMap(({ figures }) => figures.flatMap(({ met }) => met ?? []));
process.stdout.write(
  `${goals.filter((met) => met).length} of ${goals.length} goals are reached: ${values.report}, ${values.picture}\n`,
);

/** Runs one benchmark after the other, each in a process of its own. */
async function measured(rounds: string): Promise<Report[]> {
  const all: Report[] = [];
  for (const [file, ...options] of BENCHES) {
    const program = fileURLToPath(new URL(`./${file}.js`, import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, "--json", "--rounds", rounds, ...options],
      { maxBuffer: 2 ** 26 },
    );
    all.push(JSON.parse(stdout) as Report);
  }
  return all;
}
