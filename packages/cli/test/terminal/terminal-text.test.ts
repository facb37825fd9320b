import { expect, test } from "vitest";
import { printable, terminalText } from "../../src/terminal/terminal-text.ts";

test("what could command a terminal is replaced, tabs and line ends stay", () => {
  expect(terminalText("a\u001b[2Jb\tc\nd\re\u0000\u007f\u009bf")).toBe(
    "a\ufffd[2Jb\tc\nd\ufffde\ufffd\ufffd\ufffdf",
  );
});

test("an error is one line, whatever text of others is in it", () => {
  expect(printable("first\n  second\tthird\u001b]0;x\u0007")).toBe("first second third\ufffd]0;x\ufffd");
});
