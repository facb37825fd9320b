import { ipfsRemoteFromUri } from "@remote-log/ipfs";
import { failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { parseIpfsUri } from "../../src/node/uri.ts";

const name = "k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8";

test.each([
  ["ipfs+http://127.0.0.1:5001", { node: "http://127.0.0.1:5001" }],
  ["ipfs+https://kubo.example/alice/", { node: "https://kubo.example/alice/" }],
  ["ipfs+http://[::1]:5001/api/v0", { node: "http://[::1]:5001/api/v0" }],
  [`ipfs+http://127.0.0.1:5001?name=${name}`, { node: "http://127.0.0.1:5001", name }],
  [`ipfs+http://127.0.0.1:5001?name=%2Fipns%2F${name}`, { node: "http://127.0.0.1:5001", name }],
  [
    "ipfs+http://127.0.0.1:5001?delegated=https://a.example&delegated=http%3A%2F%2F127.0.0.1%3A8080",
    { node: "http://127.0.0.1:5001", delegated: ["https://a.example", "http://127.0.0.1:8080"] },
  ],
])("%s is read", (uri, place) => {
  expect(parseIpfsUri(uri)).toEqual(place);
});

test.each([
  ["", "begin"],
  ["http://127.0.0.1:5001", "begin"],
  ["ipfs://bafkqaaa", "begin"],
  ["ipfs+ftp://127.0.0.1", "begin"],
  ["ipfs+http://", "URL"],
  ["ipfs+http://127.0.0.1:99999", "URL"],
  ["ipfs+http://127.0.0.1:5001\n", "white space"],
  ["ipfs+http:\\\\127.0.0.1", "backslash"],
  ["ipfs+http://alice:hunter2@127.0.0.1:5001", "credentials"],
  ["ipfs+http://127.0.0.1:5001#hunter2", "fragment"],
  ["ipfs+http://127.0.0.1:5001?key=hunter2", "parameter other"],
  ["ipfs+http://127.0.0.1:5001?", "parameter other"],
  ["ipfs+http://127.0.0.1:5001?name=hunter2", "IPNS name"],
  ["ipfs+http://127.0.0.1:5001?name=%zz", "decoded"],
  [`ipfs+http://127.0.0.1:5001?name=${name}&name=${name}`, "twice"],
  ["ipfs+http://127.0.0.1:5001?delegated=https://a:hunter2@b.example", "credentials"],
  ["ipfs+http://127.0.0.1:5001?delegated=https://b.example%3Ftoken=hunter2", "query"],
  ["ipfs+http://127.0.0.1:5001?delegated=b.example", "router"],
  ["ipfs+http://127.0.0.1:5001?delegated=https://b.example&delegated=https://b.example", "twice"],
  [
    `ipfs+http://127.0.0.1:5001?${Array.from({ length: 17 }, (_, i) => `delegated=https://${i}.example`).join("&")}`,
    "16",
  ],
])("%s is refused, and not repeated", async (uri, why) => {
  const error = await failure(ipfsRemoteFromUri(uri, { nameKey: randomBytes(32) }));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", message: expect.stringContaining(why) });
  expect(error.message).not.toContain("hunter2");
});
