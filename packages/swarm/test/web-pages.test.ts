// A network that wants a password first answers with a page and status 200: that says nothing of a log.

import { addressOf } from "@remote-log/core";
import { swarmNames, swarmStorage } from "@remote-log/swarm";
import { answer, bytes, failure, redirect } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { swarmBmt } from "../src/chunk/hash-type.ts";

const page = "<!DOCTYPE html><html><body><form>Room number, please</form></body></html>";

test.each([
  ["a page", answer(200, "text/html; charset=utf-8", page)],
  ["a page of another type", answer(200, "application/octet-stream", page)],
  ["a page of 100 kB", answer(200, "text/html", page.padEnd(100_000))],
  ["a redirect to a page", redirect(302, "http://127.0.0.1:1/login")],
  ["a redirect to a page, with a page", { ...redirect(307, "http://127.0.0.1:1/login"), body: page }],
])("%s is no answer of a node", async (_, reply) => {
  const { url } = await scriptedServer(reply);
  const storage = swarmStorage({ bee: url });
  const address = await addressOf(bytes("hello"), swarmBmt);
  const names = swarmNames({ bee: url, owner: "0x8d3766440f0d7b949a5e32995d09619a7f86e632" });
  for (const read of [() => storage.get(address), () => storage.has(address), () => names.resolve("log")]) {
    expect([`${read}`, await failure(read())]).toMatchObject([
      `${read}`,
      { code: "ERR_UNREACHABLE", retry: "safe" },
    ]);
  }
});
