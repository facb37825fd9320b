// Every operation of the adapter, for the client of a hostile server.
import { addressOf, compareAndSetOf, rawSha256 } from "@remote-log/core";
import { openS3RemoteFromUri, s3RemoteFromUri } from "@remote-log/s3";
import * as light from "@remote-log/s3/light";
import { publicS3Remote } from "@remote-log/s3/public";

process.env.AWS_ACCESS_KEY_ID = "remote-log";
process.env.AWS_SECRET_ACCESS_KEY = "nobody checks it";

const content = new TextEncoder().encode("hello");
const address = await addressOf(content, rawSha256);
const maxBytes = 1024 * 1024;
const range = { offset: 10, length: 100 };
const uriOf = (url) => `s3://bucket/prefix?endpoint=${encodeURIComponent(url)}`;

async function close({ storage, names }) {
  await Promise.all([storage.close(), names.close()]);
}

/** Does something with a remote that is closed afterwards. */
function using(open, work) {
  return async (url, signal) => {
    const remote = await open(url, signal);
    try {
      return await work(remote, signal);
    } finally {
      await close(remote);
    }
  };
}

// The test has these answered honestly up to the request that is meant.
const probed = (work) => using((url) => s3RemoteFromUri(uriOf(`${url}/probed`)), work);
const paged = (work) => using((url) => s3RemoteFromUri(uriOf(`${url}/paged`)), work);
const s3 = (work, options) => using((url) => s3RemoteFromUri(uriOf(url), options), work);
const credentials = { accessKeyId: "remote-log", secretAccessKey: "nobody checks it" };
const lightly = (work, { below = "", ...options } = {}) =>
  using((url) => light.s3RemoteFromUri(uriOf(url + below), { credentials, ...options }), work);
const open = (work) => using((url) => publicS3Remote({ url }), work);
const statusOf = async (resolving) => (await resolving).status;

const update = ({ names }, signal) => names.update("log", content, { expected: null, signal });

const resolveKnown = ({ names }, signal) =>
  statusOf(names.resolve("log", { signal, maxBytes, known: '"0123"' }));
const probe = ({ names }, signal) => compareAndSetOf(names, { signal });

async function list({ storage }, signal) {
  for await (const found of storage.list({ signal })) throw new Error(`It listed ${found}.`);
  return "all";
}

export const operations = {
  put: s3(({ storage }, signal) => storage.put(content, { signal })),
  get: s3(({ storage }, signal) => storage.get(address, { signal, maxBytes })),
  has: s3(({ storage }, signal) => storage.has(address, { signal })),
  delete: s3(({ storage }, signal) => storage.delete(address, { signal })),
  list: s3(list),
  "list the second page": paged(list),
  update: s3(update),
  "update after the probe": probed(update),
  "update without conditions": s3(update, { compareAndSet: "none" }),
  resolve: s3(({ names }, signal) => statusOf(names.resolve("log", { signal, maxBytes }))),
  "resolve what is known": s3(resolveKnown),
  probe: using((url) => openS3RemoteFromUri(uriOf(url)), probe),
  // Without a signal: the adapter's own time ends them.
  "put in time": s3(({ storage }) => storage.put(content), { answerMilliseconds: 300 }),
  "get in time": s3(({ storage }) => storage.get(address, { maxBytes: 4096 }), { answerMilliseconds: 300 }),
  "update in time": s3(({ names }) => names.update("log", content, { expected: null }), {
    answerMilliseconds: 300,
  }),
  "public get in time": using(
    (url) => publicS3Remote({ url, answerMilliseconds: 300 }),
    ({ storage }) => storage.get(address, { maxBytes: 4096 }),
  ),
  "light put": lightly(({ storage }, signal) => storage.put(content, { signal })),
  "light get": lightly(({ storage }, signal) => storage.get(address, { signal, maxBytes })),
  "light has": lightly(({ storage }, signal) => storage.has(address, { signal })),
  "light delete": lightly(({ storage }, signal) => storage.delete(address, { signal })),
  "light list": lightly(list),
  "light list the second page": lightly(list, { below: "/paged" }),
  "light update after the probe": lightly(update, { below: "/probed" }),
  "light resolve": lightly(({ names }, signal) => statusOf(names.resolve("log", { signal, maxBytes }))),
  "light update": lightly(update),
  "light update without conditions": lightly(update, { compareAndSet: "none" }),
  "light resolve what is known": lightly(resolveKnown),
  "light probe": using((url) => light.openS3RemoteFromUri(uriOf(url), { credentials }), probe),
  "light put in time": lightly(({ storage }) => storage.put(content), { answerMilliseconds: 300 }),
  "light update in time": lightly(({ names }) => names.update("log", content, { expected: null }), {
    answerMilliseconds: 300,
  }),
  "light get in time": lightly(({ storage }) => storage.get(address, { maxBytes: 4096 }), {
    answerMilliseconds: 300,
  }),
  "get of a range": s3(({ storage }, signal) => storage.get(address, { signal, range })),
  "light get of a range": lightly(({ storage }, signal) => storage.get(address, { signal, range })),
  "public get of a range": open(({ storage }, signal) => storage.get(address, { signal, range })),
  "public get": open(({ storage }, signal) => storage.get(address, { signal, maxBytes })),
  "public has": open(({ storage }, signal) => storage.has(address, { signal })),
  "public resolve what is known": open(resolveKnown),
  "public resolve": open(({ names }, signal) => statusOf(names.resolve("log", { signal, maxBytes }))),
};
