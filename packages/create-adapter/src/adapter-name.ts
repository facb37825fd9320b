// What a new adapter is called, in all places that have its name.

import { isBuiltin } from "node:module";
import { CreateAdapterError } from "./create-adapter-error.ts";

/** What a new adapter is called, in every place that has its name. */
export interface AdapterName {
  /** Name of the package: `"@you/remote-log-key-value"`. */
  readonly packageName: string;
  /** Name of its folder: `"remote-log-key-value"`. */
  readonly folder: string;
  /** What the adapter calls itself in errors and reports: `"key-value"`. */
  readonly short: string;
  /** How its functions begin: `"keyValue"`. */
  readonly camel: string;
  /** How its types begin: `"KeyValue"`. */
  readonly pascal: string;
}

/** What is left of a name of a package that only says that it is an adapter: `remote-log-redis` is called `redis`. */
const decoration = /^remote-log-|^adapter-|-adapter$|-remote-log$/g;

/** npm takes no longer name. */
const LONGEST_NAME = 214;

/**
 * The name of an adapter in a package of its own.
 *
 * @param text - name of the package, with or without a scope: `"@you/remote-log-redis"`, `"my-store"`
 * @throws CreateAdapterError `ERR_INVALID_NAME`
 */
export function standaloneName(text: string): AdapterName {
  const parts = /^(?:@([a-z0-9][a-z0-9._-]*)\/)?([^@/]+)$/.exec(text);
  if (parts === null) throw invalid(text, "it is not of the form name or @scope/name");
  const [, scope, folder] = parts;
  if (text.length > LONGEST_NAME) throw invalid(text, `it has more than ${LONGEST_NAME} characters`);
  if (scope === undefined && (isBuiltin(folder!) || folder === "node_modules")) {
    throw invalid(text, "Node.js has a module of this name; add a scope, or remote-log- in front");
  }
  return nameOf(text, folder!);
}

/**
 * The name of an adapter in this repository: `@remote-log/NAME` in `packages/NAME`.
 *
 * @param text - name of the folder: `"redis"`
 * @throws CreateAdapterError `ERR_INVALID_NAME`
 */
export function workspaceName(text: string): AdapterName {
  return nameOf(`@remote-log/${text}`, text);
}

function nameOf(packageName: string, folder: string): AdapterName {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(folder)) {
    throw invalid(packageName, "use small letters, digits and single hyphens, and begin with a letter");
  }
  const bare = folder.replaceAll(decoration, "");
  // What is left may begin with a digit, or be nothing: then all of it is the name.
  const short = /^[a-z]/.test(bare) ? bare : folder;
  const camel = short.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return { packageName, folder, short, camel, pascal: camel.charAt(0).toUpperCase() + camel.slice(1) };
}

function invalid(name: string, why: string): CreateAdapterError {
  return new CreateAdapterError(
    "ERR_INVALID_NAME",
    `No package can be called ${JSON.stringify(name)}: ${why}.`,
  );
}
