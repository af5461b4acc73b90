import { type PathStep, parsePath } from '../../../../shared/member-path';
import type { Recipe } from '../../../../shared/recipe';
import { compileConditions, type Matcher } from './conditions';

type Path = readonly PathStep[] | null;
type Class = Recipe['classes'][number];

/** How the place to resume from is kept: as the feed's SSE id and its `Etag`, as a cursor of its own, or not at all. */
export type Keeping = 'ids' | 'cursor' | 'none';

/** A recipe made ready, or none: everything left open is guessed. */
export interface Plan {
  readonly framing: Recipe['read']['framing'];
  readonly items: Path;
  readonly body: Path;
  readonly stream: Path;
  readonly seq: Path;
  readonly epoch: Path;
  readonly id: Path;
  readonly time: Path;
  readonly type: Path;
  readonly timeUnit: Recipe['read']['timeUnit'];
  readonly numbering: Recipe['read']['numbering'];
  readonly classes: readonly {
    readonly matches: Matcher;
    readonly is: Class['is'];
    readonly why: Path;
    readonly afterMs: number;
    readonly whole: boolean;
  }[];
  readonly keeping: Keeping;
  readonly cursor: Path;
}

export function planOf(recipe: Recipe | null): Plan {
  const read = recipe?.read;
  const resume = recipe?.resume;
  const ids = resume === undefined || resume.kind === 'last-event-id';
  return {
    framing: read?.framing ?? 'auto',
    items: pathOf(read?.items),
    body: pathOf(read?.body),
    stream: pathOf(read?.stream),
    seq: pathOf(read?.seq),
    epoch: pathOf(read?.epoch),
    id: pathOf(read?.id),
    time: pathOf(read?.time),
    type: pathOf(read?.type),
    timeUnit: read?.timeUnit ?? 'auto',
    numbering: read?.numbering ?? 'none',
    classes: (recipe?.classes ?? []).map((one) => ({
      matches: compileConditions(one.when),
      is: one.is,
      why: pathOf(one.why),
      afterMs: (one.afterSeconds ?? 0) * 1000,
      whole: one.whole,
    })),
    keeping: ids ? 'ids' : resume.kind === 'none' ? 'none' : 'cursor',
    cursor: resume !== undefined && 'cursor' in resume ? pathOf(resume.cursor) : null,
  };
}

/** Left out and empty are not the same: the empty path is the message itself. */
function pathOf(text: string | undefined): Path {
  return text === undefined ? null : parsePath(text);
}
