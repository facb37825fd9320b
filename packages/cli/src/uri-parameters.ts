import { usageError } from "./failure.ts";

/** A URI with one parameter more in its query. What may stand in a query as it is stays readable. */
export function withParameter(uri: string, name: string, value: string): string {
  const encoded = encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2F", "/");
  return `${uri}${uri.includes("?") ? "&" : "?"}${name}=${encoded}`;
}

/**
 * The gateway that a variable of the environment names, if it does.
 *
 * @throws CommandError `ERR_USAGE` where it holds no URL
 */
export function gatewayVariable(variable: "IPFS_GATEWAY" | "SWARM_GATEWAY"): string | undefined {
  const gateway = process.env[variable];
  if (gateway === undefined || gateway === "") return undefined;
  if (/^https?:\/\/./.test(gateway)) return gateway;
  const example = variable === "IPFS_GATEWAY" ? "http://127.0.0.1:8080" : "http://127.0.0.1:1633";
  throw usageError(
    `The variable ${variable} holds the URL of a gateway, such as https://gateway.example or ${example}.`,
  );
}
