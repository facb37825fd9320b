// What a mirror signs, read by the Go code of others; and what that signs, read here.
// Test set: mixed

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { goOrSkip } from "@remote-log/servers";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const checker = fileURLToPath(new URL("../../../../tools/tlog-check", import.meta.url));
const run = promisify(execFile);

const { skip } = await goOrSkip();

test.skipIf(skip)(
  "Go's tools accept the checkpoint that a mirror cosigned, and rlog accepts what they cosign with its key",
  async () => {
    const place = await Place.make();
    const { id, uri } = await place.log();
    await place.ok(["append", "--publish"], "a\nb\nc\n");
    const mirror = ["mirror", id, "--remote", uri, "--to", place.uri("copy"), "--cosign", "key"];
    const { err } = await place.ok([...mirror, "--checkpoint", "signed"]);
    const witness = /^witness NAME (\S+)$/m.exec(err)![1]!;
    const log = /^key +(\S+)$/m.exec((await place.ok(["verify", id, "--remote", uri])).out)![1]!;
    const binary = place.path("tlog-check");
    await run("go", ["build", "-o", binary, "."], { cwd: checker });
    const check = (cosigner: string, file: string) =>
      run(binary, ["-log", log, "-cosigner", cosigner, "checkpoint", place.path(file)]);
    expect((await check(witness, "signed")).stdout).toMatch(
      /^ok checkpoint of remote-log\/v1\/\w+: size 3, cosigned at \d+\n$/,
    );
    // The log's own note has no such signature.
    await place.ok(["proof", id, "--remote", uri, "--entry", "0", "--out", "."]);
    await expect(check(witness, "checkpoint")).rejects.toThrow("1 signatures are good, and not 2");

    await writeFile(place.path("policy"), `log ${log}\nwitness m ${witness}\nquorum m\n`);
    const { stdout } = await run(binary, ["cosign", place.path("key"), place.path("checkpoint")]);
    await writeFile(place.path("theirs"), stdout);
    const verify = ["verify", id, "--remote", uri, "--policy", "policy"];
    expect((await place.rlog(verify)).code).toBe(3);
    expect((await place.ok([...verify, "--checkpoint", "theirs"])).out).toContain(
      "policy   holds for 3 entries",
    );
  },
  600_000,
);
