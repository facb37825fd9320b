// The limit of tests that run the whole conformance suite.

/**
 * Options of a test that runs the whole conformance suite within one test. Each case has a limit of its own, so a case
 * that hangs ends long before this.
 */
export const wholeSuite: { readonly timeout: number } = { timeout: 1_800_000 };
