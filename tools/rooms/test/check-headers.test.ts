import { expect, test } from "vitest";

const { checkHeader } = (await import(new URL("../check-headers.mjs", import.meta.url).href)) as {
  checkHeader: (path: string, text: string) => string[];
};

const code = 'import { join } from "node:path";\n';

test.for([
  "// What it is.\n\n",
  "// What it is,\n// in two lines.\n\n",
  "#!/usr/bin/env node\n// What it is.\n\n",
  '/// <reference lib="esnext.disposable" preserve="true" />\n\n// What it is.\n\n',
])("a file that begins with %j says what it is", (header) => {
  expect(checkHeader("a.ts", header + code)).toEqual([]);
});

test.for(["", "// What it is.\n", "//\n\n", "/** What `join` is. */\n", "#!/usr/bin/env node\n", "\n"])(
  "a file that begins with %j does not",
  (header) => {
    expect(checkHeader("a.ts", header + code)).toEqual([
      "a.ts does not say what it is. Begin it with a comment of a line, `// …`, and an empty line.",
    ]);
  },
);
