// Commands of rlog for the client of a hostile server, each run within this process. Their value is the exit code.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runRlog } from "@remote-log/cli";

process.env.AWS_ACCESS_KEY_ID = "remote-log";
process.env.AWS_SECRET_ACCESS_KEY = "nobody checks it";
// What the commands print is of no interest here.
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (_text, encoding, done) => {
    (typeof encoding === "function" ? encoding : done)?.();
    return true;
  };
}

const folder = await mkdtemp(join(tmpdir(), "remote-log-hostile-"));
const id = "9c".repeat(32);
const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
const name = "k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r";
const published = join(folder, "published");
const source = `${pathToFileURL(join(folder, "source"))}`;
let logs = 0;

const s3 = (url) => `s3://bucket/log?region=us-east-1&endpoint=${encodeURIComponent(url)}`;
const bee = (url) => `bee+${url}?owner=${owner}&stamp=${"ab".repeat(32)}`;
const read = (uriOf) => (url) => runRlog(["read", id, "--no-state", "--remote", uriOf(url)]);
const doctor = (uriOf) => (url) => runRlog(["doctor", id, "--remote", uriOf(url)]);

async function must(words) {
  if ((await runRlog(words)) !== 0) throw new Error(`rlog ${words[0]} failed.`);
}

await must(["init", "--public", "--dir", published, "--remote", source]);
await must(["append", "one", "two", "--publish", "--dir", published]);
const { logId } = JSON.parse(await readFile(join(published, "config.json"), "utf8"));

export const operations = {
  "read s3": read(s3),
  "read https": read((url) => url),
  "read ipns": read((url) => `ipns://${name}?gateway=${encodeURIComponent(url)}`),
  "read swarm": read((url) => `swarm://${owner}/${id}?gateway=${encodeURIComponent(url)}`),
  "doctor s3": doctor(s3),
  "doctor bee": doctor(bee),
  "mirror to s3": (url) => runRlog(["mirror", logId, "--no-state", "--remote", source, "--to", s3(url)]),
  "mirror from s3": (url) => runRlog(["mirror", id, "--no-state", "--remote", s3(url), "--to", source]),
  async publish(url) {
    logs++;
    const dir = join(folder, `log-${logs}`);
    await must(["init", "--public", "--dir", dir, "--remote", s3(url)]);
    return runRlog(["append", "one", "--publish", "--dir", dir]);
  },
};

export const end = () => rm(folder, { recursive: true, force: true });
