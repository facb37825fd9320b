// A network that wants a password first answers with a page and status 200: that says nothing of a log, whoever was asked.

import { addressOf, rawSha256 } from "@remote-log/core";
import { delegatedRoute, IpnsName, ipfsStorage, kuboRoute, readRecord } from "@remote-log/ipfs";
import { gatewayRemote, gatewayStorage } from "@remote-log/ipfs/gateway";
import { answer, bytes, failure, redirect } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const page = "<!DOCTYPE html><html><body><form>Room number, please</form></body></html>";
const name = IpnsName.fromText("k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8");

test.each([
  ["a page", answer(200, "text/html; charset=utf-8", page)],
  ["a page of another type", answer(200, "application/octet-stream", page)],
  ["a page of 100 kB", answer(200, "text/html", page.padEnd(100_000))],
  ["a redirect to a page", redirect(302, "http://127.0.0.1:1/login")],
  ["a redirect to a page, with a page", { ...redirect(307, "http://127.0.0.1:1/login"), body: page }],
])("%s is no answer of a node, of a gateway or of a router", async (_, reply) => {
  const { url } = await scriptedServer(reply);
  const address = await addressOf(bytes("hello"), rawSha256);
  const [stored, shown] = [ipfsStorage({ node: url }), gatewayStorage({ url })];
  const reads = [
    () => stored.get(address),
    () => stored.has(address),
    () => shown.get(address),
    () =>
      kuboRoute({ node: url })
        .get(name, {})
        .then((record) => readRecord(record!, name)),
    () => delegatedRoute({ url }).get(name, {}),
    () => gatewayRemote({ url, name: name.text }).names.resolve(name.text),
  ];
  for (const read of reads) {
    expect([`${read}`, await failure(read())]).toMatchObject([
      `${read}`,
      { code: "ERR_UNREACHABLE", retry: "safe" },
    ]);
  }
});
