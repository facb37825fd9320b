// The version of the suite.

/** The version of the suite, which every report names: the one of this package. */
export const suiteVersion = "0.0.0";
