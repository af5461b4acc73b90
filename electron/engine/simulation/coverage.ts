import { reasons } from '../../../shared/reasons';
import { strikes } from './fault-kinds';
import { feedKinds } from './feeds/kinds';
import { type Draw, drawable } from './scenario';

/** What a run met, counted: `fault feed`, `state fault`, `from → to`, and reason codes. */
export interface Met {
  readonly faults: Readonly<Record<string, number>>;
  readonly states: Readonly<Record<string, number>>;
  readonly steps: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
}

/** What has been met over many runs. */
export interface Coverage {
  add(met: Met): void;
  /** Which fault met which feed. */
  faultTable(): string;
  /** Cells of that table that were met fewer than `least` times. */
  rareFaults(least: number): readonly string[];
  /** Steps from one kind of state to another, with how often. */
  stepTable(): string;
  /** Steps and reasons that can be met and were not. */
  missing(): readonly string[];
}

/** Reasons no run can give, and why not. */
const outOfReach: Readonly<Record<string, string>> = {
  'source-added': 'what a source is before it does anything; no step gives it',
  'source-removed': 'said to nobody: with the source its listeners go',
  recording: 'a recording has no connection',
  'recording-unreadable': 'a recording has no connection',
  'credential-wanted': 'every source here has a credential',
  'credential-failed': 'the fake credential never fails',
};

export function createCoverage(draw: Draw): Coverage {
  const faultCounts = new Map<string, number>();
  const stepCounts = new Map<string, number>();
  const reasonCounts = new Map<string, number>();
  const watched = feedKinds.filter((feed) => draw.feeds.includes(feed));
  const kinds = drawable(draw);
  const add = (counts: Map<string, number>, more: Readonly<Record<string, number>>): void => {
    for (const [name, count] of Object.entries(more)) counts.set(name, (counts.get(name) ?? 0) + count);
  };
  return {
    add(met) {
      add(faultCounts, met.faults);
      add(stepCounts, met.steps);
      add(reasonCounts, met.reasons);
    },
    faultTable() {
      const header = `${''.padEnd(27)}${watched.map((feed) => feed.padStart(11)).join('')}`;
      const rows = kinds.map((kind) => {
        const cells = watched.map((feed) =>
          (strikes(kind, feed) ? String(faultCounts.get(`${kind} ${feed}`) ?? 0) : '–').padStart(11),
        );
        return `${kind.padEnd(27)}${cells.join('')}`;
      });
      return [header, ...rows].join('\n');
    },
    rareFaults: (least) =>
      kinds.flatMap((kind) =>
        watched.flatMap((feed) => {
          const count = faultCounts.get(`${kind} ${feed}`) ?? 0;
          return strikes(kind, feed) && count < least ? [`${kind} on ${feed}: ${count}`] : [];
        }),
      ),
    stepTable() {
      const steps = [...stepCounts].sort((a, b) => b[1] - a[1]).map(([step, count]) => `${step} ${count}`);
      const codes = [...reasonCounts].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`);
      return `steps: ${steps.join(' · ')}\nreasons: ${codes.join(' · ')}`;
    },
    missing() {
      const codes = Object.keys(reasons).filter((code) => !(code in outOfReach) && !reasonCounts.has(code));
      return [...possibleSteps.filter((step) => !stepCounts.has(step)), ...codes];
    },
  };
}

/** Steps of the public state that the machine can take (connection/machine.ts), steps within a kind included. */
const possibleSteps: readonly string[] = [
  ...['connecting', 'idle', 'live', 'waiting', 'offline', 'stopped'].map((to) => `connecting → ${to}`),
  ...['connecting', 'idle', 'live', 'waiting', 'offline', 'stopped'].map((to) => `live → ${to}`),
  ...['connecting', 'idle', 'offline', 'waiting'].map((to) => `waiting → ${to}`),
  ...['connecting', 'idle'].map((to) => `offline → ${to}`),
  ...['connecting', 'idle', 'live', 'stopped'].map((to) => `stopped → ${to}`),
  'idle → connecting',
];
