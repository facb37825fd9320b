// What to do about a postage batch, for messages.

/** Why a mutable batch is no place for a log. */
export const MUTABLE =
  "when a bucket of it is full, new chunks take the place of old ones, and nothing says so.";

/** Why a batch is not usable yet. */
export const TOO_NEW =
  "it takes some minutes after it was bought, until enough blocks of the chain have passed";

/** What is wrong with the batch of another node. */
export function foreign(place: string): string {
  return `belongs to another node: only the node that bought it can stamp with it, and ${place} did not. Use that node, or buy one at this node`;
}

/** How to buy a batch. */
export function buy(depth = 20): string {
  return (
    `Buy an immutable one: \`swarm-cli stamp buy --depth ${depth} --amount <amount> --immutable\`, or ` +
    `POST /stamps/<amount>/${depth} with the header \`immutable: true\`.`
  );
}

/** How to have a batch last longer. */
export function topUp(id: string): string {
  return (
    `Top it up: \`swarm-cli stamp topup --stamp ${id} --amount <amount>\`, or PATCH /stamps/topup/${id}/<amount> at ` +
    "its node."
  );
}

/** How to have a batch take more chunks. */
export function dilute({ id, depth }: { readonly id: string; readonly depth: number }): string {
  return (
    `Dilute it: \`swarm-cli stamp dilute --stamp ${id} --depth ${depth + 1}\`, or PATCH /stamps/dilute/${id}/${depth + 1} ` +
    "at its node. It then has twice the room, and lasts half as long: top it up as well."
  );
}
