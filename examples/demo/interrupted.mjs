// Ctrl-C ends the demo at once, and orderly: what it started ends, what it wrote is removed. A second one kills it.
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(name, () => interruption.abort(new Error(`The demo was ended by ${name}.`)));
}

/** Aborts when the demo is to end before its end. */
export const interrupted = interruption.signal;
