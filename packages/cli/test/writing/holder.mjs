// A program of the user's own: it has the journal's database open, and queues nowhere. It ends with its standard input.
import { ClassicLevel } from "classic-level";

const database = new ClassicLevel(process.argv[2]);
await database.open();
console.log("open");
for await (const _ of process.stdin);
await database.close();
