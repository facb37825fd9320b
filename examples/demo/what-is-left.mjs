import { copyFile, readdir, rm } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { file } from "./rlog.mjs";
import { say } from "./telling.mjs";

/** Leaves Alice's log, the remote if it is a folder, the link, and the proof of the fork, and says what to do with them. */
export async function leave({ folder, alice, lines, storage }, log, proof) {
  const kept = join(folder, basename(proof));
  await copyFile(proof, kept);
  const link = log.link.slice(1);
  const stays = new Set([alice, storage.folder, link, kept]);
  for (const name of await readdir(folder)) {
    if (!stays.has(join(folder, name))) await rm(join(folder, name), { recursive: true });
  }
  const from = `--from ${lines.length - 3}`;
  const read =
    storage.folder === undefined
      ? `read --dir ${quoted(alice)} ${from} --json`
      : `read @${quoted(link)} ${from} --no-state`;
  // As it is called from where `pnpm demo` was.
  const program = relative(process.env.INIT_CWD ?? process.cwd(), file);
  say(`The log, and the proof that it was forked, are in ${folder} now. Look for yourself:`);
  for (const command of [`status --dir ${quoted(alice)}`, read, `verify-fork ${quoted(kept)}`])
    say(`  node ${quoted(program)} ${command}`);
  say(
    `When you have seen enough: rm -r ${quoted(folder)}. README.md has the first lines of a program of your own.`,
  );
}

// What a shell takes as one word.
function quoted(word) {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
