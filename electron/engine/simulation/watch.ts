import type { AlertRule } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { Position } from '../../../shared/position';
import type { SourceConfig } from '../../../shared/source';
import type { SourceView } from '../../../shared/view';
import type { SourceCommand } from '../core/facade';
import type { RungPurpose } from '../core/rung';
import type { FakeCredential } from './fake-host';
import type { FaultKind } from './fault-kinds';
import type { FakeFeed } from './feeds/feed';
import type { Jury } from './judges/jury';
import type { Weather } from './weather';

/** One watched source of a run: its server, the way there, and what was seen of it from outside. */
export interface Watch {
  /** Id and name of the source. */
  readonly id: string;
  readonly host: SimHost;
  readonly feed: FakeFeed;
  readonly credential: FakeCredential;
  /** Judges what is told; in runs with a journal, where rows are judged in the end, it only keeps count. */
  readonly jury: Jury;
  /** Sessions open now, by number. */
  readonly sessions: ReadonlyMap<number, RungPurpose>;
  /** When sessions were opened, monotonic ms, `proof` excluded. */
  readonly opened: readonly number[];
  readonly transitions: readonly Transition[];
  /** All gaps as they were told, those included whose transaction died with the process. */
  readonly gapsTold: readonly Gap[];
  /** Messages handed over: `taken` once that resolved, `refused` once it was rejected. */
  readonly messages: ReadonlyMap<string, 'asked' | 'taken' | 'refused'>;
  /** The journal's file was damaged since: what was stored before is gone. */
  readonly damaged: boolean;
  /** Bodies as told, by ordinal: of several that were told for one, each. */
  readonly told: ReadonlyMap<number, readonly string[]>;
  /** What the settings say of it; null after it was removed. */
  readonly wanted: SourceConfig | null;
  /** The cursor as first handed to the journal; null before the first attach. */
  firstPosition(): Position | null;
  /** When it first was live and current since it was added, monotonic ms: from then on everything must come. Infinity before. */
  since(): number;
  /** Null while there is no such source. */
  view(): SourceView | null;
  /** A person does something: noted, since it may pass floors. */
  command(command: SourceCommand): void;
  /** A person sends a message to the feed. */
  send(body: string): void;
  /** A person enters a fresh credential. */
  renew(): void;
  /** When a person last did something, monotonic ms. */
  commandedAt(): number;
}

/** A host of a run: the servers behind it share its network. */
export interface SimHost {
  readonly authority: string;
  readonly weather: Weather;
  /** Faults in force, of the way and of its servers. */
  readonly active: ReadonlySet<FaultKind>;
  /** When one last began or ended, monotonic ms. */
  readonly changedAt: number;
}

/** Rules in force in runs with a journal. */
export const watchedRules: readonly AlertRule[] = [
  ruleOf('high', {
    kind: 'metric',
    series: 'value:tick.wave',
    is: 'above',
    threshold: 12,
    clear: 5,
    seconds: 0,
  }),
  ruleOf('held', {
    kind: 'metric',
    series: 'value:tick.wave',
    is: 'below',
    threshold: 15,
    clear: 17,
    seconds: 8,
  }),
  ruleOf('seen', { kind: 'match', search: 'type:tick wave=7', quietSeconds: 30 }),
  ruleOf('lost', { kind: 'gap' }),
];

function ruleOf(id: string, condition: AlertRule['condition']): AlertRule {
  return { id, name: id, source: null, severity: 'info', enabled: true, condition };
}
