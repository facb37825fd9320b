import { createHash } from "node:crypto";
import { posix } from "node:path";
import { InvalidInputError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** Resolvers that take a name for another one. */
export const hostileNameMutants: readonly Mutant[] = [
  {
    fault: "refuses names of 64 characters",
    caughtBy: ["NS-NAME-01"],
    broken: ({ names }) => ({
      names: {
        async update(name, content, options) {
          if (name.length > 63) throw new InvalidInputError("Too long.", { operation: "names.update" });
          return names.update(name, content, options);
        },
      },
    }),
  },
  renames("brings names into composed Unicode", "NS-NAME-02", (name) => name.normalize("NFC")),
  renames("ignores case", "NS-NAME-03", (name) => name.toLowerCase()),
  renames("composes Hangul alone", "NS-NAME-02", (name) =>
    name.replace(/[\u1100-\u11ff]+/g, (text) => text.normalize("NFC")),
  ),
  renames("replaces singletons of Unicode", "NS-NAME-02", (name) =>
    name.replace(/[\u2126\uf900-\ufaff]/g, (text) => text.normalize("NFC")),
  ),
  renames("orders combining marks", "NS-NAME-02", (name) =>
    name.replace(/[\u0300-\u036f]{2,}/g, (text) => text.normalize("NFD")),
  ),
  renames("ignores case beyond ASCII alone", "NS-NAME-03", (name) =>
    name.replace(/[\u00c0-\u00de]/g, (text) => text.toLowerCase()),
  ),
  renames("drops spaces at the beginning", "NS-NAME-06", (name) => name.replace(/^ +(?=.)/, "")),
  renames("resolves dots and slashes", "NS-NAME-04", (name) => posix.normalize(name)),
  renames("resolves escapes of URLs", "NS-NAME-05", (name) => new URL(`http://host/${name}`).pathname),
  renames("trims white space", "NS-NAME-06", (name) => name.trim()),
  renames("ends a name at its first NUL", "NS-NAME-06", (name) => name.split("\0")[0]!),
  renames("drops dots and spaces at the end, as Windows does", "NS-NAME-07", (name) =>
    name.replace(/[. ]+$/, ""),
  ),
  renames("cuts names at 255 characters", "NS-NAME-08", (name) => name.slice(0, 255)),
  renames("writes names as UTF-8", "NS-NAME-09", (name) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(name)),
  ),
  ...["/", ":", "%", "?", "*", " "].map((character) =>
    renames(`writes _ in the place of ${JSON.stringify(character)}`, "NS-NAME-11", (name) =>
      name.replaceAll(character, "_"),
    ),
  ),
  renames("writes - in the place of :", "NS-NAME-11", (name) => name.replaceAll(":", "-")),
  renames("drops quotes", "NS-NAME-11", (name) => name.replace(/["'`]/g, "")),
  renames("escapes / and not the % of its escapes", "NS-NAME-12", (name) => name.replaceAll("/", "%2F")),
  renames("escapes : with _ and its code, and not the _ of its escapes", "NS-NAME-12", (name) =>
    name.replaceAll(":", "_3a"),
  ),
  renames("writes the codes of escapes in small letters", "NS-NAME-12", (name) =>
    name.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase()),
  ),
  renames("cuts names at 4,096 characters", "NS-NAME-13", (name) => name.slice(0, 4096)),
  renames("cuts names at 64 KiB", "NS-NAME-13", (name) => name.slice(0, 65_536)),
  renames("keeps the last 4,096 characters of a name", "NS-NAME-13", (name) => name.slice(-4096)),
  renames("takes 64 hexadecimal digits for a number", "NS-NAME-14", (name) =>
    /^[0-9a-f]{64}$/i.test(name) ? name.toLowerCase() : name,
  ),
  renames("fills hexadecimal digits up with zeros", "NS-NAME-14", (name) =>
    /^[0-9a-f]{1,64}$/.test(name) ? name.padStart(64, "0") : name,
  ),
  renames("hashes names, those that look like a hash excepted", "NS-NAME-14", (name) =>
    /^[0-9a-f]{64}$/.test(name) ? name : createHash("sha256").update(name).digest("hex"),
  ),
  renames("writes letters and digits of full width as narrow ones", "NS-NAME-15", (name) =>
    name.replace(/[\uff01-\uff5e]/g, (wide) => wide.normalize("NFKC")),
  ),
  renames("drops what has no width", "NS-NAME-15", (name) => name.replace(/[\u00ad\u200b\u2060]/g, "")),
  renames("takes every dash for a hyphen", "NS-NAME-15", (name) =>
    name.replace(/[\u2010-\u2015\u2212]/g, "-"),
  ),
  {
    fault: "keeps names in a plain object",
    caughtBy: ["NS-NAME-10"],
    broken: ({ names }) => {
      const held: Record<string, string> = {};
      return {
        names: {
          async update(name, content, options) {
            held[name] = "held";
            return names.update(name, content, options);
          },
          resolve: async (name, options) =>
            held[name] === undefined
              ? { status: "absent" }
              : {
                  revision: "0",
                  content: new Uint8Array(0),
                  ...(await names.resolve(name, options)),
                  status: "found",
                },
        },
      };
    },
  },
];

function renames(fault: string, id: string, rename: (name: string) => string): Mutant {
  return {
    fault,
    caughtBy: [id],
    broken: ({ names }) => ({
      names: {
        update: (name, content, options) => names.update(rename(name), content, options),
        resolve: (name, options) => names.resolve(rename(name), options),
      },
    }),
  };
}
