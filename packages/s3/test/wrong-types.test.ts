// Every option with every wrong type is refused, with what is expected, before anything is sent.

import { wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  openS3Remote,
  openS3RemoteFromUri,
  probeS3,
  s3Names,
  s3Remote,
  s3RemoteFromUri,
  s3Storage,
} from "../src/index.ts";
import * as light from "../src/light/index.ts";
import { publicS3Remote, publicS3RemoteFromUri } from "../src/public/index.ts";

const client = { send: () => Promise.reject(new Error("Nothing is to be sent.")), destroy: () => undefined };
const sound = { client, bucket: "my-bucket" };
const place = { client: "", bucket: "string", prefix: "string", answerMilliseconds: "" };

test("with the SDK: s3Remote, its halves, openS3Remote and probeS3", async () => {
  const compareAndSet = "";
  expect(await wrongTypeProblems(s3Remote, sound, { ...place, label: "string", compareAndSet })).toEqual([]);
  expect(await wrongTypeProblems(s3Storage, sound, { ...place, largestContent: "" })).toEqual([]);
  expect(await wrongTypeProblems(s3Names, sound, { ...place, largestContent: "", compareAndSet })).toEqual(
    [],
  );
  expect(await wrongTypeProblems(openS3Remote, sound, { ...place, label: "string", signal: "" })).toEqual([]);
  expect(await wrongTypeProblems(probeS3, sound, { ...place, signal: "" })).toEqual([]);
});

test("without it: publicS3Remote", async () => {
  const types = {
    url: "",
    label: "string",
    readYourWrites: "boolean",
    largestContent: "",
    answerMilliseconds: "",
    fetch: "function",
  };
  const problems = await wrongTypeProblems(publicS3Remote, { url: "https://bucket.example" }, types);
  // A text that is no URL is told as one of `The URL of a public remote`.
  expect(problems.filter((problem) => !problem.startsWith("url as string"))).toEqual([]);
});

test("with the light client: LightS3Client, and the remotes that take it", async () => {
  const credentials = { accessKeyId: "alice", secretAccessKey: "secret" };
  const make = (options: never) => new light.LightS3Client(options);
  const types = { credentials: "", region: "", endpoint: "", forcePathStyle: "boolean", fetch: "function" };
  const problems = await wrongTypeProblems(make, { credentials, region: "eu-west-1" }, types);
  // Texts that are no region and no URL are told as such.
  expect(problems.filter((problem) => !/^(region|endpoint|credentials) as/.test(problem))).toEqual([]);
  const own = { client: new light.LightS3Client({ credentials, region: "eu-west-1" }), bucket: "my-bucket" };
  const label = { ...place, label: "string" };
  expect(await wrongTypeProblems(light.s3Remote, own, { ...label, compareAndSet: "" })).toEqual([]);
  expect(await wrongTypeProblems(light.openS3Remote, own, { ...label, signal: "" })).toEqual([]);
});

test("from URIs", async () => {
  const uri = "s3://my-bucket/logs?region=eu-west-1";
  const shared = { label: "string", answerMilliseconds: "" };
  const open = (options: never) => s3RemoteFromUri(uri, options);
  expect(await wrongTypeProblems(open, {}, { ...shared, compareAndSet: "" })).toEqual([]);
  const openForWriter = (options: never) => openS3RemoteFromUri(`${uri}&compare-and-set=none`, options);
  expect(await wrongTypeProblems(openForWriter, {}, { ...shared, signal: "" })).toEqual([]);
  const openPublic = (options: never) => publicS3RemoteFromUri(uri, options);
  expect(await wrongTypeProblems(openPublic, {}, { ...shared, fetch: "function" })).toEqual([]);
  for (const wrong of [undefined, null, 7, [], {}]) {
    for (const from of [s3RemoteFromUri, openS3RemoteFromUri, publicS3RemoteFromUri]) {
      const opening = async (): Promise<unknown> => from(wrong as never);
      await expect(opening()).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
    }
  }
});
