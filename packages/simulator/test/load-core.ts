// Loads every module of the core before a test begins. Some are loaded when they are first needed, and that takes real time, which
// a virtual clock can't wait for.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

for (const name of ["core", "memory", "mvds"]) {
  const folder = fileURLToPath(new URL(`../../${name}/src`, import.meta.url));
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".ts")) await import(`${folder}/${file}`);
}
