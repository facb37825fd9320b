import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = join(root, "docs/security.md");
const THREATS = 28;
const FIELDS = ["Who, and what", "Defence", "Promised", "Not promised", "Shown by"];
const sections = readFileSync(page, "utf8").split(/^## /m).slice(1);

/** The paths that a text links to, from the root. */
function linksIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path = ""]) => join(dirname(page), path));
}

test("docs/security.md has the threats T1 to T28, in order, each with everything that has to be said", () => {
  const numbers = sections.map((section) => /^T(\d+)\. \S/.exec(section)?.[1]);
  expect(numbers).toEqual(Array.from({ length: THREATS }, (_, i) => String(i + 1)));
  for (const section of sections) {
    expect(
      [...section.matchAll(/^- \*\*(.+):\*\* /gm)].map(([, field]) => field),
      section.slice(0, 40),
    ).toEqual(FIELDS);
  }
});

test("every threat names tests that exist, and its hostile fixtures, or why it has none", () => {
  for (const section of sections) {
    const [, shown = ""] = section.split("- **Shown by:** ");
    const paths = linksIn(shown);
    for (const path of paths) expect(existsSync(path), `${path} is gone`).toBe(true);
    const title = section.slice(0, 40);
    expect(paths.filter((path) => path.endsWith(".test.ts")).length, title).toBeGreaterThan(0);
    const number = /^T(\d+)/.exec(section)?.[1];
    const own = paths.filter((path) => path.endsWith(".json"));
    if (!shown.includes("no fixtures: "))
      expect(own, title).toEqual([join(root, `vectors/hostile/t${number}.json`)]);
  }
});

test("every file of hostile fixtures belongs to a threat of docs/security.md", () => {
  const files = readdirSync(join(root, "vectors/hostile")).filter((name) => name.endsWith(".json"));
  const paths = files.map((name) => join(root, "vectors/hostile", name));
  expect(sections.flatMap(linksIn)).toEqual(expect.arrayContaining(paths));
});
