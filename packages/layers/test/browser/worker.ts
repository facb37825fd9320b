import { offerInWorker } from "../../../../tools/browser-tests/commands.ts";
import { commands } from "./commands.ts";

offerInWorker(commands);
