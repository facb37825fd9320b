// Why no connection came about: names that have no address, and certificates that can't be trusted. Told alike by all adapters.
//
// Runtimes say it by codes: those of the system's resolver (getaddrinfo), and those of OpenSSL, `X509_V_ERR_…` without that
// beginning (Node.js, "TLS (SSL)", X509 certificate error codes). Browsers say nothing of it.

import type { RemoteLogError } from "../errors/index.ts";
import type { OperationContext } from "./call.ts";
import { cleanText } from "./clean-text.ts";
import { failureOf } from "./failure.ts";
import { byThisClock } from "./this-clock.ts";

/**
 * The `reason` of an `ERR_UNREACHABLE` that says why no connection came about.
 *
 * | reason | when | `retry` |
 * | --- | --- | --- |
 * | `"unknown-host"` | the name service knows no address for the host | `"safe"` |
 * | `"no-name-service"` | the name service itself did not answer | `"safe"` |
 * | `"expired-certificate"` | by the clock of this machine, the certificate has expired | `"never"` |
 * | `"early-certificate"` | by the clock of this machine, the certificate is not valid yet | `"never"` |
 * | `"wrong-host-certificate"` | the certificate is that of another host | `"never"` |
 * | `"self-signed-certificate"` | nobody vouches for the certificate but itself | `"never"` |
 * | `"untrusted-certificate"` | its issuer is not known here, or it can't be trusted for another cause | `"never"` |
 */
export type ConnectionReason =
  | "unknown-host"
  | "no-name-service"
  | "expired-certificate"
  | "early-certificate"
  | "wrong-host-certificate"
  | "self-signed-certificate"
  | "untrusted-certificate";

const OWN_AUTHORITY =
  "Check that it is the right service. If the authority is your own, or that of a proxy that looks into connections, make it known " +
  "(in Node.js: NODE_EXTRA_CA_CERTS).";

/** How a case shows, what it means, and what to do about it. Short: readers in browsers load it, too. */
const CASES: Readonly<Record<ConnectionReason, readonly [codes: string, what: string, advice: string]>> = {
  "unknown-host": [
    "ENOTFOUND ENODATA EAI_NONAME EAI_NODATA",
    "the host has no address",
    "Check its name, and the network.",
  ],
  "no-name-service": [
    "EAI_AGAIN EAI_FAIL ESERVFAIL",
    "no name service said what address the host has",
    "Check the network and its name servers (DNS). Then try again.",
  ],
  "expired-certificate": [
    "CERT_HAS_EXPIRED",
    "the certificate has expired",
    "Set the clock right if it is wrong. Else the service has to renew the certificate.",
  ],
  "early-certificate": [
    "CERT_NOT_YET_VALID",
    "the certificate is not valid yet",
    "Set the clock right: most likely it is behind.",
  ],
  "wrong-host-certificate": [
    "ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH",
    "the certificate is that of another host",
    "Check the URL, and that nothing else answers in the place of the service.",
  ],
  "self-signed-certificate": [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "the certificate is signed by itself alone",
    OWN_AUTHORITY,
  ],
  "untrusted-certificate": [
    "CERT_CHAIN_TOO_LONG CERT_REJECTED CERT_REVOKED CERT_SIGNATURE_FAILURE CERT_UNTRUSTED INVALID_CA INVALID_PURPOSE " +
      "PATH_LENGTH_EXCEEDED SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY " +
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "the certificate can't be trusted: its issuer is not known here",
    OWN_AUTHORITY,
  ],
};

/** The reason of each code. */
const REASONS: ReadonlyMap<unknown, ConnectionReason> = new Map(
  (Object.keys(CASES) as ConnectionReason[]).flatMap((reason) =>
    CASES[reason][0].split(" ").map((code) => [code, reason] as const),
  ),
);

/** Clients put few errors around one another; a chain that leads back into itself ends, too. */
const DEEPEST = 8;

/**
 * The error for a connection that did not come about because of a name or a certificate; `undefined` for any other failure.
 * It decides by the codes of the failure and of its causes. The shell calls it before `translate` of a driver; adapters that
 * translate elsewhere, too, call it there.
 *
 * @returns `ERR_UNREACHABLE` with a {@link ConnectionReason}. Its cause has the words of the deepest error, cleaned, and no more.
 *
 * @example
 * ```ts
 * import { connectionFailure } from "@remote-log/core/adapter";
 *
 * const context = { operation: "storage.get", action: "reading a content at https://db.example" };
 * const thrown = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
 * console.log(connectionFailure(new TypeError("fetch failed", { cause: thrown }), context)?.reason); // expired-certificate
 * ```
 */
export function connectionFailure(error: unknown, context: OperationContext): RemoteLogError | undefined {
  let at = error;
  for (let depth = 0; depth < DEEPEST && typeof at === "object" && at !== null; depth++) {
    const { code, message, cause } = at as {
      readonly code?: unknown;
      readonly message?: unknown;
      readonly cause?: unknown;
    };
    const reason = REASONS.get(code);
    if (reason !== undefined) {
      const [, what, advice] = CASES[reason];
      const isOfTime = reason === "expired-certificate" || reason === "early-certificate";
      return failureOf("unreachable", context, {
        cause: Object.assign(new Error(cleanText(`${message}`)), { code }),
        detail: `${code}`,
        what: isOfTime ? `${what}, ${byThisClock()}` : what,
        advice,
        reason,
        // The request was never sent.
        outcome: "none",
        ...(reason.endsWith("certificate") && { retry: "never" as const }),
      });
    }
    at = cause;
  }
  return undefined;
}
