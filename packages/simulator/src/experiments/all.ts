// All experiments, in the order of the report.

import { chatSection } from "./chat-section.ts";
import { coinSection } from "./coin-section.ts";
import { offlineSection } from "./offline-section.ts";
import { publishSection } from "./publish-section.ts";
import type { Section, Size } from "./run.ts";
import { servicesSection } from "./services-section.ts";
import { sessionsSection } from "./sessions-section.ts";

const SECTIONS: Readonly<Record<string, (size: Size) => Promise<Section>>> = {
  coin: coinSection,
  sessions: sessionsSection,
  offline: offlineSection,
  publish: publishSection,
  services: servicesSection,
  chat: chatSection,
};

/** The names of the experiments. */
export const EXPERIMENTS: readonly string[] = Object.keys(SECTIONS);

/**
 * Runs experiments, one after the other.
 *
 * @param only - their names. Default: all
 */
export async function runExperiments(size: Size, only: readonly string[] = EXPERIMENTS): Promise<Section[]> {
  const sections: Section[] = [];
  for (const name of EXPERIMENTS) if (only.includes(name)) sections.push(await SECTIONS[name]!(size));
  return sections;
}
