// The error of a promise that has to reject.

/**
 * The error that a promise rejects with, for assertions on several of its fields:
 *
 * ```ts
 * expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
 * ```
 *
 * @throws Error if the promise resolves
 */
export async function failure<E = Error & { code?: string }>(promise: PromiseLike<unknown>): Promise<E> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as E;
  }
  throw new Error("The promise should have rejected, but it resolved.", { cause: value });
}
