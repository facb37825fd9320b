import { fsRemote } from "@remote-log/fs";

/** The remote of a writer that is killed. Not the machine is lost, only the process: nothing waits for the disk. */
export function openRemote(place) {
  return fsRemote({ root: place, label: "folder", sync: false });
}
