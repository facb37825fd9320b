// NS-NAME: names that file systems, URLs, databases and languages take for something else.

import { check, checkError, equal, outcomeOf, sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { holds } from "../holds.ts";

/** Names that file systems, URLs, databases and languages take for something else. */
export const hostileNameCases: readonly ConformanceCase[] = [
  {
    id: "NS-NAME-01",
    level: "MUST",
    title: "names of 64 hexadecimal digits, the default form, are accepted",
    requires: ["names"],
    async run(context) {
      for (const chosen of [context.name(), "0".repeat(64), "f".repeat(64)]) {
        const sent = context.content(20);
        await context.names.update(chosen, sent, { expected: null });
        await holds(context, chosen, sent);
      }
    },
  },
  distinct("NS-NAME-02", "in composed and decomposed Unicode", [
    "caf\u00e9",
    "cafe\u0301",
    "\u00c5",
    "A\u030a",
    "\u212b",
    "\ufb01",
    "fi",
    "\u200dfi",
    "\ud55c",
    "\u1112\u1161\u11ab",
    "\u03a9",
    "\u2126",
    "\uf900",
    "\u8c48",
    "a\u0323\u0307",
    "a\u0307\u0323",
  ]),
  distinct("NS-NAME-03", "in upper and lower case", [
    "log",
    "LOG",
    "Log",
    "\u0131",
    "i",
    "I",
    "\u0130",
    "\u00df",
    "ss",
    "SS",
    "k",
    "\u212a",
    "\u03c3",
    "\u03c2",
    "\u03a3",
    "\u00e9",
    "\u00c9",
  ]),
  distinct("NS-NAME-04", "that look like paths", [
    ".",
    "..",
    "../x",
    "x",
    "./x",
    "/x",
    "x/",
    "x/y",
    "x//y",
    "x/./y",
    "x\\y",
    "a/../x",
    "..\\x",
    "~",
    "/etc/passwd",
  ]),
  distinct("NS-NAME-05", "with escapes of URLs and queries", [
    "a b",
    "a%20b",
    "a+b",
    "%2e%2e",
    "%2e%2e%2fx",
    "x%2fy",
    "x%2Fy",
    "x?y",
    "x#y",
    "x&y=z",
    "%",
    "%25",
    "%00",
  ]),
  distinct("NS-NAME-06", "with control characters, or nothing at all", [
    "",
    " ",
    "\0",
    "x",
    "x\0",
    "x\0y",
    "x\n",
    "x\r\n",
    "\tx",
    " x",
    "x\u007f",
    "x\u0085",
    "\ufeffx",
  ]),
  distinct("NS-NAME-07", "reserved by Windows, or that end in a dot or space", [
    "CON",
    "con",
    "con.txt",
    "NUL",
    "COM1",
    "x",
    "x.",
    "x ",
    "x:y",
    "x::$DATA",
    "x*",
    'x"',
    "x<",
    "x|",
  ]),
  distinct("NS-NAME-08", "of 300 and 4,096 bytes that differ only at their end", [
    `${"n".repeat(255)}`,
    `${"n".repeat(256)}`,
    `${"n".repeat(299)}a`,
    `${"n".repeat(299)}b`,
    `${"n".repeat(4095)}a`,
    `${"n".repeat(4095)}b`,
    `${"\u00e9".repeat(150)}a`,
    `${"\u00e9".repeat(150)}b`,
  ]),
  distinct("NS-NAME-09", "with halves of surrogate pairs, which UTF-8 cannot hold", [
    "x\ud800",
    "x\ud801",
    "x\udc00",
    "x\ufffd",
    "x\ud83d\ude00",
    "x\ud83d",
    "x?",
  ]),
  distinct("NS-NAME-10", "that are properties of every object", [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "length",
  ]),
];

/** A case about names that must stay as many names as they are, or be refused. */
export function distinct(id: string, which: string, names: readonly string[]): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `names ${which} are distinct, or refused with ERR_INVALID_INPUT`,
    requires: ["names"],
    run: (context) => checkDistinct(context, names),
  };
}

async function checkDistinct(
  { names, content, settled }: CaseContext,
  hostile: readonly string[],
): Promise<void> {
  const accepted = new Map<string, Uint8Array>();
  for (const [i, name] of hostile.entries()) {
    const what = `the name ${JSON.stringify(name).slice(0, 60)} (number ${i})`;
    const before = await outcomeOf(names.resolve(name));
    if (before.status === "rejected") checkError(before.reason, "ERR_INVALID_INPUT", `resolving ${what}`);
    else equal(before.value.status, "absent", `the status of ${what} before it was set`);
    const sent = content(20 + i);
    const outcome = await outcomeOf(names.update(name, sent, { expected: null }));
    if (outcome.status === "fulfilled") accepted.set(name, sent);
    else checkError(outcome.reason, "ERR_INVALID_INPUT", `creating ${what}`);
  }
  for (const [i, name] of hostile.entries()) {
    const what = `the name ${JSON.stringify(name).slice(0, 60)} (number ${i})`;
    const sent = accepted.get(name);
    if (sent === undefined) {
      const outcome = await outcomeOf(names.resolve(name));
      if (outcome.status === "rejected") checkError(outcome.reason, "ERR_INVALID_INPUT", `resolving ${what}`);
      else equal(outcome.value.status, "absent", `the status of ${what}, which was refused`);
    } else {
      await settled("names", async () => {
        const resolution = await names.resolve(name);
        check(resolution.status === "found", `${what} is ${resolution.status}`);
        sameBytes(resolution.content, sent, `the content of ${what}`);
      });
    }
  }
}
