import { join } from "node:path";
import { fsRemote } from "@remote-log/fs";
import { runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { killOneLog } from "./killed-writer.ts";

// KILL_SEED replays the moments of a run, KILLS asks for more of them.
const seed = Number(process.env["KILL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = Number(process.env["KILLS"] ?? runs(12, 100));
const logs = 4;

test(`${kills} kills -9 of a writer at any moment lose, double and fork nothing (KILL_SEED=${seed})`, async () => {
  const rounds = Math.ceil(kills / logs);
  const results = await Promise.all(
    Array.from({ length: logs }, (_, number) =>
      killOneLog({ seed: seed + number, rounds, remoteIn: folderRemote }),
    ),
  );
  for (const { acknowledged, sent } of results) {
    expect(acknowledged).toBeGreaterThan(rounds);
    expect(sent).toBeGreaterThan(rounds / 4);
  }
});

function folderRemote(folder: string): ReturnType<Parameters<typeof killOneLog>[0]["remoteIn"]> {
  const root = join(folder, "remote");
  return {
    worker: { module: new URL("kill-remote.mjs", import.meta.url).href, place: root },
    open: () => fsRemote({ root, label: "folder" }),
  };
}
