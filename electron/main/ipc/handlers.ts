import type { AppInfo, UpdateBatch } from '../../../shared/ipc';
import { isSeriesName } from '../../../shared/meters';
import type { EngineFacade, OutboxFacade } from '../../engine/core/facade';
import type { Journal } from '../../engine/core/journal';
import { allEvents, eventsFrom } from '../../engine/journal/event-query';
import type { FullJournal } from '../../engine/journal/journal';
import type { AlertDesk } from '../alerts/alert-desk';
import type { BackupDesk } from '../backup/backup-desk';
import type { FaultDesk } from '../gateway/fault-desk';
import type { RecipeDesk } from '../recipes/recipe-desk';
import type { SecretStore } from '../secrets/secret-store';
import type { Consent } from '../sources/consent';
import type { LookDesk } from '../sources/look-desk';
import type { ReachDesk } from '../sources/reach-desk';
import type { SourceDesk } from '../sources/source-desk';
import type { StorageDesk } from '../storage/storage-desk';
import { type CommandHandlers, CommandRefused } from './dispatcher';
import type { PageLinks } from './page-links';

/** Characters of one piece of a body: at most 256 KB as a structured clone holds them. */
const bodyPieceChars = 128 * 1024;
/** Characters of a sent message that a list of them shows. */
const shownChars = 2000;

export interface HandlerDeps {
  readonly app: AppInfo;
  /** Resolves when every source has its last known state. */
  readonly restored: Promise<unknown>;
  readonly pages: PageLinks;
  readonly send: (page: number, batch: UpdateBatch) => void;
  readonly sources: SourceDesk;
  readonly reach: ReachDesk;
  readonly looks: LookDesk;
  readonly consent: Pick<Consent, 'chooseRecording'>;
  readonly secrets: SecretStore;
  readonly journal: Journal;
  readonly search: Pick<FullJournal, 'find' | 'histogram'>;
  readonly engine: Pick<EngineFacade, 'frames' | 'state' | 'refreshState'>;
  readonly outbox: OutboxFacade;
  readonly backup: BackupDesk;
  readonly recipes: RecipeDesk;
  readonly storage: StorageDesk;
  readonly alerts: AlertDesk;
  /** Null outside demo mode. */
  readonly faults: FaultDesk | null;
  readonly openExternal: (url: string) => Promise<void>;
}

/** What each command does. Arguments are checked already. */
export function createHandlers(deps: HandlerDeps): CommandHandlers {
  const { pages, sources, journal, alerts, engine, storage } = deps;

  const faults = (): FaultDesk => {
    if (deps.faults) return deps.faults;
    throw new CommandRefused({
      kind: 'refused',
      message: 'Faults can be injected in demo mode only. Start with npm start -- --demo.',
    });
  };

  return {
    'window.attach': async (_args, caller) => {
      await deps.restored;
      return { generation: pages.attach(caller.id, (batch) => deps.send(caller.id, batch)), app: deps.app };
    },
    'window.interest': (interest, caller) => {
      pages.setInterest(caller.id, interest);
      return null;
    },
    'window.ack': ({ generation, batch }, caller) => {
      pages.ack(caller.id, generation, batch);
      return null;
    },

    'sources.add': async (draft) => {
      const added = await sources.add(draft);
      // While the journal cannot be written its own limits hold; the next start sets these.
      await storage.apply(added.id).catch(() => undefined);
      return added;
    },
    'sources.chooseRecording': () => deps.consent.chooseRecording(),
    'sources.edit': ({ id, draft }) => sources.edit(id, draft),
    'sources.remove': ({ id }) => sources.remove(id),
    'sources.pause': ({ id }) => sources.command(id, 'pause'),
    'sources.resume': ({ id }) => sources.command(id, 'resume'),
    'sources.retry': ({ id }) => sources.command(id, 'retry'),
    'sources.pin': ({ id, rung }) => sources.command(id, { pin: rung }),
    'sources.probe': ({ id }) => sources.command(id, 'probe'),
    'sources.play': ({ id, playback }) => sources.command(id, { playback }),
    'sources.test': ({ draft, part, secrets }) => deps.reach.test(draft, part, secrets),

    'sources.understand': ({ pasted }) => deps.looks.understand(pasted),
    'sources.look': ({ draft, secrets, post }, { id }) => deps.looks.look(id, { draft, secrets, post }),
    'sources.lookEnd': (_args, { id }) => {
      deps.looks.end(id);
      return null;
    },

    'recipes.list': () => deps.recipes.list(),
    'recipes.import': () => deps.recipes.read(),
    'recipes.export': ({ recipe }) => deps.recipes.write(recipe),
    'recipes.describe': () => deps.recipes.describe(),
    'recipes.messages': ({ descriptors }) => deps.recipes.messages(descriptors),

    'secrets.state': () => deps.secrets.state(),
    'secrets.set': async ({ name, value, keep }) => ({ kept: await deps.secrets.set(name, value, keep) }),
    'secrets.forget': async ({ name }) => {
      await deps.secrets.forget([name]);
      return null;
    },

    'events.page': (query) => journal.page(query),
    'events.histogram': ({ source, text, bars }) => deps.search.histogram({ ...allEvents(source), text }, bars),
    'events.at': async ({ source, text, place }) => {
      const { rows } = await deps.search.find({ ...eventsFrom(source, place), text, limit: 1 });
      return rows[0]?.ordinal ?? null;
    },
    'events.body': async ({ source, ordinal, offset }) => {
      const { whole } = await journal.event(source, ordinal);
      return { text: whole.slice(offset, offset + bodyPieceChars), total: whole.length };
    },
    'frames.recent': ({ source, limit }) => found(engine.frames(source, limit)),
    'state.read': ({ source }) => found(engine.state(source)),
    'state.refresh': ({ source }) => found(engine.refreshState(source)),
    'history.series': ({ source, series, from, to, points }) =>
      journal.history({ source, series: series.filter(isSeriesName), from, to, points }),
    'history.states': ({ source, from, to }) => journal.states(source, from, to),
    'history.transitions': ({ source, limit }) => journal.transitions(source, limit),
    'history.names': ({ source }) => journal.seriesNames(source),

    'outbox.view': ({ source }) => {
      const view = found(deps.outbox.view(source));
      return { ...view, items: view.items.map((item) => ({ ...item, body: item.body.slice(0, shownChars) })) };
    },
    'outbox.send': async ({ source, type, body }) => {
      try {
        return await deps.outbox.send(source, type, body);
      } catch (error) {
        // Whatever it is, the message was not taken, and the sentence says why.
        throw new CommandRefused({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
      }
    },
    'outbox.decide': async ({ source, number, decision }) => {
      await deps.outbox.decide(source, number, decision);
      return null;
    },

    'alerts.rules': () => alerts.rules(),
    'alerts.save': ({ rules }) => alerts.save(rules),
    'alerts.page': ({ before, limit }) => alerts.page(before, limit),
    'alerts.acknowledge': async ({ id }) => {
      await alerts.acknowledge(id);
      return null;
    },

    'backup.export': () => deps.backup.write(),
    'backup.preview': () => deps.backup.preview(),
    'backup.apply': ({ token }) => deps.backup.apply(token),

    'storage.read': () => storage.read(),
    'storage.keep': ({ source, keep }) => storage.keep(source, keep),

    'faults.read': () => faults().state(),
    'faults.change': (change) => faults().change(change),

    'shell.open': async ({ url }) => {
      await deps.openExternal(url);
      return null;
    },
  };
}

/** The answer about a source, or the refusal where there is none. */
function found<Answer>(answer: Answer | null): Answer {
  if (answer !== null) return answer;
  throw new CommandRefused({ kind: 'not-found', message: 'There is no such source; it may have been removed.' });
}
