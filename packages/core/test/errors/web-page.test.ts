// Pages for people that come in the place of an answer: known by how they begin, and nothing else is taken for one.

import { expect, test } from "vitest";
import { isWebPage, webPageCame } from "../../src/errors/web-page.ts";
import { encodeUtf8 } from "../../src/utf8.ts";

const isPage = (text: string): boolean => isWebPage(encodeUtf8(text));

test.each([
  "<!DOCTYPE html><html>",
  "\r\n\t <html lang=en>",
  "<!-- hotel -->",
  "<h1>Log in</h1>",
  "<p>No.</p>",
])("%j is a page", (text) => {
  expect(isPage(text)).toBe(true);
});

test.each([
  "",
  "html",
  "A text with <html> in it",
  '{"page":"<p>"}',
  "<?xml version='1.0'?>",
  "<path/>",
  "<pre>",
])("%j is none: an answer in other words, or what somebody stored", (text) => {
  expect(isPage(text)).toBe(false);
});

test("of an answer the first 512 bytes count", () => {
  expect(isPage(`${" ".repeat(510)}<p>`)).toBe(true);
  expect(isPage(`${" ".repeat(511)}<p>`)).toBe(false);
});

test("a page says nothing about the log, and the next try may succeed", () => {
  expect(webPageCame("storage.get", "a page")).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "web-page",
    operation: "storage.get",
    retry: "safe",
    message: expect.stringContaining("instead of a page"),
  });
});
