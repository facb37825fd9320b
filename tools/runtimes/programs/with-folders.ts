// For runtimes that have files: Node.js, Bun, Deno. Takes a bucket, as JSON, and an empty folder; prints what was seen.

import { fsRemote } from "@remote-log/fs";
import { allRemotes, type Bucket } from "./all-remotes.ts";

const [bucket, folder] = process.argv.slice(2) as [string, string];
const seen = await allRemotes(JSON.parse(bucket) as Bucket, { fs: fsRemote({ root: folder }) });
process.stdout.write(`${seen}\n`);
