import { rlog } from "./rlog.mjs";
import { count, holds, show, title } from "./telling.mjs";

/** Bob, who has the link and nothing else, reads all of it. */
export async function bobCatchesUp({ lines, storage: { uri }, bob }, log) {
  title("3. Bob, another process, catches up while Alice is gone");
  const read = await rlog("read", log.link, "--remote", uri, "--state", bob, "--stats");
  show(read.stderr);
  holds(
    read.stdout === lines.map((line) => `${line}\n`).join(""),
    `all ${count(lines.length)} lines, each once, in order`,
  );
  holds(
    /\b4 dependent reads/.test(read.stderr),
    "in 4 dependent reads: head, two levels of index nodes, bundles",
  );
  const again = await rlog(
    "read",
    log.link,
    "--remote",
    uri,
    "--state",
    bob,
    "--stats",
    "--from",
    `${lines.length}`,
  );
  show(again.stderr);
  holds(/\b1 request \(/.test(again.stderr), "asking again while there is no news costs one request");
  const verified = await rlog("verify", log.link, "--remote", uri);
  show(verified.stdout);
  holds(verified.code === 0, "rlog verify recomputes the root from every entry");
}
