import type { SeriesName } from '../../../shared/meters';
import { type SeriesLabels, seriesParts, unitLabel } from '../../../shared/series-name';
import { byName } from '../../ui/format/by-name';
import { visible } from '../../ui/format/visible';

/** Longest label in a list, characters. */
const longestLabel = 160;

/** Lines of a chart: more are told apart by nobody. */
export const mostLines = 6;

/** Series of one name and unit, told apart by their labels. */
export interface Split {
  /** The name they share, and the unit where their labels tell it: also a preference, so it stays as it is. */
  readonly id: string;
  readonly base: SeriesName;
  readonly members: readonly SplitMember[];
}

export interface SplitMember {
  readonly name: SeriesName;
  /** What tells it from the others, for a legend. */
  readonly label: string;
}

interface Labelled {
  readonly name: SeriesName;
  readonly labels: SeriesLabels;
}

/** Groups what differs in its labels alone. A unit makes a group of its own: no axis has two. */
export function splitsOf(names: readonly SeriesName[]): readonly Split[] {
  const groups = new Map<string, { readonly base: SeriesName; readonly members: Labelled[] }>();
  for (const name of names) {
    const { base, labels } = seriesParts(name);
    const unit = labels.find(([label]) => label === unitLabel)?.[1];
    const id = unit === undefined ? base : `${base} in ${unit}`;
    const group = groups.get(id) ?? { base, members: [] };
    group.members.push({ name, labels: labels.filter(([label]) => label !== unitLabel) });
    groups.set(id, group);
  }
  return [...groups].map(([id, { base, members }]) => ({ id, base, members: named(members) }));
}

/** Labels that all have in common tell nothing. */
function named(members: readonly Labelled[]): readonly SplitMember[] {
  const values = new Map<string, Set<string>>();
  const there = new Map<string, number>();
  for (const { labels } of members) {
    for (const [label, value] of labels) {
      values.set(label, (values.get(label) ?? new Set()).add(value));
      there.set(label, (there.get(label) ?? 0) + 1);
    }
  }
  const tells = (label: string): boolean =>
    members.length === 1 || (values.get(label)?.size ?? 0) > 1 || there.get(label) !== members.length;
  const several = [...values.keys()].filter(tells).length > 1;
  return members.map(({ name, labels }) => {
    const told = labels.filter(([label]) => tells(label));
    const label = told.map(([word, value]) => (several ? `${word}=${value}` : value)).join(' ');
    return { name, label: visible(label).slice(0, longestLabel) };
  });
}

/** The greatest by their last values first; those without one last, by their names. */
export function greatestFirst(
  members: readonly SplitMember[],
  last: ReadonlyMap<SeriesName, number>,
): readonly SplitMember[] {
  const rank = ({ name }: SplitMember): number => last.get(name) ?? Number.NEGATIVE_INFINITY;
  return [...members].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left === right ? byName(a.label, b.label) : right - left;
  });
}
