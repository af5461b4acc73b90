import { parsePath, valueAt } from '../../../../shared/member-path';
import type { ProbeSample } from '../../../../shared/probe';
import type { Recipe } from '../../../../shared/recipe';
import { type TreeLine, treeBelow, treeOf } from './tree';

/** One message of a sample. */
export interface SampleMessage {
  /** As it came, where it is no JSON. */
  readonly text: string;
  /** Null for what is no JSON, or was cut. */
  readonly tree: readonly TreeLine[] | null;
  /** As parsed: its numbers are floats, for charts and never for display. */
  readonly value: unknown;
  /** What was read of it before anything was pointed at; null for one of many of a sample. */
  readonly told: Pick<ProbeSample, 'type' | 'stream' | 'sentAt'> | null;
}

/** More are not looked through by anybody. */
const mostMessages = 50;

/** The messages of samples, as a recipe cuts them: lists into their items, oldest first as the recipe has it. */
export function messagesOf(samples: readonly ProbeSample[], read: Recipe['read'] | null): readonly SampleMessage[] {
  return samples.flatMap((sample) => cut(sample, read)).slice(0, mostMessages);
}

function cut(sample: ProbeSample, read: Recipe['read'] | null): readonly SampleMessage[] {
  const { text } = sample;
  const tree = treeOf(text);
  if (tree === null) {
    const lines = text
      .replaceAll('\u001e', '\n')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const trees = lines.map(treeOf);
    if (lines.length < 2 || trees.includes(null)) return [{ text, tree: null, value: undefined, told: sample }];
    return lines.map((line, at) => ({ text: line, tree: trees[at] ?? null, value: JSON.parse(line), told: null }));
  }
  const value: unknown = JSON.parse(text);
  const framing = read?.framing ?? 'message';
  const place = read?.items === undefined ? [] : (parsePath(read.items) ?? []);
  const list = valueAt(value, place);
  if ((read?.items === undefined && !framing.startsWith('array')) || !Array.isArray(list)) {
    return [{ text, tree, value, told: sample }];
  }
  const items = list.slice(0, mostMessages).map((item: unknown, at) => {
    const own = treeBelow(tree, [...place, { kind: 'item', at }]);
    return { text: '', tree: own, value: item, told: null };
  });
  return framing === 'array-newest-first' ? items.reverse() : items;
}

/** What a message is as an event, as the recipe reads it, or as it was told where the recipe says nothing. */
export function eventOf({ value, told }: SampleMessage, read: Recipe['read'] | null) {
  const said = (path: string | undefined): string | null => {
    const found = path === undefined ? undefined : valueAt(value, parsePath(path) ?? []);
    return found === undefined || found === null || typeof found === 'object' ? null : String(found);
  };
  return {
    type: said(read?.type) ?? (read?.type === undefined ? (told?.type ?? null) : null),
    stream: said(read?.stream) ?? (read?.stream === undefined ? (told?.stream ?? null) : null),
    sent: said(read?.time),
    sentAt: read?.time === undefined ? (told?.sentAt ?? null) : null,
  };
}
