// What failures of gateways mean (Trustless Gateway Specification, "Response Status Codes").

import { DeniedError, type RemoteLogError, UnreachableError } from "@remote-log/core";
import {
  cleanText,
  connectionFailure,
  isPassingRedirect,
  type OperationContext,
  redirectAdvice,
} from "@remote-log/core/adapter";
import { statusOf, textOf, translateFailure } from "../http/errors.ts";

/** What a failure of `fetch` or of a gateway means. An absence is told apart where it is asked for. */
export function gatewayFailure(error: unknown, context: OperationContext): RemoteLogError {
  const unconnected = connectionFailure(error, context);
  if (unconnected !== undefined) return unconnected;
  const status = statusOf(error);
  const text = textOf(error);
  const options = { operation: context.operation, cause: new Error(text) };
  if (status === undefined) {
    return new UnreachableError(
      `While ${context.action}: ${text}. Is the gateway running, and is its URL right? In a browser: does it allow ` +
        "every origin to read (CORS; Gateway.HTTPHeaders of Kubo)?",
      options,
    );
  }
  const said = `While ${context.action}: the gateway answered ${status}${text === "" ? "" : ` (${text})`}.`;
  if (status === 401 || status === 403) {
    return new DeniedError(`${said} Give credentials as \`headers\`, or use another gateway.`, options);
  }
  if (status === 451) {
    return new DeniedError(`${said} It may not show this for legal reasons. Use another gateway.`, options);
  }
  if (status === 429) {
    return new UnreachableError(
      `${said} It gets too many requests. Try again later, or use another gateway.`,
      options,
    );
  }
  if (status >= 400 && status < 500 && status !== 402 && status !== 408) {
    const given = { ...options, retry: "never", reason: "wrong-service" } as const;
    return new UnreachableError(`${said} Is it the URL of a gateway?`, given);
  }
  return translateFailure(error, context);
}

/**
 * Subdomain gateways redirect to a host for each content (301), which would need another request and another certificate. What
 * redirects for the moment alone may be a network that wants a password first.
 */
export function redirected(response: Response, { operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}, the gateway sent a redirect, and none is followed: it might lead to another host. ` +
      `${redirectAdvice(response)}Use a gateway ` +
      "that answers by path, without subdomains: for Kubo 127.0.0.1 in place of localhost, or UseSubdomains: false in " +
      "Gateway.PublicGateways; else a trustless gateway.",
    { operation, retry: isPassingRedirect(response) ? "safe" : "never", reason: "redirect" },
  );
}

/** A page for people came: from a web server, a proxy that asks for a password, a captive portal. */
export function noGateway({ operation, action }: OperationContext, sent: string): UnreachableError {
  return new UnreachableError(
    `While ${action}, ${cleanText(sent)} came instead of what a gateway sends, so nothing is known. Is it the URL of a ` +
      "gateway (of Kubo: port 8080, not 5001), and nothing between that asks for a password?",
    { operation, reason: "wrong-service" },
  );
}

/** Why nothing can be written through a gateway, and what to do. */
export const READ_ONLY =
  "a gateway can only be read. To write, use `ipfsRemote` of @remote-log/ipfs, with a node (ipfs+http://127.0.0.1:5001).";
