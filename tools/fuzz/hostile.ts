// The command `pnpm hostile-fixtures`: makes vectors/hostile anew, and checks that our decoders and our reader agree.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { judge } from "./hostile/judge.ts";
import { FOLDER, fileOf, makeFixtures, textOf } from "./hostile/make-fixtures.ts";

const folder = join(process.env["FUZZ_ROOT"] ?? process.cwd(), FOLDER);
let [count, wrong] = [0, 0];
for (const file of await makeFixtures()) {
  for (const fixture of file.fixtures) {
    count++;
    const { expected, found } = await judge(fixture);
    if (JSON.stringify(expected) === JSON.stringify(found)) continue;
    wrong++;
    process.stdout.write(`${fixture.name}: ${JSON.stringify(found).slice(0, 300)}\n`);
  }
  writeFileSync(join(folder, fileOf(file)), textOf(file));
}
process.stdout.write(`${count} fixtures, ${wrong} of them wrong.\n`);
if (wrong > 0) process.exitCode = 1;
