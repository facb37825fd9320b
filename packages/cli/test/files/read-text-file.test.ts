// Files that never end in place of small ones.
import { existsSync } from "node:fs";
import { rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { FileTooLarge, readTextFile } from "../../src/files/read-text-file.ts";
import { Place } from "../rlog.ts";

test("a file of exactly the limit is read, and one of a byte more is refused", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "é".repeat(50));
  expect(await readTextFile(file, 100)).toBe("é".repeat(50));
  await expect(readTextFile(file, 99)).rejects.toThrow(FileTooLarge);
  await writeFile(file, "");
  expect(await readTextFile(file, 0)).toBe("");
  // A terabyte, of which a file system keeps nothing.
  await truncate(file, 2 ** 40);
  await expect(readTextFile(file, 2 ** 20)).rejects.toThrow(FileTooLarge);
});

test.skipIf(!existsSync("/dev/zero"))(
  "a device in place of a file ends nothing but its command",
  async () => {
    const place = await Place.make();
    expect((await place.rlog(["verify-fork", "/dev/zero"])).err).toContain("[ERR_FORK_FILE]");
    await place.log();
    const replace = async (name: string) => {
      await rm(place.path(".rlog", name), { force: true });
      await symlink("/dev/zero", place.path(".rlog", name));
    };
    await replace("last-publish.json");
    expect((await place.rlog(["status"])).code).toBe(0);
    await replace("seed");
    expect((await place.rlog(["append", "x"])).err).toContain("[ERR_CONFIG]");
    await replace("config.json");
    expect((await place.rlog(["status"])).err).toContain("[ERR_CONFIG]");
    expect((await place.rlog(["append", "--file", "/dev/zero"])).err).toContain("[ERR_CONFIG]");
  },
);

test.skipIf(!existsSync("/dev/zero"))(
  "an input without line endings is refused at the longest entry",
  async () => {
    const place = await Place.make();
    await place.log();
    const { code, err } = await place.rlog(["append", "--file", "/dev/zero"]);
    expect({ code, told: err.includes("[ERR_TOO_LARGE]") }).toEqual({ code: 1, told: true });
  },
);
