import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of threads, ns, by thread id. */
type Times = ReadonlyMap<number, number>;

/** Processes of one application, and what each of their threads has used. */
export interface Usage {
  readonly at: number;
  readonly main: Times;
  /** Of the page's process: its main thread, where script and layout run. */
  readonly pageMain: number;
  /** Every thread of every process. */
  readonly all: number;
}

export interface Shares {
  /** Main's own thread. */
  readonly main: number;
  /** The busiest other thread of main that runs script: the journal's. */
  readonly journal: number;
  readonly renderer: number;
  /** Everything there is. */
  readonly all: number;
}

/** Reads what an application has used so far (Linux). `page`: the process id of the page. */
export function usageOf(pid: number, page: number): Usage {
  let all = 0;
  for (const one of [pid, ...descendants(pid)]) for (const ns of timesOf(one).values()) all += ns;
  return { at: performance.now(), main: timesOf(pid), pageMain: timesOf(page).get(page) ?? 0, all };
}

/** Shares of one core between two readings. */
export function sharesBetween(pid: number, before: Usage, after: Usage): Shares {
  const span = (after.at - before.at) * 1e6;
  const others = [...after.main].flatMap(([id, ns]) =>
    id === pid || !isScript(pid, id) ? [] : [(ns - (before.main.get(id) ?? 0)) / span],
  );
  return {
    main: ((after.main.get(pid) ?? 0) - (before.main.get(pid) ?? 0)) / span,
    journal: Math.max(0, ...others),
    renderer: (after.pageMain - before.pageMain) / span,
    all: (after.all - before.all) / span,
  };
}

/** Chromium names its threads; a worker of Node keeps the name of the process. */
function isScript(pid: number, thread: number): boolean {
  const nameOf = (id: number) => readOr(`/proc/${pid}/task/${id}/comm`, '').trim();
  return nameOf(thread) === nameOf(pid);
}

function timesOf(pid: number): Map<number, number> {
  const times = new Map<number, number>();
  for (const id of tasksOf(pid)) {
    const [ns] = readOr(`/proc/${pid}/task/${id}/schedstat`, '0').split(' ');
    times.set(id, Number(ns));
  }
  return times;
}

function tasksOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function descendants(pid: number): readonly number[] {
  const children = readOr(`/proc/${pid}/task/${pid}/children`, '').split(' ').filter(Boolean).map(Number);
  return [...children, ...children.flatMap(descendants)];
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
