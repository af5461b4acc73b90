import { pathToFileURL } from 'node:url';
import type { SourceDraft } from '../../../shared/ipc';
import type { ProtocolName } from '../../../shared/source';
import { CommandRefused } from '../ipc/dispatcher';
import type { SettingsStore } from '../settings/settings';

export interface ConsentDeps {
  readonly settings: SettingsStore;
  /** Lets a person choose a file; null when they did not. */
  readonly chooseFile: () => Promise<string | null>;
  /** Asks a person whether this command may be run; outside the window, which could answer itself. */
  readonly askToRun: (command: string) => Promise<boolean>;
}

/** A recording a person chose. */
export interface ChosenRecording {
  readonly url: string;
  /** Of the file, without what it ends in. */
  readonly name: string;
}

/**
 * What a window may not decide by itself: which file of this machine is opened, and which command is run. A file has
 * been chosen in a dialog of main's, a command agreed to in one; what the settings hold already was so before.
 */
export interface Consent {
  chooseRecording(): Promise<ChosenRecording | null>;
  /** Rejects with a CommandRefused when a person has not agreed to what the draft needs. */
  admit(draft: SourceDraft, protocol: ProtocolName): Promise<void>;
}

export function createConsent({ settings, chooseFile, askToRun }: ConsentDeps): Consent {
  const chosen = new Set<string>();
  const agreed = new Set<string>();
  let asking = false;

  const stored = () => settings.current().sources;

  /** One question at a time: a window that asks for many gets the first one answered. */
  async function alone<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (asking) throw refused('Another question is open: answer it first.');
    asking = true;
    try {
      return await ask();
    } finally {
      asking = false;
    }
  }

  return {
    async chooseRecording() {
      const path = await alone(chooseFile);
      if (path === null) return null;
      const url = pathToFileURL(path).href;
      chosen.add(url);
      const file = path.split(/[\\/]/).at(-1) ?? '';
      return { url, name: file.replace(/\.jsonl?(\.gz)?$/i, '').slice(0, 80) };
    },
    async admit({ url, reach }, protocol) {
      const address = url.trim();
      if (protocol === 'recording' && !chosen.has(address) && !stored().some((source) => source.url === address)) {
        const message = 'A recording is opened by choosing its file.';
        const errors = [{ field: 'url', message, fix: 'Use the button that opens a recording.' }];
        throw new CommandRefused({ kind: 'invalid', errors });
      }
      if (reach?.credential.kind !== 'token-command') return;
      const { command } = reach.credential;
      const known = stored().some((source) => commandOf(source.reach) === command);
      if (known || agreed.has(command)) return;
      if (!(await alone(() => askToRun(command)))) throw refused('The command was not allowed: nothing was run.');
      agreed.add(command);
    },
  };
}

function commandOf(reach: SourceDraft['reach']): string | null {
  return reach?.credential.kind === 'token-command' ? reach.credential.command : null;
}

function refused(message: string): CommandRefused {
  return new CommandRefused({ kind: 'refused', message });
}
