import { execFileSync } from "node:child_process";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { heliaOrSkip, prepareHelia } from "../src/helia.ts";
import { setVariable, temporaryFolder } from "./processes.ts";

const isThere = await heliaOrSkip();
let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** A machine on which nothing was installed before, and nothing can be. */
function withoutInstaller(): void {
  setVariable("XDG_CACHE_HOME", folder);
  setVariable("PATH", folder);
  setVariable("CI", undefined);
}

function errorText(): () => string {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  onTestFinished(() => spy.mockRestore());
  return () => lines.join("");
}

test.skipIf(isThere.skip)(
  "Helia is installed with a Node that it runs on, and found again at once",
  async () => {
    const { modules, node } = await prepareHelia();
    const [major = 0] = execFileSync(node, ["--version"]).toString().slice(1).split(".").map(Number);
    expect(major).toBeGreaterThanOrEqual(22);
    for (const name of ["helia", "@helia/ipns", "blockstore-fs", "datastore-fs"]) {
      await access(join(modules, name, "package.json"));
    }
    // Without what it takes to install it.
    setVariable("PATH", folder);
    expect(await prepareHelia()).toEqual({ modules, node });
  },
);

test("where it can't be installed, its tests are skipped with one line that says so, and nothing half-made stays", async () => {
  withoutInstaller();
  const said = errorText();
  expect(await heliaOrSkip()).toMatchObject({ skip: true });
  expect(said()).toMatch(/^SKIPPED: nothing is tested on Helia\. The build of helia by .* failed/m);
  const left = await readdir(join(folder, "remote-log/servers"));
  expect(left.filter((name) => !name.endsWith(".build.log"))).toEqual([]);
});

test("in CI that is an error", async () => {
  withoutInstaller();
  errorText();
  setVariable("CI", "true");
  await expect(heliaOrSkip()).rejects.toMatchObject({ code: "ERR_SERVER_BUILD" });
});
