import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCreateAdapter } from "@remote-log/create-adapter";
import { beforeEach, expect, test } from "vitest";
import { run } from "./programs.ts";
import { repository, temporaryFolder } from "./temporary-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

async function createAdapter(...words: string[]) {
  let [output, errors] = ["", ""];
  const exitCode = await runCreateAdapter(words, {
    folder,
    print: (text) => {
      output += text;
    },
    complain: (text) => {
      errors += text;
    },
  });
  return { exitCode, output, errors };
}

test("it makes the package and says what to do next", async () => {
  const { exitCode, output, errors } = await createAdapter("@you/remote-log-store");
  expect([exitCode, errors]).toEqual([0, ""]);
  expect(output).toContain("Made @you/remote-log-store in remote-log-store.");
  // From a clone, what it prints works before anything is published.
  expect(output).toMatch(
    /cd remote-log-store\n {2}npm install \S+\/packages\/core \S+\/packages\/conformance\n {2}npm test\n/,
  );
  expect(await readdir(folder)).toEqual(["remote-log-store"]);
});

test("the program itself does so too, with the exit code", async () => {
  const bin = join(repository, "packages/create-adapter/dist/bin.js");
  const { exitCode, output } = await run(process.execPath, [bin, "my-store"], folder);
  expect([exitCode, output]).toEqual([0, expect.stringContaining("Made my-store in my-store.")]);
  expect((await run(process.execPath, [bin], folder)).exitCode).toBe(2);
  expect((await run(process.execPath, [bin, "my-store"], folder)).exitCode).toBe(1);
});

test.each([["--help"], ["-h"], ["my-store", "--help"]])(
  "%s shows how it is used, and makes nothing",
  async (...words) => {
    const { exitCode, output } = await createAdapter(...words);
    expect([exitCode, output]).toEqual([0, expect.stringContaining("npm create @remote-log/adapter NAME")]);
    expect(await readdir(folder)).toEqual([]);
  },
);

test.each([
  [[], "what the adapter is called"],
  [["one", "other"], "One name is wanted, and there are 2"],
  [["--force", "my-store"], "--force"],
  [["My Store"], '"My Store"'],
  [["../my-store"], '"../my-store"'],
  [["my-store", "--kind", "ftp"], 'no kind "ftp": take http, key-value, sql'],
])("the words %j can't be used: exit code 2, and nothing is made", async (words, why) => {
  const { exitCode, output, errors } = await createAdapter(...words);
  expect([exitCode, output]).toEqual([2, ""]);
  expect(errors).toMatch(/^create-adapter: /);
  expect(errors).toContain(why);
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that is there is not touched, an empty one neither, nor is a file: exit code 1", async () => {
  await mkdir(join(folder, "full"));
  await writeFile(join(folder, "full/package.json"), "mine");
  await mkdir(join(folder, "empty"));
  await writeFile(join(folder, "file"), "mine");
  for (const name of ["full", "empty", "file"]) {
    const { exitCode, errors } = await createAdapter(name);
    expect([exitCode, errors]).toEqual([1, expect.stringContaining("exists already")]);
  }
  expect(await readFile(join(folder, "full/package.json"), "utf8")).toBe("mine");
  expect([await readdir(join(folder, "full")), await readdir(join(folder, "empty"))]).toEqual([
    ["package.json"],
    [],
  ]);
  expect(await readFile(join(folder, "file"), "utf8")).toBe("mine");
});

test("--workspace outside the repository is refused with exit code 1", async () => {
  const { exitCode, errors } = await createAdapter("--workspace", "my-store");
  expect([exitCode, errors]).toEqual([1, expect.stringContaining("is not inside the repository")]);
  expect(await readdir(folder)).toEqual([]);
});
