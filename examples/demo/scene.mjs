import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Lines that Alice writes first, and in all. */
const FIRST_BATCH = 3000;
const ALL_LINES = 8000;

/** Makes the folders of the demo, and its input: this repository's own text, a line an entry. */
export async function prepare() {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-demo-"));
  const lines = await ownText(ALL_LINES);
  const input = { first: join(folder, "first.txt"), second: join(folder, "second.txt") };
  await writeFile(
    input.first,
    lines
      .slice(0, FIRST_BATCH)
      .map((line) => `${line}\n`)
      .join(""),
  );
  await writeFile(
    input.second,
    lines
      .slice(FIRST_BATCH)
      .map((line) => `${line}\n`)
      .join(""),
  );
  const [alice, bob] = [join(folder, "alice"), join(folder, "bob")];
  return { folder, lines, first: FIRST_BATCH, input, alice, bob };
}

async function ownText(count) {
  const { stdout } = await promisify(execFile)("git", ["ls-files", "*.md", "*.ts"], { cwd: root }).catch(
    () => ({
      stdout: "README.md\ndocs/protocol.md\ndocs/how-it-works.md",
    }),
  );
  const lines = [];
  for (const file of stdout.trim().split("\n")) {
    if (lines.length >= count) break;
    // A file may be removed and not committed yet.
    const text = await readFile(join(root, file), "utf8").catch(() => "");
    lines.push(...text.split("\n"));
  }
  return lines.slice(0, count);
}
