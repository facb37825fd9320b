// Which logs a CAR file is about, for whoever has the file and no link.

import { type OperationOptions, rawSha256 } from "@remote-log/core";
import { withAnySignal } from "@remote-log/core/adapter";
import type { CarInput } from "./car-bytes.ts";
import { OpenedCar } from "./opened-car.ts";
import { headsIn } from "./remote.ts";

/**
 * The ids of the logs whose heads are the roots of a CAR file. Nobody vouches for them but the file: whoever was given the id, or a link, uses
 * that, and is told if the file holds another log.
 *
 * @returns 64 hexadecimal digits each; none if no root is the head of a log
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY` for a file that is damaged
 *
 * @example
 * ```ts
 * import { logsInCar } from "@remote-log/car";
 * import { carFile } from "@remote-log/car/node";
 *
 * const [logId] = await logsInCar(carFile("log.car"));
 * ```
 */
export async function logsInCar(file: CarInput, options: OperationOptions = {}): Promise<string[]> {
  const settings = { file, hashType: rawSha256, mostBlocks: 2 ** 22, largestStream: 2 ** 28 };
  const car = new OpenedCar(settings);
  const context = { operation: "car.open", action: "looking for the logs in the CAR file" };
  try {
    return await withAnySignal([options.signal], async (signal) => {
      const found: string[] = [];
      for await (const { logId } of headsIn(car, 4 * 1024 * 1024, { signal, context })) found.push(logId);
      return found;
    });
  } finally {
    await car.close();
  }
}
