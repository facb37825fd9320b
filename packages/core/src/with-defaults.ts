// Options with their defaults.

/** Some of the options; what is `undefined` counts as not given. */
export type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

/**
 * Fills in what is not given. What is given as `undefined` counts as not given: spread over the defaults, it would take a
 * limit away.
 */
export function withDefaults<T extends object>(defaults: T, given: Given<T> | undefined): T {
  const filled = { ...defaults };
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value !== undefined) filled[name as keyof T] = value as T[keyof T];
  }
  return filled;
}
