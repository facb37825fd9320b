// Which addresses belong to the public internet: the only ones that a link may lead to unasked.

import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

// The registries of special-purpose addresses of IANA (RFC 6890 and its updates): everything in them that is not globally
// reachable, or that leads to another address.
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this host
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // behind a carrier's NAT
  ["127.0.0.0", 8], // this machine
  ["169.254.0.0", 16], // link-local: the metadata of a cloud
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];

/** The one block of IPv6 from which public addresses are given out, and what in it is none. */
const PUBLIC_V6 = ["2000::", 3] as const;
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ["2001::", 23], // protocol assignments, Teredo among them
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: another address inside
  ["3fff::", 20], // documentation
];

const special = new BlockList();
for (const [address, bits] of SPECIAL_V4) special.addSubnet(address, bits, "ipv4");
for (const [address, bits] of SPECIAL_V6) special.addSubnet(address, bits, "ipv6");
const publicV6 = new BlockList();
publicV6.addSubnet(...PUBLIC_V6, "ipv6");

/**
 * Whether an address belongs to the public internet, and not to this machine, to a private network, to the link (such as
 * the metadata service of a cloud, 169.254.169.254) or to another special range. An IPv6 address that stands for one of IPv4
 * counts as that one. What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return false;
  if (family === 4) return !special.check(address, "ipv4") && !isOwnAddress(address);
  const embedded = embeddedV4(address);
  if (embedded !== undefined) return isPublicAddress(embedded);
  return publicV6.check(address, "ipv6") && !special.check(address, "ipv6") && !isOwnAddress(address);
}

/** Whether a host, as `new URL` shows it, is an address that is not public, or a name of this machine. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return /(^|\.)localhost$/i.test(host);
}

/** The IPv4 address in an IPv4-mapped address (`::ffff:…`) or in one of the translators of RFC 6052 (`64:ff9b::…`). */
function embeddedV4(address: string): string | undefined {
  // The parser of URLs writes every address in one way.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join(".");
}

/** Whether it is a public address of this very machine: a service may listen there for this machine alone. */
function isOwnAddress(address: string): boolean {
  const own = new BlockList();
  for (const entries of Object.values(networkInterfaces())) {
    for (const { address: one, family } of entries ?? []) {
      own.addAddress(one, family === "IPv4" ? "ipv4" : "ipv6");
    }
  }
  return own.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}
