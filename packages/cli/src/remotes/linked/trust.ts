// The places that the user trusts although a link names them.

import { usageError } from "../../errors/command-error.ts";
import { kindOf } from "../registry.ts";

/** The variable that holds trusted places, separated by white space or commas. */
const VARIABLE = "RLOG_TRUST";

const FORM =
  "Give an origin, such as https://s3.example.com:9000, or a bucket of AWS, such as s3://bucket, or the URI of a remote.";

/**
 * The origins that are trusted: those of `--trust`, and those of the variable `RLOG_TRUST`.
 *
 * @param texts - each an origin, or the URI of a remote, which stands for every origin that it names
 * @throws CommandError `ERR_USAGE` for anything else. The message does not repeat it: it may hold a password.
 */
export function trustedOrigins(texts: readonly string[]): ReadonlySet<string> {
  const inherited = (process.env[VARIABLE] ?? "").split(/[\s,]+/).filter((text) => text !== "");
  return new Set([
    ...texts.flatMap((text) => originsIn(text, "--trust")),
    ...inherited.flatMap((text) => originsIn(text, VARIABLE)),
  ]);
}

function originsIn(text: string, source: string): readonly string[] {
  const origins = kindOf(text) === undefined ? [] : originsOf(text);
  if (origins.length === 0) throw usageError(`A place in ${source} can't be used. ${FORM}`);
  return origins;
}

/** The origins that the URI of a remote names. A kind that names none is trusted by its whole URI. */
export function originsOf(uri: string): readonly string[] {
  const { origins } = kindOf(uri) ?? {};
  return origins === undefined ? [uri] : origins(uri);
}
