import { rawSha256, UnreachableError } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { defineIpfsStorage, type PinningDriver } from "../../src/blocks/ipfs-storage.ts";
import { LARGEST_BLOCK, USUAL_BLOCK } from "../../src/blocks/sizes.ts";
import { addressFor } from "../records.ts";

/** A storage that does nothing but release. */
function storageThat(release: PinningDriver["release"]) {
  const nothing = () => Promise.reject(new Error("nothing else is asked for"));
  const driver = {
    name: "test",
    place: "a place",
    preposition: "in",
    capabilities: { largestContent: 10, hashTypes: [rawSha256], readYourWrites: true },
    translate: (error: unknown) => error,
    put: nothing,
    get: nothing,
    has: nothing,
    release,
  } as unknown as PinningDriver;
  return defineIpfsStorage(driver);
}

const address = await addressFor(bytes("x"));

test("a release is told of the address, and of what is being done", async () => {
  const seen: unknown[] = [];
  await storageThat(async (released, { context }) => void seen.push(`${released}`, context)).release(address);
  const action = expect.stringContaining(`releasing`) as string;
  expect(seen).toEqual([`${address}`, expect.objectContaining({ operation: "storage.release", action })]);
});

test("a release that fails says what was being done, and ends with its caller's signal", async () => {
  const storage = storageThat(() => Promise.reject(new UnreachableError("no", { operation: "pin.rm" })));
  expect(await failure(storage.release(address))).toMatchObject({ code: "ERR_UNREACHABLE", message: "no" });
  const never = storageThat(() => new Promise<void>(() => undefined));
  const controller = new AbortController();
  const ending = failure(never.release(address, { signal: controller.signal }));
  controller.abort("enough");
  expect(await ending).toBe("enough");
});

test("blocks have at most 2 MiB, and 1 MiB for older nodes", () => {
  expect([LARGEST_BLOCK, USUAL_BLOCK]).toEqual([2_097_152, 1_048_576]);
});
