// Prints all entries of a log in a folder: node tools/second-reader/main.mjs FOLDER LINK|LOG-ID

import { fromHex, hex } from "./bytes.mjs";
import { decodeLink, openFolder, Refused, readLog } from "./index.mjs";

const [folder, which] = process.argv.slice(2);
if (folder === undefined || which === undefined) {
  console.error("usage: node tools/second-reader/main.mjs FOLDER LINK|LOG-ID");
  process.exit(2);
}
try {
  const { logId, key, floor } = which.startsWith("rlog:") ? decodeLink(which) : { logId: fromHex(which) };
  const log = readLog({ remote: openFolder(folder), logId, key, known: floor });
  const version = log.manifest?.manifest.version ?? 0;
  console.log(
    JSON.stringify({ size: log.size, root: hex(log.root), manifest: version, remotes: log.remotes }),
  );
  for (const { index, status, content } of log.entries())
    console.log(JSON.stringify({ index, status, ...(content && { content: hex(content) }) }));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(`${error.kind}: ${error.message}`);
  process.exitCode = 1;
}
