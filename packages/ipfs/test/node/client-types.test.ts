import { strictTypeErrors } from "@remote-log/test-kit";
import { expect, test } from "vitest";

// Where imports have to have endings (`nodenext`), the types of ipfs-http-client are `any`: they have none themselves.
const program = `
import type { KuboClient, KuboNode } from "@remote-log/ipfs";
import { create as createOfIpfs } from "ipfs-http-client";
import { create as createOfKubo } from "kubo-rpc-client";

type IsAny<T> = 0 extends 1 & T ? true : false;
export const known: [IsAny<ReturnType<typeof createOfIpfs>>, IsAny<ReturnType<typeof createOfKubo>>] = [false, false];
export const clients: KuboClient[] = [createOfIpfs(), createOfKubo()];
export const nodes: KuboNode[] = ["http://127.0.0.1:5001", createOfIpfs(), createOfKubo()];
// @ts-expect-error -- a client that can only store
export const half: KuboClient = { block: { put: createOfKubo().block.put } };
`;

test("the clients of both packages are, under strict types, what the adapter asks for", async () => {
  expect(await strictTypeErrors("packages/ipfs", program)).toBe("");
});
