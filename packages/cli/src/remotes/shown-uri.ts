// How the URI of a remote is shown: without secrets that somebody wrote into it.

/** Parameters whose values may be secret, by their names. */
const SECRET = /key|secret|token|pass|credential|signature|^sig$/i;

/** A URI for people to read: a user's name, a password, and parameters that may hold a secret are left out. */
export function shownUri(uri: string): string {
  const withoutUser = uri.replace(/^([^:]*:(?:\/*[a-z]+:)?\/*)[^/?#]*@/, "$1…@");
  return withoutUser.replace(/([?&])([^=&#]*)=([^&#]*)/g, (whole, start: string, name: string) =>
    SECRET.test(name) ? `${start}${name}=…` : whole,
  );
}
