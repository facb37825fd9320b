/**
 * Makes things until three of them belong to one bucket, which has room for two in a batch of
 * depth 17. A chunk belongs to one of 65,536
 * buckets, by the first two bytes of its address: some thousands of tries do.
 *
 * @param make - a new thing at each call, and the address of its chunk
 */
export function threeOfOneBucket<Thing>(
  make: () => { readonly thing: Thing; readonly address: Uint8Array },
): readonly [Thing, Thing, Thing] {
  const buckets = new Map<number, Thing[]>();
  for (;;) {
    const { thing, address } = make();
    const bucket = new DataView(address.buffer, address.byteOffset).getUint16(0);
    const there = [...(buckets.get(bucket) ?? []), thing];
    const [one, two, three] = there;
    if (one !== undefined && two !== undefined && three !== undefined) return [one, two, three];
    buckets.set(bucket, there);
  }
}
