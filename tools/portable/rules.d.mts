/** Where the rules hold. */
export const PLACES: readonly string[];
/** The files that these rules are about. */
export const HOMES: RegExp;
/** What a file uses that it may not: one line for each fault, with its place. */
export function faultsOf(path: string, text: string): string[];
