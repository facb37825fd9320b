// Where a CAR file is written to.

/** Where a CAR file is written to: front to back, and at last the header once more. What `memoryCar` and `carFileSink` make is one. */
export interface CarSink {
  /** Appends bytes, which stay as they are. The next call waits for this one. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts the header over the first bytes, which are as many, and makes the file whole: it is there from now on. */
  finish(header: Uint8Array): Promise<void>;
  /** Gives up: nothing stays of the file. Not called after `finish`. */
  abandon(): Promise<void>;
}
