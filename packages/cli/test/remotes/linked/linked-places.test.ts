// Remotes of links whose hosts are none: whatever is written there, the error says what is wrong with it.
import { isRemoteLogError } from "@remote-log/core";
import { failure, whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { linkedPlaces } from "../../../src/remotes/linked/linked-places.ts";

const noHosts = ["u:PASS%40h", "a%3a80", "[::1", "a:99999", "1.2.3.4.5", "%00", "a b", ""];
const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
const topic = "9c".repeat(32);
const name = "k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r";

test.each(whole ? ["http", "https"] : ["https"])(
  "a remote of a link without a host that can be is refused as that: %s",
  async (scheme) => {
    for (const host of noHosts) {
      const url = `${scheme}://${host}`;
      const gateway = encodeURIComponent(url);
      const uris = [
        url,
        `s3://bucket/log?region=us-east-1&endpoint=${gateway}`,
        `ipns://${name}?gateway=${gateway}`,
        `ipns://${name}?node=${gateway}`,
        `swarm://${owner}/${topic}?gateway=${gateway}`,
        `ipfs+${url}?name=${name}`,
        `bee+${url}?owner=${owner}`,
      ];
      for (const uri of uris) {
        const { used, refused } = linkedPlaces([uri], new Set());
        expect(used.length + refused.length).toBe(1);
        for (const { linked, label } of used) {
          const error = await failure(Promise.resolve().then(() => linked!.open(uri, label, linked!.access)));
          expect(
            isRemoteLogError(error) || /^ERR_USAGE$/.test(error.code ?? ""),
            `${uri}: ${error.message}`,
          ).toBe(true);
        }
      }
    }
  },
);
