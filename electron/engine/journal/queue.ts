import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { SourceCounters } from '../../../shared/view';
import type { AlertChange, AlertRuleState } from '../core/alerts';
import { CheckpointSum } from '../core/checkpoint-sum';
import type { CheckpointStep } from '../core/delivery';
import type { JournalEntry, RollupIncrement } from '../core/journal';
import { BlockEncoder } from './block-encoder';
import type { Group, SourceBlock, SourceCommit } from './messages';

/** What a group that is under way holds, for the accounts. */
export interface Sent {
  readonly number: number;
  readonly events: number;
  readonly bytes: number;
  /** Highest entry number per source. */
  readonly entries: readonly (readonly [source: string, number: number])[];
  readonly commits: readonly SourceCommit[];
}

/** Entries gathered into the next group. Runs on the main thread for every event: what it can leave for later, it does. */
export interface Queue {
  readonly events: number;
  /** Rough memory held, bytes. */
  readonly bytes: number;
  readonly empty: boolean;
  add(entry: JournalEntry): void;
  /** Of an entry that is otherwise dropped, keeps the transitions: they are few, and nobody can send them again. */
  addTransitions(entry: JournalEntry): void;
  /** Everything gathered, as one group. */
  take(number: number, at: number): { readonly group: Group; readonly sent: Sent; readonly transfer: ArrayBuffer[] };
  /** What is gathered of a source, beside its events; null when nothing is. */
  peek(source: string): SourceCommit | null;
  /** Drops what is gathered of one source; its transitions may stay. */
  drop(source: string, keepTransitions: boolean): void;
}

/** Memory of an event beside its body, bytes: columns and the references to its strings. */
const eventOverhead = 96;
/** Memory of an alert, about, bytes. */
const alertBytes = 800;
/** Transitions kept of a source whose entries are dropped. */
const keptTransitions = 500;
/** Smaller buffers are cheaper copied than handed over. */
const transferBytes = 4_096;

interface Pending {
  readonly encoder: BlockEncoder;
  blocks: SourceBlock[];
  gaps: Gap[];
  rollups: RollupIncrement[];
  transitions: Transition[];
  /** By id and by rule: of each only the newest matters. */
  alerts: Map<string, AlertChange>;
  alertStates: Map<string, AlertRuleState | null>;
  readonly checkpoint: CheckpointSum;
  counters: SourceCounters | null;
  eventAt: number | null;
  /** Something is gathered. */
  dirty: boolean;
  /** Null: nothing in it counts as an entry stored. */
  number: number | null;
  events: number;
  bytes: number;
}

export function createQueue(): Queue {
  const pending = new Map<string, Pending>();
  /** Sources touched since the last group. */
  let dirty: [string, Pending][] = [];
  let events = 0;
  let bytes = 0;

  function open(source: string): Pending {
    let found = pending.get(source);
    if (!found) {
      found = {
        encoder: new BlockEncoder(),
        blocks: [],
        gaps: [],
        rollups: [],
        transitions: [],
        alerts: new Map(),
        alertStates: new Map(),
        checkpoint: new CheckpointSum(),
        counters: null,
        eventAt: null,
        dirty: false,
        number: null,
        events: 0,
        bytes: 0,
      };
      pending.set(source, found);
    }
    if (!found.dirty) dirty.push([source, found]);
    found.dirty = true;
    return found;
  }

  function clear(entry: Pending): void {
    entry.blocks = [];
    entry.gaps = [];
    entry.rollups = [];
    entry.transitions = [];
    if (entry.alerts.size > 0) entry.alerts = new Map();
    if (entry.alertStates.size > 0) entry.alertStates = new Map();
    entry.counters = null;
    entry.eventAt = null;
    entry.dirty = false;
    entry.number = null;
    entry.events = 0;
    entry.bytes = 0;
  }

  function commitOf(source: string, entry: Pending, checkpoint: CheckpointStep | null): SourceCommit {
    const { counters, eventAt, gaps, rollups, transitions } = entry;
    return {
      source,
      checkpoint,
      counters,
      eventAt,
      gaps,
      rollups,
      transitions,
      alerts: alertsOf(entry),
    };
  }

  return {
    get events() {
      return events;
    },

    get bytes() {
      return bytes;
    },

    get empty() {
      return dirty.length === 0;
    },

    add(entry) {
      const { source } = entry;
      const into = open(source);
      const { encoder } = into;
      let size = 0;
      for (const event of entry.events) {
        encoder.add(event);
        size += event.bytes + event.stream.length + event.type.length + (event.id?.length ?? 0);
        if (encoder.full) into.blocks.push({ source, ...encoder.finish() });
      }
      const more = entry.events.length;
      into.eventAt = entry.events[more - 1]?.receivedAt ?? into.eventAt;
      size += more * eventOverhead;
      into.events += more;
      into.bytes += size;
      events += more;
      bytes += size;
      for (const gap of entry.gaps) into.gaps.push(gap);
      for (const rollup of entry.rollups) into.rollups.push(rollup);
      for (const transition of entry.transitions) into.transitions.push(transition);
      if (entry.alerts) {
        const known = into.alerts.size;
        for (const change of entry.alerts.changes) {
          const raised = change.raised || into.alerts.get(change.alert.id)?.raised === true;
          into.alerts.set(change.alert.id, { ...change, raised });
        }
        for (const { rule, state } of entry.alerts.states) into.alertStates.set(rule, state);
        const added = (into.alerts.size - known) * alertBytes;
        into.bytes += added;
        bytes += added;
      }
      if (entry.checkpoint) into.checkpoint.add(entry.checkpoint);
      into.counters = entry.counters;
      into.number = entry.number;
    },

    addTransitions(entry) {
      if (entry.transitions.length === 0) return;
      const into = open(entry.source);
      into.transitions = [...into.transitions, ...entry.transitions].slice(-keptTransitions);
    },

    take(number, at) {
      const blocks: SourceBlock[] = [];
      const sources: SourceCommit[] = [];
      const entries: [string, number][] = [];
      for (const [source, entry] of dirty) {
        if (entry.encoder.count > 0) entry.blocks.push({ source, ...entry.encoder.finish() });
        for (const block of entry.blocks) blocks.push(block);
        sources.push(commitOf(source, entry, entry.checkpoint.take()));
        if (entry.number !== null) entries.push([source, entry.number]);
        clear(entry);
      }
      dirty = [];
      const sent: Sent = { number, events, bytes, entries, commits: sources };
      events = 0;
      bytes = 0;
      return { group: { number, at, blocks, sources: JSON.stringify(sources) }, sent, transfer: buffersOf(blocks) };
    },

    peek(source) {
      const entry = pending.get(source);
      return entry?.dirty ? commitOf(source, entry, entry.checkpoint.peek()) : null;
    },

    drop(source, keepTransitions) {
      const entry = pending.get(source);
      if (!entry) return;
      events -= entry.events;
      bytes -= entry.bytes;
      const { transitions } = entry;
      pending.delete(source);
      dirty = dirty.filter(([name]) => name !== source);
      if (!keepTransitions || transitions.length === 0) return;
      const kept = open(source);
      kept.transitions = transitions.slice(-keptTransitions);
    },
  };
}

function alertsOf({ alerts, alertStates }: Pending): SourceCommit['alerts'] {
  if (alerts.size === 0 && alertStates.size === 0) return null;
  return { changes: [...alerts.values()], states: [...alertStates].map(([rule, state]) => ({ rule, state })) };
}

function buffersOf(blocks: readonly SourceBlock[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const block of blocks) {
    for (const { buffer, byteLength } of [block.head, block.text]) {
      // Small ones share theirs with others.
      if (byteLength >= transferBytes && byteLength === buffer.byteLength) buffers.push(buffer as ArrayBuffer);
    }
  }
  return buffers;
}
