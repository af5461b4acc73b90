import type { Draft } from '../backplane/backplane';
import { createHostReadings, type HostReadings, type Reading } from './host/readings';

export interface HostFeedDeps {
  /** Appends the events of one second, together and in order. */
  readonly append: (drafts: readonly Draft[]) => Promise<unknown>;
  readonly onTrouble: (message: string) => void;
  readonly readings?: HostReadings;
  /** Length of a step, ms. Default 1,000. */
  readonly stepMs?: number;
}

export interface HostFeed {
  start(): void;
  /** Ends, and waits for the step under way. */
  stop(): Promise<void>;
  /** Processes are listed only while somebody looks: that costs about 100 ms of CPU a time. */
  setWatched(watched: boolean): void;
}

/** Off Linux these start processes: five times less often keeps the feed within its share of a core. */
const throughputSteps = process.platform === 'linux' ? 1 : 5;
const temperatureSteps = 10;
const processSteps = 10;
const slowSteps = 60;
/** After this many looks without a sensor, looking becomes rare. */
const sensorless = 3;

/** The feed *This machine*: every second what this host does, as events of the stream `host` (docs/protocol.md). */
export function createHostFeed(deps: HostFeedDeps): HostFeed {
  const readings = deps.readings ?? createHostReadings();
  const stepMs = deps.stepMs ?? 1_000;
  const complained = new Set<string>();
  let step = 0;
  let watched = false;
  let listDue = false;
  let cold = 0;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let startedAt = 0;

  /** One reading; what fails is said once and tried again at its next turn. */
  async function read(name: keyof HostReadings): Promise<Reading> {
    try {
      return await readings[name]();
    } catch (error) {
      if (!complained.has(name)) deps.onTrouble(`Reading ${name} of this machine failed: ${String(error)}`);
      complained.add(name);
      return null;
    }
  }

  async function temperature(): Promise<Reading> {
    const reading = await read('temperature');
    cold = reading === null ? cold + 1 : 0;
    return reading;
  }

  async function takeStep(): Promise<void> {
    const due: Promise<Reading>[] = [read('cpu'), read('memory')];
    if (step % throughputSteps === 0) due.push(read('network'), read('disk'));
    if (step % (cold >= sensorless ? slowSteps * 10 : temperatureSteps) === 0) due.push(temperature());
    if (step % slowSteps === 0) due.push(read('filesystems'), read('host'));
    if (watched && (listDue || step % processSteps === 0)) {
      listDue = false;
      due.push(read('processes'));
    }
    step += 1;
    const drafts = (await Promise.all(due)).flatMap((reading) =>
      reading === null ? [] : [{ type: reading.type, data: JSON.stringify(reading.data) }],
    );
    if (drafts.length > 0) await deps.append(drafts);
  }

  function schedule(): void {
    // On the grid of the start, so that late timers do not add up.
    const since = performance.now() - startedAt;
    timer = setTimeout(run, stepMs - (since % stepMs));
  }

  function run(): void {
    running = takeStep().catch((error: unknown) => deps.onTrouble(`A step of the feed failed: ${String(error)}`));
    void running.then(() => {
      if (timer !== null) schedule();
    });
  }

  return {
    start() {
      if (timer !== null) return;
      startedAt = performance.now();
      timer = setTimeout(run, 0);
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
    setWatched(on) {
      // Who begins to look wants to see something at the next step.
      if (on && !watched) listDue = true;
      watched = on;
    },
  };
}
