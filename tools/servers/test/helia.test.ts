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
  setVariable("TEST_SERVERS", undefined);
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

test("if it can't be installed, that is an error, and nothing half-made stays", async () => {
  withoutInstaller();
  errorText();
  await expect(prepareHelia()).rejects.toMatchObject({
    code: "ERR_SERVER_BUILD",
    message: expect.stringMatching(/^The build of helia by .* failed/),
  });
  const left = await readdir(join(folder, "remote-log/servers"));
  expect(left.filter((name) => !name.endsWith(".build.log"))).toEqual([]);
});

test("if it is not installed, its tests are skipped, and one line says how to install it", async () => {
  withoutInstaller();
  const said = errorText();
  expect(await heliaOrSkip()).toMatchObject({ skip: true });
  expect(said()).toBe(
    "SKIPPED: nothing is tested on Helia. There is no Helia here: it is not installed; run `pnpm servers --prepare`.\n",
  );
  expect(await readdir(folder)).toEqual([]);
});

test.for(["CI", "TEST_SERVERS"])("with %s set to require it, that is an error", async (variable) => {
  withoutInstaller();
  errorText();
  setVariable(variable, variable === "CI" ? "true" : "required");
  await expect(heliaOrSkip()).rejects.toMatchObject({ code: "ERR_SERVER_UNAVAILABLE" });
});

test("a run of smoke tests leaves it out, and says nothing", async () => {
  const said = errorText();
  setVariable("CI", "true");
  setVariable("TEST_SERVERS", "smoke");
  expect(await heliaOrSkip()).toMatchObject({ skip: true });
  expect(said()).toBe("");
});
