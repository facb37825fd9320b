// The second reader as a command.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { formatLink } from "@remote-log/core";
import { expect, test } from "vitest";
import { writeLog } from "./written-log.ts";

const main = fileURLToPath(new URL("../main.mjs", import.meta.url));
const run = promisify(execFile);

test("prints the entries of a log, and says why it refuses one", async () => {
  const { root, writer } = await writeLog({ visibility: "private" });
  await writer.append(new TextEncoder().encode("hello"));
  await writer.publish();
  const { logId, readKey: key } = writer;
  const read = async (...words: string[]) =>
    (await run(process.execPath, [main, ...words])).stdout.split("\n");

  const [log, entry, ...rest] = await read(root, formatLink({ logId, key, remotes: [], floor: { size: 1 } }));
  expect(JSON.parse(log!)).toMatchObject({ size: 1, manifest: 0, remotes: [] });
  expect(JSON.parse(entry!)).toEqual({ index: 0, status: "content", content: "68656c6c6f" });
  expect(rest).toEqual([""]);
  expect(JSON.parse((await read(root, logId))[1]!)).toMatchObject({ index: 0, status: "sealed" });
  const floor = formatLink({ logId, key, remotes: [], floor: { size: 2 } });
  await expect(read(root, floor)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("contradiction: fewer entries"),
  });
  await expect(read(join(root, "nowhere"), logId)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("missing: "),
  });
  await writer.close();
});
