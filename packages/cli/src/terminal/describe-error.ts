// How an error is shown on standard error.

import { isRemoteLogError } from "@remote-log/core";
import { cleanText } from "@remote-log/core/adapter";
import { codeOf } from "../errors/command-error.ts";
import { printable } from "./terminal-text.ts";

/** The most errors that are shown, or looked at, of a chain of causes. */
const MOST_CAUSES = 10;

/** Variables of the environment whose values are secrets. */
const SECRET_VARIABLE = /SECRET|TOKEN|PASSWORD|PASSPHRASE|ACCESS_?KEY|API_?KEY/i;

/** A shorter value is no secret, and hiding it would make holes in words. */
const LEAST_SECRET = 6;

/**
 * What an error says, how often it was tried if more than once, and the code: `what happened (tried 7 times) [CODE]`.
 *
 * @param cause - what `causeOf` says of it, if that is to be shown
 * @param withTries - whether it says how often it was tried. Default: true
 */
export function messageOf(error: unknown, cause?: string, withTries = true): string {
  const message = error instanceof Error ? error.message : String(error);
  const isCounted = withTries && isRemoteLogError(error) && error.tries !== undefined;
  const tries = isCounted ? ` (tried ${error.tries} times)` : "";
  const code = codeOf(error);
  const deepest = cause === undefined ? "" : ` (The cause: ${cause})`;
  return `${printable(message)}${deepest}${tries}${code === undefined ? "" : ` [${code}]`}`;
}

/**
 * An error as one line: `rlog: what happened [CODE]`, with `(The cause: …)` if the deepest of its causes says something else.
 *
 * @param debug - whether the stack and the causes follow on further lines
 */
export function describe(error: unknown, debug: boolean): string {
  const line = `rlog: ${messageOf(error, causeOf(error))}`;
  return debug ? `${line}\n${stacks(error)}` : line;
}

/**
 * What the deepest of an error's causes says, with its code: on one line, and without what may be a secret.
 *
 * @param env - variables, of which some hold secrets
 * @returns `undefined` if there is none, or if the error itself says it already
 */
export function causeOf(
  error: unknown,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const deepest = chainOf(error).at(-1);
  if (deepest === undefined || deepest === error) return undefined;
  const text = withoutSecrets(deepest.message, env).trim();
  const code = codeOf(deepest);
  const said = printable(code === undefined || text.includes(code) ? text : `${text} [${code}]`.trim());
  const told = error instanceof Error ? printable(cleanText(error.message)) : "";
  return said === "" || told.includes(printable(text)) ? undefined : said;
}

function withoutSecrets(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const secrets = Object.entries(env).flatMap(([name, value = ""]) =>
    SECRET_VARIABLE.test(name) && value.length >= LEAST_SECRET ? [value] : [],
  );
  // What follows the # of a link is the key to a private log.
  const open = secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
  return cleanText(open.replace(/(rlog:[^\s#]*#)[^\s"']+/g, "$1…"));
}

/** An error with its causes, from the outermost in. Of several that are one, the first: a host with several addresses has one each. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  let at = error;
  while (at instanceof Error && chain.length < MOST_CAUSES) {
    chain.push(at);
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined);
  }
  return chain;
}

function stacks(error: unknown): string {
  return chainOf(error)
    .map((one) => one.stack ?? one.message)
    .join("\ncaused by ");
}
