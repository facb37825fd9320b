// Options of everything that asks gateways.

import { InvalidInputError } from "@remote-log/core";
import { checkWhole, type Fetch, requireHttp } from "@remote-log/core/adapter";
import { LARGEST_BLOCK } from "../blocks/sizes.ts";
import { checkHttpUrl } from "../http/url.ts";
import { checkTypes } from "../option-types.ts";

/** Options of everything that asks one gateway. */
export interface GatewayOptions {
  /**
   * The gateway: `"https://gateway.example"`, or `"http://127.0.0.1:8080"` for the one of a Kubo on this machine.
   * `http:` or `https:`, without credentials, query and fragment; it may have a path, below which `/ipfs` and `/ipns` are.
   */
  readonly url: string;
  /** Sent with every request: credentials, say. A browser asks the gateway first whether it accepts them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** Options of `gatewayStorage`. */
export interface GatewayStorageOptions extends GatewayOptions {
  /** How long a gateway may look for a content, in milliseconds, its bytes included. Default: 30,000. */
  readonly searchMilliseconds?: number | undefined;
  /** The largest content to read, in bytes. Default, and most: 2 MiB (2,097,152), the largest block that nodes exchange. */
  readonly largestContent?: number | undefined;
}

/** One gateway, checked. */
export interface Gateway {
  /** The URL, without slashes at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch | undefined;
}

/** How long a gateway may look for a content by default, in milliseconds. */
const SEARCH_MILLISECONDS = 30_000;

/** The longest time that timers keep, in milliseconds. */
const LONGEST_TIME = 2 ** 31 - 1;

/**
 * Checks where a gateway is.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkGateway(options: GatewayOptions): Gateway {
  checkTypes(options, ["url", "headers", "fetch"], { name: "a gateway", operation: "gateway.open" });
  const { url, headers = {}, fetch } = options;
  requireHttp("ipfs.open", fetch);
  return { url: checkGatewayUrl(url), headers: { ...headers }, fetch };
}

/**
 * Checks the limits of a storage, and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkLimits(options: Pick<GatewayStorageOptions, "searchMilliseconds" | "largestContent">): {
  readonly searchMilliseconds: number;
  readonly largestContent: number;
} {
  checkTypes(options, ["searchMilliseconds", "largestContent"], {
    name: "a gateway",
    operation: "gateway.open",
  });
  const { searchMilliseconds = SEARCH_MILLISECONDS, largestContent = LARGEST_BLOCK } = options;
  checkTime("searchMilliseconds", searchMilliseconds);
  checkWhole({ largestContent }, { operation: "gateway.open", largest: LARGEST_BLOCK });
  return { searchMilliseconds, largestContent };
}

/**
 * Checks a time of an option.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkTime(option: string, milliseconds: number): void {
  checkWhole({ [option]: milliseconds }, { operation: "gateway.open", largest: LONGEST_TIME });
}

/**
 * Checks the URL of a gateway. The errors do not repeat it: it may hold a password, or a token.
 *
 * @returns the URL, without slashes at its end
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkGatewayUrl(text: string): string {
  return checkHttpUrl(text, invalid);
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(
    `The URL of a gateway can't be used: ${why}. The form is https://gateway.example or http://127.0.0.1:8080.`,
    { operation: "gateway.open" },
  );
}
