import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTerminal } from '../../../shared/terminal';
import { createMemoryBackplane, defaultRetention } from '../../backplane/memory';
import { createEventFile } from '../../log/event-file';
import { createHostFeed } from '../host';

/** What the feed This machine costs. */
export interface FeedCost {
  readonly seconds: number;
  readonly events: number;
  /** CPU of this process and the children it waited for, over the time: 0.02 is 2 % of one core. */
  readonly cpuShare: number;
  /** The part that children took (Linux; elsewhere 0). */
  readonly childShare: number;
}

/** CPU time of waited-for children, ms: fields 16 and 17 of /proc/self/stat, in ticks of 10 ms (proc(5)). */
function childCpuMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return 0;
  }
}

/** Runs the feed as the gateway does, state file included, and measures it after a warm-up of two seconds. */
export async function measureHostFeed(seconds: number, watched = false): Promise<FeedCost> {
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-feed-'));
  const backplane = createMemoryBackplane({
    retention: defaultRetention,
    storeOf: (stream) => createEventFile({ path: join(folder, 'host.jsonl'), stream, maxBytes: 4 * 1024 ** 2 }),
  });
  let events = 0;
  const feed = createHostFeed({
    append: (drafts) => {
      events += drafts.length;
      return backplane.append('host', drafts);
    },
    onTrouble: (message) => createTerminal(process.stderr).line(message),
  });
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  feed.setWatched(watched);
  feed.start();
  await sleep(2_000);
  events = 0;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const childBefore = childCpuMs();
  await sleep(seconds * 1000);
  const tookMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  const childMs = childCpuMs() - childBefore;
  await feed.stop();
  await backplane.close();
  rmSync(folder, { recursive: true, force: true });
  const share = (ms: number) => Math.round((ms / tookMs) * 10_000) / 10_000;
  return {
    seconds,
    events,
    cpuShare: share((cpu.user + cpu.system) / 1000 + childMs),
    childShare: share(childMs),
  };
}

// Run by itself: `npx tsx gateway/feeds/testing/measure.ts [seconds]`.
if (process.argv[1]?.endsWith('measure.ts') === true) {
  const seconds = Number(process.argv[2] ?? 20);
  void measureHostFeed(seconds).then(async (cost) => {
    const out = createTerminal(process.stdout);
    out.line(JSON.stringify({ watched: false, ...cost }));
    out.line(JSON.stringify({ watched: true, ...(await measureHostFeed(seconds, true)) }));
  });
}
