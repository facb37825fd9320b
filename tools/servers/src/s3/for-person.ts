// Our own S3 server as a person starts it: where it listens, where it keeps its objects, and which web pages may use it.

import { resolve } from "node:path";
import type { CorsRule } from "./cors.ts";
import type { OwnS3Options } from "./options.ts";

/** What a person may say of it, as it was typed. */
export interface S3Words {
  readonly port?: string | undefined;
  readonly data?: string | undefined;
  readonly cors?: readonly string[] | undefined;
}

/** What the adapter needs in a browser. */
const EXPOSED = ["ETag", "x-amz-checksum-sha256", "x-amz-meta-remote-log-write"];

/** The options that words stand for, or why they can't: a sentence. */
export function s3OptionsOf({ port, data, cors }: S3Words): OwnS3Options | string {
  if (port !== undefined && !isPort(port)) return `--port takes a number from 1 to 65535, not "${port}".`;
  if (data === "") return "--data takes a folder.";
  const wrong = cors?.find((origin) => !isOrigin(origin));
  if (wrong !== undefined) {
    return `--cors takes an origin, such as https://app.example or http://localhost:*, or * for every page, not "${wrong}".`;
  }
  const rule: CorsRule | undefined = cors && { allowedOrigins: cors, exposeHeaders: EXPOSED };
  return {
    ...(port !== undefined && { port: Number(port) }),
    ...(data !== undefined && { data: resolve(data) }),
    ...(rule !== undefined && { cors: rule }),
  };
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/** `*`, or scheme, host and port, in which one `*` may stand for anything. */
function isOrigin(text: string): boolean {
  if (text === "*") return true;
  const [start = "", end = "", ...more] = text.split("*");
  const sample = text.includes("*") ? `${start}1${end}` : text;
  return (
    more.length === 0 &&
    /^https?:\/\//.test(text) &&
    URL.canParse(sample) &&
    new URL(sample).origin === sample
  );
}
