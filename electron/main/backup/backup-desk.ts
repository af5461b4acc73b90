import { maxAlertRules } from '../../../shared/alert';
import type { BackupItem, BackupPreview } from '../../../shared/backup';
import type { FieldError } from '../../../shared/errors';
import type { SourceConfig } from '../../../shared/source';
import type { EngineFacade } from '../../engine/core/facade';
import { CommandRefused } from '../ipc/dispatcher';
import { credentialTrouble, type Sealer, type TakenSecret } from '../secrets/sealer';
import { maxSources } from '../settings/schema';
import type { SettingsStore } from '../settings/settings';
import { dialledFor } from '../sources/agreements';
import type { Consent } from '../sources/consent';
import { secretNames, unusedSecrets } from '../sources/secret-names';
import { type BackupContents, readBackup, writeBackup } from './backup-file';

/** A chosen file. */
export interface ChosenFile {
  /** Without its folder. */
  readonly name: string;
  readonly text: string;
}

export interface BackupDeps {
  readonly settings: SettingsStore;
  readonly engine: Pick<EngineFacade, 'setAlertRules'>;
  /** Brings the engine to what the settings hold of a source. */
  readonly put: (source: string) => Promise<void>;
  readonly wall: () => number;
  readonly newToken: () => string;
  /** Names of the secrets there are. */
  readonly secrets: () => readonly string[];
  /** Lets a person choose a backup and reads it; null when they did not choose. */
  readonly open: () => Promise<ChosenFile | null>;
  /** Lets a person choose where to, and writes it; the file's name, null when they did not choose. */
  readonly save: (proposed: string, text: string) => Promise<string | null>;
  readonly consent: Pick<Consent, 'admit' | 'seal'>;
  /** Asks a person whether this file of the machine, a recording, may be opened. */
  readonly askToOpen: (url: string) => Promise<boolean>;
  /** Puts in force how much is kept of a source. */
  readonly kept: (source: string) => Promise<void>;
  /** Moves secrets out of what is stored openly: an older file may hold some, or one that was written by hand. */
  readonly sealer: Sealer;
  /** Forgets secrets that no source names any more. */
  readonly forgetSecrets: (names: readonly string[]) => Promise<void>;
}

/** Sources and rules out to a file and back: all of it or nothing. */
export interface BackupDesk {
  /** The name of the file written; null when the person did not choose one. */
  write(): Promise<string | null>;
  /** What importing a file would change; null when the person did not choose one. */
  preview(): Promise<BackupPreview | null>;
  /** Imports what the last preview showed. */
  apply(token: string): Promise<null>;
}

export function createBackupDesk(deps: BackupDeps): BackupDesk {
  const { settings, engine } = deps;
  let asking = false;
  let previewed: {
    readonly token: string;
    readonly contents: BackupContents;
    readonly taken: readonly TakenSecret[];
  } | null = null;

  /** One dialog at a time: a window that asks for many gets the first one answered. */
  async function alone<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (asking) throw new CommandRefused({ kind: 'refused', message: 'Another dialog is open: answer it first.' });
    asking = true;
    try {
      return await ask();
    } finally {
      asking = false;
    }
  }

  function itemsOf({ sources, alertRules }: BackupContents, taken: readonly TakenSecret[]): readonly BackupItem[] {
    const now = settings.current();
    const known = new Set([...deps.secrets(), ...taken.map(({ name }) => name)]);
    return [
      ...sources.map((source) => ({
        what: 'source' as const,
        name: source.name,
        ...changeOf(source, now.sources),
        secretsMissing: secretNames(source).some((name) => !known.has(name)),
        dials: source.protocol === 'recording' ? [] : dialledFor(source),
      })),
      ...alertRules.map((rule) => ({
        what: 'rule' as const,
        name: rule.name,
        ...changeOf(rule, now.alertRules),
        secretsMissing: false,
        dials: [],
      })),
    ];
  }

  /** What would be more, with what there is, than there may be. */
  function tooMany({ sources, alertRules }: BackupContents): readonly FieldError[] {
    const now = settings.current();
    const lists = [
      ['sources', 'sources', merged(now.sources, sources).length, maxSources],
      ['alertRules', 'alert rules', merged(now.alertRules, alertRules).length, maxAlertRules],
    ] as const;
    return lists.flatMap(([field, word, after, most]) =>
      after > most
        ? [{ field, message: `That makes ${after} ${word}, and ${most} may be.`, fix: 'Remove some first.' }]
        : [],
    );
  }

  /** Its sources with places for the secrets in them. */
  function sealed(contents: BackupContents) {
    const held = settings.current().sources;
    const all = contents.sources.map((source) =>
      deps.sealer.take(
        source,
        held.find(({ id }) => id === source.id),
      ),
    );
    return {
      contents: { ...contents, sources: all.map(({ draft }) => draft) },
      taken: all.flatMap((one) => one.taken),
    };
  }

  return {
    write() {
      const at = deps.wall();
      const day = new Date(at).toISOString().slice(0, 10);
      return alone(() => deps.save(`wirewatch-${day}.json`, writeBackup(settings.current(), at)));
    },

    async preview() {
      const file = await alone(deps.open);
      if (file === null) return null;
      const read = readBackup(file.text);
      const { contents, taken } = sealed(read);
      const problems = [...read.problems, ...openSecretsIn(read), ...tooMany(contents)];
      const token = problems.length === 0 ? deps.newToken() : null;
      previewed = token === null ? null : { token, contents, taken };
      const { madeAt, unknown } = contents;
      return { token, file: file.name, madeAt, items: itemsOf(contents, taken), unknown, problems };
    },

    async apply(token) {
      if (previewed?.token !== token) {
        throw new CommandRefused({ kind: 'refused', message: 'Choose the file again: this preview is over.' });
      }
      if (tooMany(previewed.contents).length > 0) {
        // Others were added since it was shown.
        throw new CommandRefused({
          kind: 'refused',
          message: 'Sources or rules were added since: choose the file again.',
        });
      }
      const { contents, taken } = previewed;
      const { alertRules } = contents;
      const held = settings.current().sources;
      // What is as it was goes on undisturbed.
      const sources = contents.sources.filter((source) => changeOf(source, held).change !== 'unchanged');
      previewed = null;
      for (const url of new Set(sources.flatMap(recordingsOf))) {
        if (held.flatMap(recordingsOf).includes(url) || (await deps.askToOpen(url))) continue;
        throw new CommandRefused({ kind: 'refused', message: 'A recording was not allowed: nothing was imported.' });
      }
      await deps.consent.admit(sources);
      await deps.sealer.keep(taken);
      try {
        // One write: after a crash all of it is there or nothing.
        await settings.change((before) => ({
          ...deps.consent.seal(before, sources),
          alertRules: merged(before.alertRules, alertRules),
        }));
      } catch (error) {
        await deps.sealer.drop(taken);
        throw error;
      }
      engine.setAlertRules(settings.current().alertRules);
      await Promise.allSettled(sources.map(({ id }) => deps.put(id)));
      // While the journal cannot be written its own limits hold; the next start sets these.
      await Promise.allSettled(sources.map(({ id }) => deps.kept(id)));
      const unused = unusedSecrets(held, settings.current().sources);
      if (unused.length > 0) await deps.forgetSecrets(unused);
      return null;
    },
  };
}

/** A secret in a command, or in another open field of a credential, could only be stored openly. */
function openSecretsIn({ sources }: BackupContents): readonly FieldError[] {
  return sources.flatMap(({ reach }, at) =>
    credentialTrouble(reach).map((trouble) => ({ ...trouble, field: `sources.${at}.${trouble.field}` })),
  );
}

function recordingsOf({ protocol, url }: SourceConfig): readonly string[] {
  return protocol === 'recording' ? [url] : [];
}

/** Items of the same id replace, others are added at the end; none goes. */
function merged<Item extends { readonly id: string }>(held: readonly Item[], more: readonly Item[]): Item[] {
  const byId = new Map(held.map((item) => [item.id, item]));
  for (const item of more) byId.set(item.id, item);
  return [...byId.values()];
}

function changeOf<Item extends { readonly id: string }>(
  item: Item,
  held: readonly Item[],
): Pick<BackupItem, 'change' | 'differs'> {
  const before = held.find(({ id }) => id === item.id);
  if (before === undefined) return { change: 'added', differs: [] };
  const names = [...new Set([...Object.keys(before), ...Object.keys(item)])];
  const differs = names.filter(
    (name) => JSON.stringify(Reflect.get(before, name)) !== JSON.stringify(Reflect.get(item, name)),
  );
  return { change: differs.length === 0 ? 'unchanged' : 'replaced', differs };
}
