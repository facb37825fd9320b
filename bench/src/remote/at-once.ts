/** As many uploads and reads under way as a writer and a reader have. */
export const UPLOADS_AT_ONCE = 16;
export const READS_AT_ONCE = 128;

/** Does something with each of many, several at a time. */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
