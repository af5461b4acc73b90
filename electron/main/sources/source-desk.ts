import { defaultName } from '../../../shared/default-name';
import type { FieldError } from '../../../shared/errors';
import type { ProtocolName } from '../../../shared/protocols';
import type { Recipe } from '../../../shared/recipe';
import { logsInByMessage } from '../../../shared/recipe-opening';
import type { RungConfig, SourceConfig } from '../../../shared/source';
import { sourceSchema } from '../../../shared/source';
import type { SourceDraft } from '../../../shared/source-draft';
import type { EngineFacade, SourceCommand } from '../../engine/core/facade';
import { recipeProblems } from '../../engine/protocols/recipe/problems';
import { CommandRefused } from '../ipc/dispatcher';
import { credentialTrouble, type Sealer, type TakenSecret } from '../secrets/sealer';
import { maxSources } from '../settings/schema';
import type { SettingsStore } from '../settings/settings';
import type { Consent } from './consent';
import { unusedSecrets } from './secret-names';

/** Id of the built-in source. */
export const thisMachineId = 'this-machine';

/** What an address turns out to be. */
export type InferredLadder =
  | { readonly ok: true; readonly protocol: ProtocolName; readonly ladder: readonly RungConfig[] }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export interface SourceDeskDeps {
  readonly engine: EngineFacade;
  readonly settings: SettingsStore;
  readonly infer: (url: string, protocol: ProtocolName | 'auto') => InferredLadder;
  readonly newId: () => string;
  /** Epoch ms. */
  readonly wall: () => number;
  readonly consent: Pick<Consent, 'admitFile' | 'admit' | 'seal'>;
  /** Moves secrets out of what is stored openly. */
  readonly sealer: Sealer;
  /** Forgets secrets that no source names any more. */
  readonly forgetSecrets?: (names: readonly string[]) => Promise<void>;
}

/**
 * Adds, changes and removes sources: first on disk, then in the engine, so that a crash in between loses nothing. Orders
 * may come in any order and at any moment: what the settings hold in the end is what runs.
 */
export interface SourceDesk {
  /** Starts what the settings hold. One source that cannot start does not hold up the others. */
  startAll(): Promise<void>;
  add(draft: SourceDraft): Promise<SourceConfig>;
  edit(id: string, draft: SourceDraft): Promise<SourceConfig>;
  remove(id: string): Promise<null>;
  command(id: string, command: SourceCommand): Promise<null>;
  /** Brings the engine to what the settings hold of a source by now, after they were changed by somebody else. */
  put(id: string): Promise<void>;
  /** Puts the built-in source (or its new address) in force; null when there is no gateway. */
  setThisMachine(url: string): Promise<void>;
}

/** See `SourceDesk`. */
export function createSourceDesk(deps: SourceDeskDeps): SourceDesk {
  const { engine, settings, infer, newId, wall, consent, sealer, forgetSecrets } = deps;
  const stored = (id: string): SourceConfig => {
    const found = settings.current().sources.find((source) => source.id === id);
    if (found) return found;
    if (id === thisMachineId) throw refuse('This machine is built in: it can be paused, not edited or removed.');
    throw notFound();
  };

  /** The built-in source where there is a gateway, without what the settings say of it. */
  let machine: Omit<SourceConfig, 'paused' | 'pinnedRung'> | null = null;

  const wanted = (id: string): SourceConfig | null => {
    if (id === thisMachineId) return machine && { ...machine, ...settings.current().thisMachine };
    return settings.current().sources.find((source) => source.id === id) ?? null;
  };

  /** Reads what is wanted when it acts, so that of two orders under way it does not matter which comes to act last. */
  const put = async (id: string): Promise<void> => {
    const config = wanted(id);
    if (config === null) await engine.removeSource(id);
    else if (engine.view(id) === null) await engine.addSource(config);
    else await engine.editSource(config);
  };

  /** Keeps what a command changed, and only that: an edit may have changed the rest meanwhile. */
  const keep = async (id: string, change: LastingChange) => {
    const pinned = ({ ladder, pinnedRung }: SourceConfig): LastingChange => {
      const pin = change.pinnedRung === undefined ? pinnedRung : change.pinnedRung;
      return { ...change, pinnedRung: pin !== null && pin < ladder.length ? pin : null };
    };
    await settings.change((before) =>
      id === thisMachineId
        ? { ...before, thisMachine: { ...before.thisMachine, ...change } }
        : {
            ...before,
            sources: before.sources.map((source) => (source.id === id ? { ...source, ...pinned(source) } : source)),
          },
    );
  };

  /** Names of the other sources. */
  const othersOf = (id: string): readonly string[] =>
    settings.current().sources.flatMap((source) => (source.id === id ? [] : [source.name]));

  const configOf = (id: string, draft: SourceDraft, before: SourceConfig | null): SourceConfig => {
    const { protocol, ladder } = ladderOf(draft, infer, draft.recipe === undefined ? before?.recipe : draft.recipe);
    const pinned = before?.pinnedRung ?? null;
    const recipe = draft.recipe === undefined ? before?.recipe : (draft.recipe ?? undefined);
    const readAnew = before !== null && mappingOf(recipe) !== mappingOf(before.recipe);
    const config = sourceSchema.safeParse({
      id,
      name: draft.name.trim() || defaultName(draft.url, othersOf(id)),
      url: draft.url.trim(),
      protocol,
      inferred: draft.protocol === 'auto' && !draft.ladder?.length,
      ladder,
      pinnedRung: pinned !== null && pinned < ladder.length ? pinned : null,
      paused: before?.paused ?? false,
      builtIn: false,
      reach: draft.reach ?? before?.reach,
      recipe,
      readSince: readAnew ? wall() : before?.readSince,
    });
    if (config.success) {
      const problems = config.data.recipe ? recipeProblems(config.data.recipe) : [];
      if (problems.length > 0) throw invalid(problems.map((one) => ({ ...one, field: `recipe.${one.field}` })));
      return config.data;
    }
    throw invalid(
      config.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message, fix: '' })),
    );
  };

  /** What may be billed is asked for by a person, not by a start of the application. */
  const holdBilled = async () => {
    const runs = ({ recipe, paused }: SourceConfig) => !paused && recipe?.ask.post?.billed === true;
    if (!settings.current().sources.some(runs)) return;
    await settings.change((before) => ({
      ...before,
      sources: before.sources.map((source) => (runs(source) ? { ...source, paused: true } : source)),
    }));
  };

  /** What was typed, with its secrets on their way to where they are kept. */
  const sealed = (typed: SourceDraft, before: SourceConfig | null) => {
    const { command } = { command: null, ...before?.reach?.credential };
    const trouble = credentialTrouble(typed.reach);
    const known = typed.reach?.credential.kind === 'token-command' && typed.reach.credential.command === command;
    if (trouble.length > 0 && !known) throw invalid(trouble);
    return sealer.take(typed, before ?? undefined);
  };

  /** Secrets are kept first, so that nothing connects without them; what is not stored in the end leaves none behind. */
  const keeping = async (taken: readonly TakenSecret[], store: () => Promise<void>) => {
    if (taken.length > 0) await sealer.keep(taken);
    try {
      await store();
    } catch (error) {
      if (taken.length > 0) await sealer.drop(taken);
      throw error;
    }
  };

  const forgetUnused = async (before: SourceConfig) => {
    const unused = unusedSecrets([before], settings.current().sources);
    if (unused.length > 0) await forgetSecrets?.(unused);
  };

  return {
    async startAll() {
      // A disk that takes nothing keeps no other source from starting.
      await holdBilled().catch(() => {});
      await Promise.allSettled(settings.current().sources.map(({ id }) => put(id)));
    },
    async add(typed) {
      if (settings.current().sources.length >= maxSources) {
        throw refuse(`There are ${maxSources} sources already, the most there may be. Remove one first.`);
      }
      const { draft, taken } = sealed(typed, null);
      const config = configOf(newId(), draft, null);
      consent.admitFile(config);
      await consent.admit([config]);
      await keeping(taken, () => settings.change((before) => consent.seal(before, [config])));
      await put(config.id);
      return config;
    },
    async edit(id, typed) {
      const before = stored(id);
      const { draft, taken } = sealed(typed, before);
      let config = configOf(id, draft, before);
      consent.admitFile(config);
      await consent.admit([config]);
      await keeping(taken, () =>
        settings.change((held) => {
          // A person may have taken a while to agree: it may be paused by now, or gone.
          const now = held.sources.find((source) => source.id === id);
          if (!now) throw notFound();
          config = configOf(id, draft, now);
          return consent.seal(held, [config]);
        }),
      );
      await put(id);
      await forgetUnused(before);
      return config;
    },
    async remove(id) {
      const before = stored(id);
      await settings.change((held) => {
        const keepOf = Object.fromEntries(Object.entries(held.keepOf).filter(([source]) => source !== id));
        const sources = held.sources.filter((source) => source.id !== id);
        // Rules for every source stay; one for this source alone has nothing left to watch.
        const alertRules = held.alertRules.filter((rule) => rule.source !== id);
        return consent.seal({ ...held, keepOf, sources, alertRules }, []);
      });
      await put(id);
      await forgetUnused(before);
      return null;
    },
    async command(id, command) {
      const view = engine.view(id);
      if (!view) throw notFound();
      if (
        typeof command === 'object' &&
        'pin' in command &&
        command.pin !== null &&
        command.pin >= view.config.ladder.length
      ) {
        throw refuse(`This source's ladder has ${view.config.ladder.length} rungs.`);
      }
      const change = lastingChange(command);
      const { paused, pinnedRung } = { ...view.config, ...change };
      if (change === null || (paused === view.config.paused && pinnedRung === view.config.pinnedRung)) {
        if (!engine.command(id, command)) throw notFound();
        return null;
      }
      // Kept first: an order that the disk does not take changes nothing.
      await keep(id, change);
      await put(id);
      return null;
    },
    async setThisMachine(url) {
      const inferred = infer(url, 'gateway');
      if (!inferred.ok) throw invalid(inferred.errors);
      machine = {
        id: thisMachineId,
        name: 'This machine',
        url,
        protocol: inferred.protocol,
        ladder: [...inferred.ladder],
        builtIn: true,
      };
      await put(thisMachineId);
    },
    put,
  };
}

/** What of a recipe decides how a message becomes an event and what is charted of it. */
function mappingOf(recipe: Recipe | undefined): string {
  if (recipe === undefined) return '';
  const { read, classes, values, labels, list } = recipe;
  return JSON.stringify([read, classes, values, labels, list ?? null]);
}

/** What of an order outlives the run. */
type LastingChange = Partial<Pick<SourceConfig, 'paused' | 'pinnedRung'>>;

function lastingChange(command: SourceCommand): LastingChange | null {
  if (command === 'pause' || command === 'resume') return { paused: command === 'pause' };
  return typeof command === 'object' && 'pin' in command ? { pinnedRung: command.pin } : null;
}

/** What an address and a person's choice come to. Throws a CommandRefused with what is wrong, by field. */
export function ladderOf(draft: SourceDraft, infer: SourceDeskDeps['infer'], recipe: SourceDraft['recipe']) {
  const inferred = infer(draft.url.trim(), draft.protocol);
  if (!inferred.ok) throw invalid(inferred.errors);
  const { protocol } = inferred;
  const ladder = draft.ladder?.length ? draft.ladder : inferred.ladder;
  if (!logsInByMessage(recipe)) return { protocol, ladder };
  // Rungs that can never be let in are no way down.
  const carrying = ladder.filter(({ transport }) => transport === 'websocket');
  if (carrying.length > 0 || protocol === 'recording') return { protocol, ladder: carrying };
  const message = 'A login that is a message on open needs a WebSocket, and this address has none.';
  throw invalid([{ field: 'recipe', message, fix: 'Use a ws:// address, or enter the login as a credential.' }]);
}

function invalid(errors: readonly FieldError[]): CommandRefused {
  return new CommandRefused({ kind: 'invalid', errors });
}

function refuse(message: string): CommandRefused {
  return new CommandRefused({ kind: 'refused', message });
}

function notFound(): CommandRefused {
  return new CommandRefused({ kind: 'not-found', message: 'There is no such source; it may have been removed.' });
}
