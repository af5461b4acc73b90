import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createDocument, type Document, type Loaded } from './document';
import { freshSettings, type Settings, settingsSchema } from './schema';

/** The application's settings in memory and on disk. */
export interface SettingsStore {
  current(): Settings;
  /** Replaces the settings; resolves when they are durable. On failure memory and disk keep what they had. */
  change(edit: (settings: Settings) => Settings): Promise<void>;
  /** Sentences a person must read about how the settings were found. */
  readonly notices: readonly string[];
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

/** Tries to read a file that is there, and the pause between them, ms: a disk or a scanner may be busy for a moment. */
const mostTries = 5;
const againMs = 400;

/**
 * Reads `settings.json` in `folder`, or its backup, or starts afresh; says which. Rejects when a file is there and cannot
 * be read: a start without the person's sources would write over them.
 */
export async function openSettings(folder: string): Promise<SettingsStore> {
  const document = createDocument<Settings>(join(folder, 'settings.json'), settingsSchema, freshSettings);
  const loaded = await loadPatiently(document);
  let settings = loaded.value;
  if (loaded.origin === 'backup') await document.save(settings);
  return {
    current: () => settings,
    async change(edit) {
      const before = settings;
      const after = edit(before);
      settings = after;
      try {
        await document.save(after);
      } catch (error) {
        if (settings === after) settings = before;
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`The settings could not be saved, so nothing was changed (${why}).`);
      }
    },
    notices: noticesOf(loaded),
    settled: () => document.settled(),
  };
}

async function loadPatiently(document: Document<Settings>): Promise<Loaded<Settings>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await document.load();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (tries === mostTries)
        throw new Error(`The settings are there and cannot be read, so nothing was begun over them (${why}).`);
      await wait(againMs);
    }
  }
}

function noticesOf({ origin, setAside }: Loaded<Settings>): readonly string[] {
  const kept = setAside ? ` The damaged file is kept as ${basename(setAside)}.` : '';
  switch (origin) {
    case 'file':
    case 'new':
      return [];
    case 'backup':
      return [`The settings file could not be read; its backup was used. The last change may be missing.${kept}`];
    case 'lost':
      return [
        `The settings file could not be read and there is no good backup: the list of sources starts empty.${kept}`,
      ];
  }
}
