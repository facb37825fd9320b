// A CAR file in memory.

import { ClosedError } from "@remote-log/core";
import { concatBytes } from "@remote-log/core/adapter";
import type { CarSink } from "./sink.ts";

/** A CAR file that is written into memory. */
export interface MemoryCar extends CarSink {
  /**
   * The file, once it is finished.
   *
   * @throws ClosedError `ERR_CLOSED` before that
   */
  bytes(): Uint8Array;
}

/**
 * A CAR file in memory, for {@link exportCar} in a browser or on a phone: `new Blob([car.bytes()])` can be saved and shared.
 *
 * @example
 * ```ts
 * import type { Reader } from "@remote-log/core";
 * import { exportCar, memoryCar } from "@remote-log/car";
 *
 * export async function blobOf(reader: Reader): Promise<Blob> {
 *   const car = memoryCar();
 *   await exportCar({ reader, to: car });
 *   return new Blob([new Uint8Array(car.bytes())], { type: "application/vnd.ipld.car" });
 * }
 * ```
 */
export function memoryCar(): MemoryCar {
  let parts: Uint8Array[] = [];
  let whole: Uint8Array | undefined;
  return {
    write: async (bytes) => void parts.push(bytes.slice()),
    finish: async (header) => {
      whole = concatBytes(parts);
      whole.set(header, 0);
      parts = [];
    },
    abandon: async () => {
      parts = [];
    },
    bytes: () => {
      if (whole !== undefined) return whole;
      throw new ClosedError("The CAR file is not finished: wait for exportCar.", { operation: "car.export" });
    },
  };
}
