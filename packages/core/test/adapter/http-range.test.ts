// Parts of contents over HTTP: what is asked for, and which answers are that part.

import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { rangeHeader, readRange } from "../../src/adapter/http-range.ts";

const range = { offset: 10, length: 4 };
const options = { operation: "storage.get", what: "the content" };

function answer(status: number, body: string | null, contentRange?: string): Response {
  const headers = contentRange === undefined ? {} : { "content-range": contentRange };
  return new Response(body, { status, headers });
}

test("a range is asked for by its first and last byte", () => {
  expect(rangeHeader({ offset: 0, length: 1 })).toBe("bytes=0-0");
  expect(rangeHeader({ offset: 500, length: 500 })).toBe("bytes=500-999");
});

test.each<[string, Response, string]>([
  ["the part", answer(206, "abcd", "bytes 10-13/20"), "abcd"],
  ["the part of a content whose length is not known", answer(206, "abcd", "bytes 10-13/*"), "abcd"],
  ["the part, if CORS hides what part it is", answer(206, "abcd"), "abcd"],
  ["less, if the content ends", answer(206, "ab", "bytes 10-11/12"), "ab"],
  ["nothing, if the content ends before", answer(416, "<Error>", "bytes */5"), ""],
])("%s is taken", async (_, given, expected) => {
  expect(await readRange(given, range, options)).toEqual(bytes(expected));
});

test("what another client tells of the part counts as the header does", async () => {
  const { body } = answer(206, "abcd");
  const told = { body, status: 206, contentRange: "bytes 11-14/20" };
  expect(await failure(readRange(told, range, options))).toMatchObject({ reason: "wrong-range" });
});

test.each([200, 204, 302, 404])("an answer with the status %d is no part", async (status) => {
  const given = new Response(status === 204 ? null : "abcd", { status });
  const error = await failure(readRange(given, range, options));
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "no-ranges", operation: "storage.get" });
  expect(error.message).toContain(`status ${status}`);
});

test.each<[string, Response]>([
  ["begins elsewhere", answer(206, "abcd", "bytes 9-12/20")],
  ["begins elsewhere and ends at the same place", answer(206, "abc", "bytes 11-13/20")],
  ["is longer", answer(206, "abcde", "bytes 10-14/20")],
  ["is shorter, and the content does not end", answer(206, "ab", "bytes 10-11/20")],
  ["is shorter, and nobody knows where the content ends", answer(206, "ab", "bytes 10-11/*")],
  ["is longer than it says", answer(206, "abcde", "bytes 10-13/20")],
  ["is shorter than it says", answer(206, "abc", "bytes 10-13/20")],
  ["is empty by what it says", answer(206, "", "bytes 10-9/20")],
  ["is longer, if CORS hides what part it is", answer(206, "abcde")],
  ["is shorter, if CORS hides what part it is", answer(206, "abc")],
  ["is of other units", answer(206, "abcd", "lines 10-13/20")],
  ["says something else as well", answer(206, "abcd", "bytes 10-13/20, 14-15/20")],
])("a part that %s is refused", async (_, given) => {
  const error = await failure(readRange(given, range, options));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "wrong-range", operation: "storage.get" });
  expect(error.message).toContain("the content");
});

test("of a part that never ends no more is read than there should be", async () => {
  let read = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      read += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  const given = new Response(body, { status: 206, headers: { "content-range": "bytes 10-13/20" } });
  expect(await failure(readRange(given, range, options))).toMatchObject({ reason: "wrong-range" });
  expect(read).toBeLessThan(10_000);
});

test("what fails on the way is thrown as it is, and a signal ends the reading", async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("cut off")),
  });
  const error = await failure(readRange(new Response(broken, { status: 206 }), range, options));
  expect(error.message).toBe("cut off");
  const silent = new Response(new ReadableStream<Uint8Array>({}), { status: 206 });
  const signal = AbortSignal.abort("enough");
  expect(await failure(readRange(silent, range, { ...options, signal }))).toBe("enough");
});
