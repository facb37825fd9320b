// The words of `rlog`, completed by the shells that are on this machine.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { Place } from "./rlog.ts";

const run = promisify(execFile);

async function has(shell: string): Promise<boolean> {
  return run(shell, ["-c", "exit 0"]).then(
    () => true,
    () => false,
  );
}

const [bash, zsh, fish] = await Promise.all(["bash", "zsh", "fish"].map(has));

/** What bash offers for the last of the words. */
function asks(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  return `COMP_WORDS=(rlog ${quoted}); COMP_CWORD=${words.length}; _rlog; echo "\${COMPREPLY[*]}"`;
}

test.skipIf(!bash)("bash completes commands, their own commands, options and choices", async () => {
  const place = await Place.make();
  const script = (await place.ok(["completion", "bash"])).out;
  const lines = [
    asks(["re"]),
    asks(["remote", ""]),
    asks(["remote", "remove", "--w"]),
    asks(["--quiet", "append", "--pu"]),
    asks(["init", "--identifiers", ""]),
    asks(["completion", ""]),
    asks(["append", "--file", ""]),
    "complete -p rlog",
  ];
  const { stdout, stderr } = await run("bash", ["-u", "-e", "-c", `${script}\n${lines.join("\n")}`]);
  expect(stderr).toBe("");
  expect(stdout.split("\n")).toEqual([
    "repair remove remote revoke readers recover read reader-key",
    expect.stringMatching(/^add list remove .*--help/),
    "--wait",
    "--publish",
    "sha256 mvds",
    expect.stringMatching(/^bash zsh fish /),
    // Files are left to the shell.
    "",
    "complete -o bashdefault -o default -F _rlog rlog",
    "",
  ]);
});

test("every command and every option is in each script, with its description", async () => {
  const place = await Place.make();
  const [help, ...scripts] = await Promise.all(
    [["--help"], ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"]].map((words) =>
      place.ok(words).then(({ out }) => out),
    ),
  );
  const names = [
    ...help!.slice(help!.indexOf("Commands:"), help!.indexOf("Exit codes:")).matchAll(/^ {2}([a-z-]+) /gm),
  ].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(15);
  for (const name of names.filter((one) => one !== "help"))
    for (const script of scripts) expect(script).toContain(name);
  for (const option of ["seed-file", "accept-loss", "every", "no-state", "identifiers"])
    for (const script of scripts) expect(script).toContain(option);
  const { code, err } = await place.rlog(["completion", "tcsh"]);
  expect(code).toBe(2);
  expect(err).toContain("bash, zsh, fish");
});

test.skipIf(!zsh)("zsh takes the script", async () => {
  const { out } = await (await Place.make()).ok(["completion", "zsh"]);
  expect((await run("zsh", ["-n", "-c", out])).stderr).toBe("");
});

test.skipIf(!fish)("fish takes the script", async () => {
  const { out } = await (await Place.make()).ok(["completion", "fish"]);
  expect((await run("fish", ["--no-execute", "-c", out])).stderr).toBe("");
});

test("rlog version and rlog --version print the same", async () => {
  const place = await Place.make();
  const { out } = await place.ok(["version"]);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await place.ok(["--version"])).out).toBe(out);
});
