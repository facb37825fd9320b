// What a run took place in, for the report.

/** What a run took place in. */
export interface Runtime {
  /** Program and version: `"Node.js 20.20.2"`, or what a browser says of itself. */
  readonly agent: string;
  /** System and processor, as far as the program tells them: `"linux x64"`. */
  readonly platform: string;
}

/** What is there of a global scope, depending on the program. */
interface Scope {
  readonly process?: {
    readonly versions?: Record<string, string | undefined>;
    readonly platform?: string;
    readonly arch?: string;
  };
  readonly navigator?: {
    readonly userAgent?: string;
    readonly userAgentData?: { readonly platform?: string };
  };
}

/** What this code runs in. */
export function currentRuntime(): Runtime {
  const { process, navigator } = globalThis as Scope;
  const versions = process?.versions ?? {};
  // Bun and Deno bring a version of Node's too.
  for (const [program, version] of [
    ["Bun", versions["bun"]],
    ["Deno", versions["deno"]],
    ["Node.js", versions["node"]],
  ]) {
    if (version === undefined) continue;
    return { agent: `${program} ${version}`, platform: `${process?.platform} ${process?.arch}` };
  }
  const platform = navigator?.userAgentData?.platform ?? "";
  return { agent: navigator?.userAgent ?? "unknown", platform: platform === "" ? "unknown" : platform };
}
