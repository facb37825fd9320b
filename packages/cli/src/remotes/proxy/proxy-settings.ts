// The proxies that the environment names: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or small letters.

import { InvalidInputError } from "@remote-log/core";

/** The proxies of an environment. */
export interface ProxySettings {
  /** The proxy for `http:` URLs; `undefined`: none. */
  readonly httpProxy: string | undefined;
  /** The proxy for `https:` URLs; `undefined`: none. */
  readonly httpsProxy: string | undefined;
  /** Hosts that are asked without a proxy, as undici reads them. */
  readonly noProxy: string;
}

/** This machine is asked without a proxy: a proxy would look for the service on its own machine. */
const THIS_MACHINE = "localhost,127.0.0.1,[::1]";

/**
 * Reads the proxies of an environment. A variable in small letters counts before the one in capitals, and an empty one counts as
 * none. `https:` URLs use `HTTP_PROXY` if there is no `HTTPS_PROXY`, as in Node.js 24.
 *
 * @returns `undefined` if the environment names no proxy
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"proxy-setting"` for a proxy that can't be used. The message does
 * not repeat it: it may hold a password
 */
export function proxySettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ProxySettings | undefined {
  const httpProxy = proxyOf("HTTP_PROXY", env);
  const httpsProxy = proxyOf("HTTPS_PROXY", env) ?? httpProxy;
  if (httpsProxy === undefined) return undefined;
  const noProxy = variable("NO_PROXY", env)?.trim() ?? "";
  return { httpProxy, httpsProxy, noProxy: noProxy === "*" ? "*" : `${THIS_MACHINE},${noProxy}` };
}

function proxyOf(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const text = variable(name, env)?.trim();
  if (text === undefined || text === "") return undefined;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || url.hostname === "") throw unusable(name, "it is no URL");
  if (!["http:", "https:"].includes(url.protocol)) {
    throw unusable(name, `it is a proxy for ${url.protocol}, and only http: and https: are known`);
  }
  try {
    decodeURIComponent(`${url.username}${url.password}`);
  } catch {
    throw unusable(name, "its user name or password can't be decoded: write % as %25");
  }
  return url.href;
}

function variable(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env[name.toLowerCase()] || env[name];
}

function unusable(name: string, why: string): InvalidInputError {
  return new InvalidInputError(
    `The proxy in the variable ${name} can't be used: ${why}. The form is http://proxy.example:3128, or with a user ` +
      "http://user:password@proxy.example:3128.",
    { operation: "proxy.connect", reason: "proxy-setting" },
  );
}
