import { offerInPage } from "../../../../tools/browser-tests/commands.ts";
import { commands } from "./commands.ts";

offerInPage(commands);
