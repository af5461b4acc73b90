import type { ConnectionState } from '../../../shared/connection';
import { type ReasonCode, reasons } from '../../../shared/reasons';
import { strikes } from './fault-kinds';
import { feedKinds } from './feeds/kinds';
import { type Draw, drawable } from './scenario';

const reasonCodes = Object.keys(reasons) as readonly ReasonCode[];

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
  /** Steps and reasons that no run can meet, each with why. */
  excusedTable(): string;
  /** Steps and reasons that can be met and were not, and those that were met though they are said to be out of reach. */
  missing(): readonly string[];
}

/** Reasons no run can give, and why not. */
const outOfReach: Readonly<Partial<Record<ReasonCode, string>>> = {
  'source-added': 'what a source is before it does anything; no step gives it',
  recording: 'a recording has no connection',
  'recording-unreadable': 'a recording has no connection',
  'credential-wanted': 'every source here has a credential',
  'credential-failed': 'the fake credential never fails',
  'credential-refreshed': 'the state stays connecting, so that no step tells it',
  'not-our-gateway': 'every gateway here is one; what is none is in source/discovery.test.ts',
  'first-message-unreadable': 'no first message is broken here; see source/discovery.test.ts',
  'bytes-unreadable': 'no bytes are broken here; see source/unreadable-bytes.test.ts',
  'stood-still': 'no process here stands still; see connection/ladder.test.ts and source/stood-still.test.ts',
  'polled-hourly': 'no list here asks to be asked so seldom; see source/polled-rarely.test.ts',
  'stream-instead': 'no address here answers a poll with a stream; see connection/promises.test.ts',
  'asks-login': 'no feed here asks for a login in words; see source/open-silence.test.ts',
  'fell-silent': 'no recipe here says how often events come; see source/open-silence.test.ts',
  'opening-unsaid': 'no message here waits before it is said; see protocols/recipe/conversation.test.ts',
  'opening-refused': 'no feed here refuses what it is told; see source/talking.test.ts',
  'answer-unusable': 'no page of metrics is polled here; see source/metrics-page.test.ts',
  'ended-for-good': 'no feed here says so; see connection/planned.test.ts',
  'answer-complete': 'no answer here is billed; see source/posted.test.ts',
  'encoding-unreadable': 'nothing here is compressed; see source/encodings.test.ts',
  'encoding-broken': 'nothing here is compressed; see source/encodings.test.ts',
};

/** The same of runs without a journal. */
const outOfReachWithout: Readonly<Partial<Record<ReasonCode, string>>> = {
  'journal-asked': 'it answers before anybody looks',
  'journal-unreadable': 'there is no disk that could not be read',
};

const states: readonly ConnectionState['kind'][] = [
  'idle',
  'connecting',
  'live',
  'waiting',
  'offline',
  'stopped',
  'closed',
];

/** Steps from one kind of public state to another that the machine cannot take, and why not. */
const noStep = new Map<string, string>([
  ...['idle', 'live', 'waiting', 'stopped'].map(
    (to) => [`idle → ${to}`, 'what rests begins by connecting, or without a network'] as const,
  ),
  ...['waiting', 'offline'].flatMap((from) =>
    ['live', 'stopped'].map((to) => [`${from} → ${to}`, 'an attempt lies between'] as const),
  ),
  ['stopped → offline', 'sleep and a lost network only break its recheck off'],
  ...states.map((to) => [`closed → ${to}`, 'closed is final'] as const),
]);

export function createCoverage(draw: Draw): Coverage {
  const faultCounts = new Map<string, number>();
  const stepCounts = new Map<string, number>();
  const reasonCounts = new Map<string, number>();
  const watched = feedKinds.filter((feed) => draw.feeds.includes(feed));
  const kinds = drawable(draw);
  const excused = draw.journal ? outOfReach : { ...outOfReach, ...outOfReachWithout };
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
    excusedTable() {
      const met = (name: string, counts: Map<string, number>): string => (counts.has(name) ? ' BUT WAS MET' : '');
      const steps = [...noStep].map(([step, why]) => `${step}: ${why}${met(step, stepCounts)}`);
      const codes = Object.entries(excused).map(([code, why]) => `${code}: ${why}${met(code, reasonCounts)}`);
      return [...steps, ...codes].join('\n');
    },
    missing() {
      const steps = states.flatMap((from) => states.map((to) => `${from} → ${to}`));
      const wrong = (name: string, counts: Map<string, number>, why: string | undefined): readonly string[] => {
        if (why === undefined) return counts.has(name) ? [] : [`${name}: never`];
        return counts.has(name) ? [`${name}: met, though ${why}`] : [];
      };
      return [
        ...steps.flatMap((step) => wrong(step, stepCounts, noStep.get(step))),
        ...reasonCodes.flatMap((code) => wrong(code, reasonCounts, excused[code])),
      ];
    },
  };
}
