// A database belongs to one group at a time.

import { InvalidInputError, JournalLockedError, type KeyValueDatabase } from "@remote-log/core";

const operation = "group.open";
const taken = new WeakSet<KeyValueDatabase>();

/**
 * Takes the databases of a group, so that no other group of this process uses them at the same time. Other processes and other tabs
 * are locked out where the logs are opened.
 *
 * @returns gives them back
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED` if a group has one of them
 * @throws InvalidInputError `ERR_INVALID_INPUT` if both are one
 */
export function takeDatabases(journal: KeyValueDatabase, store: KeyValueDatabase): () => void {
  if (journal === store)
    throw new InvalidInputError("`journal` and `store` are one database. Give openGroup two.", { operation });
  if (taken.has(journal) || taken.has(store))
    throw new JournalLockedError(
      "Another group has these databases open, and they belong to one at a time. Close that one first.",
      { operation },
    );
  taken.add(journal).add(store);
  return () => {
    taken.delete(journal);
    taken.delete(store);
  };
}
