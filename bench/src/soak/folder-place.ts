import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { QuotaExhaustedError, type Remote, UnreachableError } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import type { SoakPlace, Trouble } from "./place.ts";

/** How often a folder is copied that changes meanwhile. */
const MOST_TRIES = 50;

/** A folder, as on a disk that is shared, with a layer that makes its disk fail. */
export async function folderPlace(folder: string): Promise<SoakPlace> {
  const root = join(folder, "remote");
  const before = join(folder, "remote-before");
  await mkdir(root);
  const direct = fsRemote({ root, label: "folder" });
  let now: Trouble | undefined;
  const remote = troubled(direct, () => now);
  const empty = async (): Promise<void> => {
    // Files come while others go.
    for (const name of await readdir(root))
      await rm(join(root, name), { recursive: true, force: true, maxRetries: 20 });
  };
  return {
    label: "folder",
    writing: remote,
    reading: remote,
    direct,
    troubles: ["killed", "frozen", "full", "lying", "emptied", "set back"],
    async remember() {
      // A file that was there for a moment is no part of the state.
      for (let tries = 1; ; tries++) {
        try {
          await rm(before, { recursive: true, force: true });
          await cp(root, before, { recursive: true });
          return;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries >= MOST_TRIES) throw error;
        }
      }
    },
    async begin(trouble) {
      if (trouble !== "emptied" && trouble !== "set back") {
        now = trouble;
        return;
      }
      // As one step: nobody sees half of it.
      now = "killed";
      await new Promise((next) => setTimeout(next, 200));
      await empty();
      if (trouble === "set back") await cp(before, root, { recursive: true });
      now = undefined;
    },
    async end() {
      now = undefined;
    },
    async stop() {
      await direct.storage.close?.();
    },
  };
}

function troubled(remote: Remote, trouble: () => Trouble | undefined): Remote {
  const operation = "soak";
  const meet = async (writes: boolean): Promise<void> => {
    const now = trouble();
    if (now === "killed") throw new UnreachableError("The disk is gone.", { operation });
    if (now === "full" && writes) throw new QuotaExhaustedError("The disk is full.", { operation });
    if (now === "frozen") await new Promise<never>(() => undefined);
  };
  const { storage, names } = remote;
  return {
    ...remote,
    storage: {
      name: storage.name,
      capabilities: { ...storage.capabilities, list: false, delete: false, putMany: undefined! },
      async put(content, options) {
        await meet(true);
        return storage.put(content, options);
      },
      async get(address, options) {
        await meet(false);
        const content = await storage.get(address, options);
        if (trouble() === "lying" && content.length > 0) content[content.length >> 1]! ^= 1;
        return content;
      },
      async has(address, options) {
        await meet(false);
        return storage.has(address, options);
      },
    },
    names: {
      name: names.name,
      capabilities: { ...names.capabilities, watch: false },
      async resolve(name, options) {
        await meet(false);
        return names.resolve(name, options);
      },
      async update(name, content, options) {
        await meet(true);
        return names.update(name, content, options);
      },
    },
  };
}
