// What the answers of a node to several contents mean.

import { type Address, addressOf, rawSha256 } from "@remote-log/core";
import { ipfsStorage } from "@remote-log/ipfs";
import { answer, cut, failure, type Reply, randomBytes, type Script } from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const web = await scriptedServer(cut());
const contents = [randomBytes(10), randomBytes(20), randomBytes(30)];
const addresses = await Promise.all(contents.map((content) => addressOf(content, rawSha256)));
const [first, second, third] = addresses as [Address, Address, Address];
const other = await addressOf(randomBytes(40), rawSha256);

/** Puts all three contents on what answers in this way in place of a node. */
function putAll(script: Script) {
  web.become(script);
  const storage = ipfsStorage({ node: web.url });
  atEnd(() => storage.close());
  return storage.putMany!(contents);
}

/** Answers as Kubo does: a line in JSON for each block. */
function lines(...keys: readonly unknown[]): Reply {
  const body = keys.map((key) => `${JSON.stringify({ Key: `${key as string}`, Size: 10 })}\n`).join("");
  return answer(200, "application/json", body);
}

test("a line for each content is an outcome for each", async () => {
  expect(await putAll(lines(first, second, third))).toEqual(
    addresses.map((value) => ({ status: "fulfilled", value })),
  );
});

test("what is not answered for may be tried again, whatever became of it", async () => {
  const outcomes = await putAll(lines(first));
  expect(outcomes[0]).toEqual({ status: "fulfilled", value: first });
  for (const outcome of outcomes.slice(1)) {
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: {
        code: "ERR_UNREACHABLE",
        operation: "storage.putMany",
        retry: "safe",
        message: expect.stringMatching(/it stored 1 of 3, and did not say why it stopped/),
      },
    });
  }
  expect(outcomes).toHaveLength(3);
});

test("another CID than that of the content is ERR_INTEGRITY, for this content alone", async () => {
  expect(await putAll(lines(first, other, third))).toMatchObject([
    { status: "fulfilled", value: first },
    {
      status: "rejected",
      reason: {
        code: "ERR_INTEGRITY",
        message: expect.stringContaining(`${other}, and the content is ${second}`),
      },
    },
    { status: "fulfilled", value: third },
  ]);
});

test.each<[string, Script]>([
  ["a line more than contents", lines(first, second, third, other)],
  ["a page", answer(200, "text/html", "<!doctype html>\n<p>Log in.")],
  ["nothing", answer(200, "application/json", "")],
  ["half a line", answer(200, "application/json", `{"Key":"${first}"}\n{"Key":"b`)],
  ["a number in a line", answer(200, "application/json", `{"Key":"${first}"}\n7\n`)],
  ["more than any such answer has", answer(200, "application/json", `{"Key":"${"b".repeat(17_000)}"}\n`)],
])("%s is no answer of a node", async (_what, script) => {
  expect(await failure(putAll(script))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "wrong-service",
    operation: "storage.putMany",
  });
});

test.each<[string, Script, string, RegExp]>([
  ["a proxy that takes less", answer(413, "text/html", ""), "ERR_TOO_LARGE", /proxy in front of the node/],
  ["a full disk", answer(500, "text/plain", "no space left on device"), "ERR_QUOTA", /Make room/],
  ["a failure", answer(503, "text/plain", "busy"), "ERR_UNREACHABLE", /outcome of the write is unknown/],
  ["no answer", cut(), "ERR_UNREACHABLE", /outcome of the write is unknown/],
])("%s is refused as a whole", async (_what, script, code, message) => {
  const error = await failure(putAll(script));
  expect(error).toMatchObject({ code, operation: "storage.putMany" });
  expect(error.message).toMatch(message);
});
