// Runs the conformance suite on the adapters of this repository, without a test runner.
//   pnpm conformance --adapter s3 --server minio --report out.json
//   pnpm conformance --all --reports docs/compatibility
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { breaksRun, checkConformance, formatResult, formatSums, reportJson } from "@remote-log/conformance";
import {
  createBucket,
  startBee,
  startKubo,
  startMinio,
  startOwnS3,
  startVersitygw,
} from "@remote-log/servers";
import { build } from "esbuild";

// The version of the SDK is ours to choose; see docs/decisions/0001-toolchain.md.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const root = fileURLToPath(new URL("..", import.meta.url));
const BUCKET = "conformance";

/** Starts the server of an adapter, if it needs one. */
const s3Servers = {
  own: () => startOwnS3({ buckets: [BUCKET] }),
  minio: () => withBucket(startMinio()),
  versitygw: () => withBucket(startVersitygw()),
  "light-own": () => startOwnS3({ buckets: [BUCKET] }),
  "light-minio": () => withBucket(startMinio()),
  "light-versitygw": () => withBucket(startVersitygw()),
};

/** How IPFS is reached: a node by its URL or by either client, a node's gateway, or stores without any node. */
const ipfsServers = {
  url: () => startKubo(),
  "kubo-rpc-client": () => startKubo(),
  "ipfs-http-client": () => startKubo(),
  gateway: () => startKubo(),
  embedded: () => undefined,
};

const ipfsFixtures = {
  url: ({ ipfsFixture }, server) => ipfsFixture({ server, client: "url" }),
  "kubo-rpc-client": ({ ipfsFixture }, server) => ipfsFixture({ server, client: "kubo-rpc-client" }),
  "ipfs-http-client": ({ ipfsFixture }, server) => ipfsFixture({ server, client: "ipfs-http-client" }),
  gateway: ({ gatewayFixture }, server) => gatewayFixture({ server }),
  embedded: ({ embeddedFixture }) => embeddedFixture(),
};

/** Every adapter: its servers, and how the module `packages/<adapter>/test/fixture.ts` makes its fixture. */
const adapters = {
  memory: { servers: {}, fixture: ({ memoryFixture }) => memoryFixture() },
  fs: { servers: {}, fixture: ({ fsFixture }) => fsFixture() },
  s3: {
    // With the SDK, or with the light client.
    servers: s3Servers,
    fixture: ({ s3Fixture }, server, name) =>
      s3Fixture({ server, bucket: BUCKET, client: name.startsWith("light-") ? "light" : "sdk" }),
  },
  ipfs: { servers: ipfsServers, fixture: (made, server, name) => ipfsFixtures[name](made, server) },
  swarm: {
    // A node by its URL, or by a client.
    servers: { bee: () => startBee(), "bee-js": () => startBee() },
    fixture: ({ swarmFixture }, server, name) =>
      swarmFixture({ server, client: name === "bee" ? "url" : name }),
  },
};

const { values } = parseArgs({
  // `pnpm run` hands on the `--` that is put before options.
  args: process.argv.slice(2).filter((parameter) => parameter !== "--"),
  options: {
    adapter: { type: "string" },
    server: { type: "string" },
    report: { type: "string" },
    all: { type: "boolean", default: false },
    reports: { type: "string" },
    only: { type: "string", multiple: true },
    seed: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});

/** What to run: pairs of adapter and server. */
function chosen() {
  const pairs = Object.entries(adapters).flatMap(([adapter, { servers }]) => {
    const names = Object.keys(servers);
    return names.length === 0 ? [{ adapter }] : names.map((server) => ({ adapter, server }));
  });
  if (values.all) return pairs;
  const found = pairs.filter(
    ({ adapter, server }) =>
      adapter === values.adapter && (values.server === undefined || server === values.server),
  );
  if (found.length > 0) return found;
  const known = pairs.map(
    ({ adapter, server }) => `--adapter ${adapter}${server ? ` --server ${server}` : ""}`,
  );
  throw new Error(`There is no such adapter or server. Choose --all, or:\n${known.join("\n")}`);
}

async function withBucket(starting) {
  const server = await starting;
  await createBucket(server, BUCKET);
  return server;
}

/** Loads the fixture module of an adapter: the same one that its tests use, with the types taken off. */
async function loadFixtures(adapter) {
  // Inside the package of the adapter, so that the client that its tests use is found from there.
  const cache = join(root, "packages", adapter, "node_modules/.cache/remote-log");
  const outfile = join(cache, `fixture-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, "packages", adapter, "test/fixture.ts")],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(outfile);
  }
}

async function run({ adapter, server: serverName }) {
  const { servers, fixture: make } = adapters[adapter];
  const manifest = JSON.parse(await readFile(join(root, "packages", adapter, "package.json"), "utf8"));
  const fixtures = await loadFixtures(adapter);
  const server = await servers[serverName]?.();
  try {
    const fixture = await make(fixtures, server, serverName);
    try {
      const settings = values.seed === undefined ? {} : { seed: Number(values.seed) };
      return await checkConformance(
        { version: manifest.version, ...fixture, ...settings },
        {
          ...(values.only === undefined ? {} : { only: values.only.flatMap((ids) => ids.split(",")) }),
          onResult: (result) => {
            if (!values.quiet || breaksRun(result)) process.stdout.write(`${formatResult(result)}\n`);
          },
        },
      );
    } finally {
      await fixture[Symbol.asyncDispose]?.();
    }
  } finally {
    await server?.stop();
  }
}

async function main() {
  let exitCode = 0;
  for (const pair of chosen()) {
    const report = await run(pair);
    process.stdout.write(`${formatSums(report)}\n\n`);
    if (!report.expected) exitCode = 1;
    const name = [pair.adapter, pair.server].filter(Boolean).join("-");
    const files = [values.report, values.reports && join(values.reports, `${name}.json`)].filter(Boolean);
    if (values.reports !== undefined) await mkdir(values.reports, { recursive: true });
    for (const file of files) await writeFile(file, `${JSON.stringify(reportJson(report), null, 2)}\n`);
  }
  return exitCode;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
