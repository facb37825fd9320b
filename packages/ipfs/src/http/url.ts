// URLs of services and headers for them, as options give them.

import { parseUrl } from "@remote-log/core/adapter";

/** Makes the error for an option that can't be used. Its text must not repeat the option, which may hold a secret. */
export type Refuse = (why: string) => Error;

/**
 * Checks the URL of a service: `http:` or `https:`, without credentials, query and fragment.
 *
 * @returns the URL, without slashes at its end
 * @throws what `refuse` makes
 */
export function checkHttpUrl(text: unknown, refuse: Refuse): string {
  const url = typeof text === "string" ? parseUrl(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw refuse("it is no URL that begins with http:// or https://");
  }
  if (url.username !== "" || url.password !== "") {
    throw refuse(
      "its URL holds credentials, which end up in logs and histories. Give them as `headers` instead, such as " +
        "{ authorization: … }",
    );
  }
  // Also if they are empty: what follows would become part of them.
  if (/[?#]/.test(url.href)) throw refuse("its URL has a query or a fragment");
  return url.href.replace(/\/+$/, "");
}

/**
 * Checks that headers can be sent.
 *
 * @throws what `refuse` makes
 */
export function checkHeaders(headers: Readonly<Record<string, string>>, refuse: Refuse): void {
  try {
    new Headers(headers);
  } catch {
    throw refuse("one of its headers has a name or a value that HTTP can't carry");
  }
}

/** What a reply says that its body is, in lower case and without parameters; `undefined` if it says nothing. */
export function mediaTypeOf(response: Response): string | undefined {
  return response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
}
