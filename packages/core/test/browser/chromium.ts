import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Commands } from "./commands.ts";
import type { Call, Outcome } from "./outcome.ts";
import type { PageCommands } from "./page.ts";

/** The system's Chromium, or `undefined` where there is none. */
export const executablePath: string | undefined = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) =>
    ["chromium", "chromium-browser", "google-chrome"].map((program) => join(folder, program)),
  )
  .find((path) => existsSync(path));

/** Starts a Chromium with an empty profile of its own. It ends with this process at the latest. */
export async function startChromium(): Promise<Browser> {
  if (executablePath === undefined) {
    throw new Error("There is no Chromium in PATH. Install the system's package `chromium`.");
  }
  return chromium.launch({
    executablePath,
    args: [
      // Nothing but the tests' own site is asked for anything.
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...["--disable-quic", "--disable-gpu", "--no-first-run"],
    ],
    // Chromium's own sandbox doesn't start for root, which is what containers run as.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

type Parameters_<K extends keyof Commands> = Parameters<Commands[K]>;
type Value<K extends keyof Commands> = Awaited<ReturnType<Commands[K]>>;

/** Runs a command in a tab. An error there is an error here, with the same name and code. */
export function inTab<K extends keyof Commands>(tab: Page, name: K, ...parameters: Parameters_<K>) {
  return runIn("runHere", tab, { name, parameters }) as Promise<Value<K>>;
}

/** Runs a command in the worker of a tab, which starts with the first one. */
export function inWorker<K extends keyof Commands>(tab: Page, name: K, ...parameters: Parameters_<K>) {
  return runIn("runInWorker", tab, { name, parameters }) as Promise<Value<K>>;
}

async function runIn(where: keyof PageCommands, tab: Page, call: Call): Promise<unknown> {
  const outcome = await tab.evaluate(
    async ([place, what]): Promise<Outcome> => {
      const page = globalThis as unknown as PageCommands;
      return page[place](what);
    },
    [where, call] as const,
  );
  if ("failure" in outcome) throw Object.assign(new Error(), outcome.failure);
  return outcome.value;
}
