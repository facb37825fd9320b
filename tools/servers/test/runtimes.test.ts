import { access, readdir } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { prepareRuntimes, runtimesOrSkip } from "../src/runtimes.ts";
import { setVariable, temporaryFolder } from "./processes.ts";

const isThere = await runtimesOrSkip();

function errorText(): () => string {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  onTestFinished(() => spy.mockRestore());
  return () => lines.join("");
}

test.skipIf(isThere.skip)("every runtime is there, and found again without what installs it", async () => {
  setVariable("PATH", await temporaryFolder());
  const found = await prepareRuntimes();
  for (const path of Object.values(found)) await expect(access(path as string)).resolves.toBeUndefined();
});

test("if they are not installed, their tests are skipped, and one line says so", async () => {
  const folder = await temporaryFolder();
  setVariable("XDG_CACHE_HOME", folder);
  setVariable("CI", undefined);
  setVariable("TEST_SERVERS", undefined);
  const said = errorText();
  expect(await runtimesOrSkip()).toMatchObject({ skip: true });
  expect(said()).toMatch(/^SKIPPED: nothing is tested on Bun, Deno, workerd and Hermes: .+\n$/);
  expect(await readdir(folder)).toEqual([]);
  setVariable("TEST_SERVERS", "required");
  await expect(runtimesOrSkip()).rejects.toMatchObject({ code: "ERR_SERVER_UNAVAILABLE" });
});
