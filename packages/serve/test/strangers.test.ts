// The tiles of a served log, read by the client of the transparency-dev project, by way of tools/tlog-check.
// Test set: mixed

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkpointOrigin, memoryReaderStore, openReader, verifierKeyText } from "@remote-log/core";
import { Cosigner, cosignerSecretText, parseCosignerSecret } from "@remote-log/core/cosign";
import { goOrSkip } from "@remote-log/servers";
import { expect, test } from "vitest";
import { serving, written } from "./served.ts";

const checker = fileURLToPath(new URL("../../../tools/tlog-check", import.meta.url));
const run = promisify(execFile);

const { skip } = await goOrSkip();

test.skipIf(skip)(
  "a stock client reads all of a log by its tiles, from the first entry to the last, and proves each",
  async () => {
    const log = await written(600);
    const secret = await cosignerSecretText("mirror.example/m", new Uint8Array(32).fill(3));
    const cosigner = new Cosigner({ ...(await parseCosignerSecret(secret)), store: memoryReaderStore() });
    const { server, folder, happens } = await serving({
      logs: [{ logId: log.logId, remotes: [log.remote] }],
      cosigner,
    });
    await happens(log.logId, "mirrored");
    const origin = checkpointOrigin(log.logId);
    const reader = await openReader({ logId: log.logId, remotes: [log.remote] });
    await reader.sync();
    const key = verifierKeyText(origin, reader.signingKey!);
    await reader.close();
    const binary = join(folder, "tlog-check");
    await run("go", ["build", "-o", binary, "."], { cwd: checker });
    const url = `${server.url}/tlog/${createHash("sha256").update(origin).digest("hex")}`;
    const check = (...words: string[]) =>
      run(binary, ["-log", key, "-cosigner", cosigner.verifierKey, "tiles", url, ...words]);
    expect((await check("300")).stdout).toBe(`ok log ${origin}: 600 entries\n`);
    await log.append(7);
    await happens(log.logId, "mirrored", 607);
    expect((await check("600")).stdout).toBe(`ok log ${origin}: 607 entries\n`);
  },
  600_000,
);
