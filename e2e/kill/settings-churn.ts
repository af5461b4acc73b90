import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsSchema } from '../../electron/main/settings/schema';
import type { SourceConfig } from '../../shared/source';
import type { PageLink } from './devtools';
import { alertRules } from './published';

/** Keeps changing one setting through the window, so that kills fall into writes of the settings file. */
export interface SettingsChurn {
  /** Begins in a page; ends with it. */
  start(page: PageLink): Promise<void>;
  /** What is wrong with the settings on disk, in words. To be asked while no application runs. */
  check(): Promise<readonly string[]>;
  /** Changes that were answered as done, over all runs. */
  changes(): number;
}

/** See `SettingsChurn`. `renamed` is the source whose name counts up; the others must stay as they are. */
export function createSettingsChurn(
  userData: string,
  sources: readonly SourceConfig[],
  renamed: SourceConfig,
): SettingsChurn {
  let acknowledged = 0;
  let first = 0;
  const nameOf = (number: number) => `Name ${number}`;

  return {
    async start(page) {
      first = acknowledged + 1;
      await page.bind('renamed', (text) => {
        acknowledged = Math.max(acknowledged, Number(text));
      });
      const { id, url, protocol, ladder } = renamed;
      const draft = JSON.stringify({ url, protocol, ladder });
      await page.evaluate(`void (async () => {
        for (let number = ${first}; ; number += 1) {
          const draft = { ...${draft}, name: 'Name ' + number };
          const answer = await window.wirewatch.call('sources.edit', { id: ${JSON.stringify(id)}, draft });
          if (answer.ok) window.renamed(String(number));
          else console.error(JSON.stringify(answer));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })()`);
    },

    async check() {
      const faults: string[] = [];
      const text = await readFile(join(userData, 'settings.json'), 'utf8').catch(() => '');
      let found: readonly SourceConfig[];
      try {
        const settings = settingsSchema.parse(JSON.parse(text));
        found = settings.sources;
        if (JSON.stringify(settings.alertRules) !== JSON.stringify(alertRules))
          faults.push('the alert rules are not as they were');
      } catch (error) {
        return [`settings.json cannot be read: ${String(error)}`];
      }
      for (const source of sources) {
        const now = found.find(({ id }) => id === source.id);
        if (JSON.stringify(now) !== JSON.stringify(source)) faults.push(`source ${source.name} is not as it was`);
      }
      const name = found.find(({ id }) => id === renamed.id)?.name ?? 'missing';
      // The change under way when it was killed may have been written without its answer.
      if (acknowledged > 0 && name !== nameOf(acknowledged) && name !== nameOf(acknowledged + 1)) {
        faults.push(`the name is "${name}", told as saved was "${nameOf(acknowledged)}"`);
      }
      acknowledged = Math.max(acknowledged, Number(/\d+$/.exec(name)?.[0] ?? 0));
      return faults;
    },
    changes: () => acknowledged,
  };
}
