import { expect, test } from "vitest";

interface Checked {
  readonly faults: readonly string[];
  readonly upwards: number;
  readonly circles: number;
}

const { checkRooms } = (await import(new URL("../check-rooms.mjs", import.meta.url).href)) as {
  checkRooms: (files: readonly { path: string; imports: readonly string[] }[], map: object) => Checked;
};
const { importsOf } = (await import(new URL("../read-imports.mjs", import.meta.url).href)) as {
  importsOf: (path: string, text: string) => string[];
};

const map = {
  packages: {
    core: { libraries: ["@noble/hashes"] },
    s3: { imports: ["core"], libraries: ["@aws-sdk/client-s3"] },
  },
  coreFloors: [["bytes.ts"], ["wire"], ["writer", "reader"]],
  exceptions: {},
};

function check(arrows: Readonly<Record<string, readonly string[]>>, exceptions = {}): Checked {
  const files = Object.entries(arrows).map(([path, imports]) => ({
    path: at(path),
    imports: imports.map(at),
  }));
  return checkRooms(files, { ...map, exceptions });
}

/** `core wire/a.ts` stands for `packages/core/src/wire/a.ts`. */
function at(short: string): string {
  const [home, file] = short.split(" ");
  return file === undefined ? short : `packages/${home}/src/${file}`;
}

test("imports of lower rooms, of the same room and of what a package may use are fine", () => {
  const { faults } = check({
    "core bytes.ts": [],
    "core wire/a.ts": ["core bytes.ts", "core wire/b.ts", "@noble/hashes/sha2.js"],
    "core wire/b.ts": [],
    "core writer/w.ts": ["core wire/a.ts"],
    "s3 index.ts": ["@remote-log/core/adapter", "@aws-sdk/client-s3", "node:fs"],
  });
  expect(faults).toEqual([]);
});

test.each([
  ["upwards", "core wire/a.ts", "core writer/w.ts"],
  ["to a room beside it", "core reader/r.ts", "core writer/w.ts"],
])("an import of the core %s is a fault", (_, from, to) => {
  const { faults, upwards } = check({
    "core wire/a.ts": [],
    "core writer/w.ts": [],
    "core reader/r.ts": [],
    [from]: [to],
  });
  expect(faults).toEqual([expect.stringContaining(`${at(from)} imports ${at(to)}`)]);
  expect(upwards).toBe(1);
});

test.each([
  ["an adapter in the core", "core bytes.ts", "@remote-log/s3"],
  ["a client in the core", "core bytes.ts", "@aws-sdk/client-s3"],
  ["a client of another adapter", "s3 index.ts", "@ethersphere/bee-js"],
  ["a file that is not there", "s3 index.ts", "s3 gone.ts"],
])("%s is a fault", (_, from, target) => {
  expect(check({ [from]: [target] }).faults).toHaveLength(1);
});

test("a file of another package is a fault, even if the package may be imported", () => {
  const { faults } = check({ "core bytes.ts": [], "s3 index.ts": ["core bytes.ts"] });
  expect(faults).toEqual([expect.stringContaining("Import the package by its name")]);
});

test("a circle of files is a fault, named from file to file", () => {
  const { faults, circles } = check({
    "s3 a/x.ts": ["s3 a/y.ts"],
    "s3 a/y.ts": ["s3 a/z.ts"],
    "s3 a/z.ts": ["s3 a/x.ts"],
    "s3 index.ts": ["s3 a/x.ts"],
  });
  const path = ["s3 a/x.ts", "s3 a/y.ts", "s3 a/z.ts", "s3 a/x.ts"].map(at).join(" -> ");
  expect(faults).toEqual([expect.stringContaining(path)]);
  expect(circles).toBe(1);
});

test("a circle of rooms without a circle of files is a fault", () => {
  const { faults, circles } = check({
    "s3 a/x.ts": ["s3 b/x.ts"],
    "s3 a/y.ts": [],
    "s3 b/x.ts": [],
    "s3 b/y.ts": ["s3 a/y.ts"],
  });
  expect(faults).toEqual([
    expect.stringContaining("packages/s3/src/a -> packages/s3/src/b -> packages/s3/src/a"),
  ]);
  expect(circles).toBe(0);
});

test("an exception lets one import pass, and is itself a fault once it is not needed", () => {
  const arrows = { "s3 a/x.ts": ["s3 b/x.ts"], "s3 b/x.ts": ["s3 a/x.ts"] };
  expect(check(arrows, { [at("s3 b/x.ts")]: [at("s3 a/x.ts")] }).faults).toEqual([]);
  const { faults } = check({ "s3 b/x.ts": [] }, { [at("s3 b/x.ts")]: [at("s3 a/x.ts")] });
  expect(faults).toEqual([expect.stringContaining("not needed any more")]);
});

test("a room of the core without a floor, and a package that is not on the map, are faults", () => {
  expect(check({ "core attic/a.ts": [] }).faults).toEqual([expect.stringContaining("attic")]);
  expect(check({ "gcs index.ts": ["@remote-log/core"] }).faults).toEqual([expect.stringContaining("gcs")]);
});

test("every way to name a module is seen, types included", () => {
  const text = `
    import { a } from "./value.ts";
    import type { B } from "./type.ts";
    import { type C } from "./inline-type.ts";
    import "./effect.ts";
    export { d } from "./export.ts";
    export type { E } from "./export-type.ts";
    export * from "./all.ts";
    const f = await import("./dynamic.ts");
    type G = import("./import-type.ts").G;
    // import "./comment.ts";
    const h = 'import "./text.ts"';
  `;
  const names = [
    "all",
    "dynamic",
    "effect",
    "export",
    "export-type",
    "import-type",
    "inline-type",
    "type",
    "value",
  ];
  expect(importsOf("a.ts", text).sort()).toEqual(names.map((name) => `./${name}.ts`).sort());
});

test("a file that can't be parsed is an error, not a file without imports", () => {
  expect(() => importsOf("a.ts", "import {")).toThrow(/a\.ts/);
});
