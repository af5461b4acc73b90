import { z } from 'zod';
import { type Alert, type AlertRule, alertRuleSchema, maxAlertRules } from './alert';
import type { BackupPreview } from './backup';
import type { Transition } from './connection';
import type { CommandResult } from './errors';
import type { EventRow } from './event';
import { faultChangeSchema } from './fault-schemas';
import type { FaultState } from './faults';
import type { FramesView } from './frame';
import type { Gap } from './gap';
import type { Bucket, SeriesHistory, SeriesName, StateSpan } from './meters';
import type { OutboxItem, OutboxView } from './outbox';
import { eventPlaceSchema } from './place';
import type { ProbeAnswer, Understood } from './probe';
import { secretNameSchema } from './reach';
import { mostDescriptorChars, type Recipe, recipeSchema } from './recipe';
import { playbackSchema } from './recording';
import { type MatchBar, maxTerms, parseSearch } from './search';
import { type ReachAnswer, reachParts, type SecretKept, type SecretsState } from './secrets';
import { longestSeriesName } from './series-name';
import type { SourceConfig } from './source';
import { sourceDraftSchema } from './source-draft';
import type { SnapshotAnswer, StateView } from './state';
import { keepSchema, type StorageView } from './storage';
import { timeSchema } from './time-schema';
import { parseUrl } from './url';
import type { SourceNumbers, SourceView } from './view';

/**
 * The whole contract between main and a window: two maps, commands (window → main, with an answer)
 * and updates (main → window). Both sides' types come from here and from nowhere else.
 */

/** A command: the schema that main checks its argument against, and the type of its answer. */
interface Command<Args extends z.ZodType, Answer> {
  readonly args: Args;
  /** Never set; carries the answer's type. */
  readonly answer?: Answer;
}

function command<Answer>() {
  return <Args extends z.ZodType>(args: Args): Command<Args, Answer> => ({ args });
}

const sourceId = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/);
const fewTerms = (text: string) => parseSearch(text).length <= maxTerms;
const tooManyTerms = `A search has at most ${maxTerms} words.`;
const searchText = z.string().max(500).refine(fewTerms, tooManyTerms);
const nothing = z.strictObject({});
const httpsAddress = z
  .string()
  .max(4096)
  .refine((text) => parseUrl(text)?.protocol === 'https:');
const secretValue = z
  .string()
  .min(1)
  .max(256 * 1024);

/** Not asked of what is stored: a rule of before this was asked goes on. */
const savedRule = alertRuleSchema.refine(({ condition }) => condition.kind !== 'match' || fewTerms(condition.search), {
  path: ['condition', 'search'],
  message: tooManyTerms,
});

/** What a window looks at; it is sent nothing else. */
export const interestSchema = z.strictObject({
  generation: z.number().int(),
  /** Source whose page is open. */
  source: sourceId.nullable(),
  /** Wants the live event tail of that source. */
  tail: z.boolean(),
  /** Series of that source to stream live points of. */
  series: z.array(z.string().max(longestSeriesName)).max(64),
});

export type Interest = z.output<typeof interestSchema>;

export interface AppInfo {
  readonly version: string;
  readonly electron: string;
  readonly node: string;
  readonly chrome: string;
  readonly platform: string;
  /** Fault panel available. */
  readonly demo: boolean;
  /** Sentences the person must read about this start: settings taken from the backup, a secret not stored, … Usually none. */
  readonly notices: readonly string[];
}

export interface EventPage {
  /** Oldest first; what is not stored yet is among them where main still holds it. */
  readonly rows: readonly EventRow[];
  readonly gaps: readonly Gap[];
  /** More rows exist beyond this page in the direction asked. */
  readonly more: boolean;
  /** Ordinals in the stretch of this page, both ends excluded, that are not stored yet and whose rows are not at hand. */
  readonly unstored?: { readonly after: number; readonly before: number };
}

export const commands = {
  /** First call of every load: opens a new generation; full state follows as updates. */
  'window.attach': command<{ readonly generation: number; readonly app: AppInfo }>()(nothing),
  'window.interest': command<null>()(interestSchema),
  /** Acknowledges a batch in the message handler, never at paint. */
  'window.ack': command<null>()(z.strictObject({ generation: z.number().int(), batch: z.number().int() })),

  'sources.add': command<SourceConfig>()(sourceDraftSchema),
  /** Lets a person choose a recording of this machine: no other file is opened as a source. Null when they did not. */
  'sources.chooseRecording': command<{ readonly url: string; readonly name: string } | null>()(nothing),
  'sources.edit': command<SourceConfig>()(z.strictObject({ id: sourceId, draft: sourceDraftSchema })),
  'sources.remove': command<null>()(z.strictObject({ id: sourceId })),
  'sources.pause': command<null>()(z.strictObject({ id: sourceId })),
  'sources.resume': command<null>()(z.strictObject({ id: sourceId })),
  'sources.retry': command<null>()(z.strictObject({ id: sourceId })),
  /** Pins a rung (index), or releases it with null. */
  'sources.pin': command<null>()(z.strictObject({ id: sourceId, rung: z.number().int().min(0).max(3).nullable() })),
  'sources.probe': command<null>()(z.strictObject({ id: sourceId })),
  /** Steps, seeks or sets the pace of a recording; pause and resume are those of every source. */
  'sources.play': command<null>()(z.strictObject({ id: sourceId, playback: playbackSchema })),
  /** Tries how a source would be reached, with secrets that may not be kept yet; changes nothing. */
  'sources.test': command<ReachAnswer>()(
    z.strictObject({
      draft: sourceDraftSchema,
      part: z.enum(reachParts),
      secrets: z.array(z.strictObject({ name: secretNameSchema, value: secretValue })).max(20),
    }),
  ),

  /** What was pasted: an address or a whole `curl` command. Nothing is asked, sent or stored. */
  'sources.understand': command<Understood>()(z.strictObject({ pasted: z.string().max(64 * 1024) })),
  /**
   * Looks for at most 10 s at what answers at the address of a draft, with secrets that may not be kept yet: a GET or an
   * upgrade, and stores nothing. One at a time for each window: a new one ends the one before, which answers then with what
   * it had. `post`: the person has said that the request of the draft's recipe is to be sent.
   */
  'sources.look': command<ProbeAnswer>()(
    z.strictObject({
      draft: sourceDraftSchema,
      secrets: z.array(z.strictObject({ name: secretNameSchema, value: secretValue })).max(20),
      post: z.boolean().default(false),
    }),
  ),
  /** Ends this window's look. */
  'sources.lookEnd': command<null>()(nothing),

  /** Recipes that come with the application. */
  'recipes.list': command<readonly Recipe[]>()(nothing),
  /** A recipe of a file that the person chooses in a dialog of main's; null when they did not. Nothing is stored. */
  'recipes.import': command<Recipe | null>()(nothing),
  /** Writes a recipe to a file that the person chooses, without its secrets; its name, or null. */
  'recipes.export': command<string | null>()(z.strictObject({ recipe: recipeSchema })),
  /** A descriptor set of Protobuf, of a file that the person chooses, in base64; null when they did not. Nothing is stored. */
  'recipes.describe': command<string | null>()(nothing),
  /** Full names of the messages that a descriptor set describes, 2,000 at most; none where it cannot be read. */
  'recipes.messages': command<readonly string[]>()(
    z.strictObject({ descriptors: z.string().max(mostDescriptorChars) }),
  ),

  /** Which secrets there are. What they say is never read back. */
  'secrets.state': command<SecretsState>()(nothing),
  /** `weak`: on disk although nothing protects it there. Without a keyring `stored` is kept for this run only. */
  'secrets.set': command<{ readonly kept: SecretKept }>()(
    z.strictObject({ name: secretNameSchema, value: secretValue, keep: z.enum(['stored', 'weak', 'run']) }),
  ),
  'secrets.forget': command<null>()(z.strictObject({ name: secretNameSchema })),

  /** Events by ordinal: the `limit` rows before or after `from` (exclusive); null = the newest / oldest end. */
  'events.page': command<EventPage>()(
    z.strictObject({
      source: sourceId,
      from: z.number().int().nullable(),
      direction: z.enum(['before', 'after']),
      limit: z.number().int().min(1).max(1000),
      text: searchText.default(''),
    }),
  ),
  /** How many events match a search, over the time that is stored: their sum is the number of matches. */
  'events.histogram': command<readonly MatchBar[]>()(
    z.strictObject({ source: sourceId, text: searchText, bars: z.number().int().min(1).max(400) }),
  ),
  /** Ordinal of the first event at or after a time of receipt or a number that matches a search; null: there is none. */
  'events.at': command<number | null>()(
    z.strictObject({ source: sourceId, text: searchText.default(''), place: eventPlaceSchema }),
  ),
  /** A whole body in pieces of at most 256 KB: text from `offset` characters on. */
  'events.body': command<{ readonly text: string; readonly total: number }>()(
    z.strictObject({ source: sourceId, ordinal: z.number().int(), offset: z.number().int().min(0) }),
  ),
  /** The newest raw frames of a source: they are kept in memory only, bounded by count and bytes. */
  'frames.recent': command<FramesView>()(z.strictObject({ source: sourceId, limit: z.number().int().min(1).max(500) })),
  /** The newest event of each type, snapshots beneath them. */
  'state.read': command<StateView>()(z.strictObject({ source: sourceId })),
  /** Asks the feed for a snapshot; newer events stay on top of it. */
  'state.refresh': command<SnapshotAnswer>()(z.strictObject({ source: sourceId })),
  'history.series': command<readonly SeriesHistory[]>()(
    z.strictObject({
      source: sourceId,
      series: z.array(z.string().max(longestSeriesName)).max(64),
      from: timeSchema,
      to: timeSchema,
      points: z.number().int().min(10).max(400),
    }),
  ),
  'history.states': command<readonly StateSpan[]>()(
    z.strictObject({ source: sourceId, from: timeSchema, to: timeSchema }),
  ),
  'history.transitions': command<readonly Transition[]>()(
    z.strictObject({ source: sourceId, limit: z.number().int().min(1).max(500) }),
  ),
  /** Names of the series this source has, `value:` ones included. */
  'history.names': command<readonly SeriesName[]>()(z.strictObject({ source: sourceId })),

  /** What was sent to a feed and what became of it; bodies are cut at 2,000 characters. */
  'outbox.view': command<OutboxView>()(z.strictObject({ source: sourceId })),
  'outbox.send': command<OutboxItem>()(
    z.strictObject({
      source: sourceId,
      type: z.string().trim().min(1).max(1000),
      body: z
        .string()
        .min(1)
        .max(256 * 1024),
    }),
  ),
  /** Decides about a message whose fate is unknown: sent again with the same key, or let go. */
  'outbox.decide': command<null>()(
    z.strictObject({ source: sourceId, number: z.number().int(), decision: z.enum(['again', 'dismiss']) }),
  ),

  'alerts.rules': command<readonly AlertRule[]>()(nothing),
  /** Puts these rules in the place of all there were. What a removed rule had raised ends. */
  'alerts.save': command<readonly AlertRule[]>()(z.strictObject({ rules: z.array(savedRule).max(maxAlertRules) })),
  /** Newest first; those raised before `before`, or the newest. */
  'alerts.page': command<readonly Alert[]>()(
    z.strictObject({ before: timeSchema.nullable(), limit: z.number().int().min(1).max(500) }),
  ),
  /** A person saw it; null: all of them. */
  'alerts.acknowledge': command<null>()(z.strictObject({ id: z.string().max(200).nullable() })),

  /** Writes sources and rules to a file that the person chooses in a dialog of main's; its name, or null. */
  'backup.export': command<string | null>()(nothing),
  /** What importing a file would change; main's dialog chooses it. Null when the person did not. */
  'backup.preview': command<BackupPreview | null>()(nothing),
  /** Imports what that preview showed: all of it or nothing. */
  'backup.apply': command<null>()(z.strictObject({ token: z.string().max(100) })),

  'storage.read': command<StorageView>()(nothing),
  /** Sets how much is kept: of one source, or (null) of all without limits of their own. `keep` null takes them away. */
  'storage.keep': command<StorageView>()(z.strictObject({ source: sourceId.nullable(), keep: keepSchema.nullable() })),

  'faults.read': command<FaultState>()(nothing),
  'faults.change': command<FaultState>()(faultChangeSchema),

  /** Opens an https address in the person's browser, after a click. */
  'shell.open': command<null>()(z.strictObject({ url: httpsAddress })),
} as const;

export type CommandName = keyof typeof commands;
export type CommandArgs<Name extends CommandName> = z.input<(typeof commands)[Name]['args']>;
export type CommandAnswer<Name extends CommandName> = NonNullable<(typeof commands)[Name]['answer']> | NullAnswer<Name>;
type NullAnswer<Name extends CommandName> = null extends (typeof commands)[Name]['answer'] ? null : never;

/** Health of the journal, for the whole application. */
export type JournalView =
  | { readonly kind: 'ok'; readonly behind: number }
  | { readonly kind: 'paused'; readonly since: number; readonly text: string }
  /** `whole`: the file was written anew with all that was stored. */
  | { readonly kind: 'set-aside'; readonly at: number; readonly text: string; readonly whole?: true };

/** One thing that changed. Sent in batches, in order. */
export type Update =
  | {
      readonly kind: 'sources';
      /** True in the first one of a generation: what is not in it does not exist. */
      readonly full: boolean;
      readonly sources: readonly SourceView[];
      /** Sources told before, of which nothing but numbers has changed; absent where there are none. */
      readonly numbers?: readonly SourceNumbers[];
      readonly removed: readonly string[];
    }
  | {
      readonly kind: 'events';
      readonly source: string;
      readonly rows: readonly EventRow[];
      /** Rows left out right before these because the window lagged or was hidden; pages have them. */
      readonly skipped: number;
      /** Ordinal of the newest event told of here, left out or not. */
      readonly upTo: number;
    }
  | { readonly kind: 'gaps'; readonly source: string; readonly gaps: readonly Gap[] }
  | {
      readonly kind: 'points';
      readonly source: string;
      readonly points: readonly { readonly series: SeriesName; readonly seconds: 1; readonly bucket: Bucket }[];
    }
  | { readonly kind: 'transition'; readonly source: string; readonly transition: Transition }
  | { readonly kind: 'journal'; readonly journal: JournalView }
  /** Alerts raised or changed. `full` in the first one of a generation: then all that last or were not acknowledged, at most 200. */
  | { readonly kind: 'alerts'; readonly full: boolean; readonly alerts: readonly Alert[] }
  | { readonly kind: 'faults'; readonly faults: FaultState };

export interface UpdateBatch {
  readonly generation: number;
  /** Grows by one per batch within a generation. */
  readonly batch: number;
  /** Revision of main's state that this batch brings the window to. */
  readonly revision: number;
  /** Main's wall clock when it was sent, epoch ms: ages are reckoned against it. */
  readonly now: number;
  readonly updates: readonly Update[];
}

/** What preload puts on `window.wirewatch`. */
export interface Bridge {
  call<Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandResult<CommandAnswer<Name>>>;
  /** Calls back for each batch; returns its own unsubscribe. */
  onUpdates(listener: (batch: UpdateBatch) => void): () => void;
}
