import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

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

test("the clients of both packages are, under strict types, what the adapter asks for", () => {
  // Inside the package, so that both are found.
  const folder = join(root, "packages/ipfs/node_modules/.cache/remote-log");
  const file = join(folder, `client-types-${process.pid}.ts`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, program);
  const settings =
    "--noEmit --strict --exactOptionalPropertyTypes --allowImportingTsExtensions --skipLibCheck";
  const resolution =
    "--target es2022 --module esnext --moduleResolution bundler --customConditions @remote-log/source";
  const libraries = "--lib es2023,esnext.disposable,dom --types node --ignoreConfig";
  const words = [settings, resolution, libraries].join(" ").split(" ");
  try {
    const said = execFileSync(join(root, "node_modules/.bin/tsc"), [...words, file], { encoding: "utf8" });
    expect(said).toBe("");
  } catch (error) {
    expect((error as { stdout?: string }).stdout ?? error).toBe("");
  } finally {
    rmSync(file);
  }
});
