import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDialler } from '../../../electron/engine/dialling/dialler';
import { createHttpPort } from '../../../electron/engine/dialling/http-port';
import { createSocketPort } from '../../../electron/engine/dialling/socket-port';
import { createStreamPort } from '../../../electron/engine/dialling/stream-port';
import { createEngine } from '../../../electron/engine/engine';
import { createJournal } from '../../../electron/engine/journal/journal';
import { openThread } from '../../../electron/engine/journal/workers';
import { inferLadder } from '../../../electron/engine/protocols/ladder';
import { readThroughEventSource } from '../../../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../../../electron/node/clock';
import { createHostSignals } from '../../../electron/node/host-signals';
import { createSystemRandom } from '../../../electron/node/random';
import { createTerminal } from '../../../shared/terminal';
import { squeeze, squeezedTiming } from '../pace';
import { gatewayStream } from '../servers/stream';
import { orderOf, recordFile, reporter } from './client';

/**
 * Wirewatch's engine as the application makes it, with its SQLite journal in a worker, the ladder it infers for an
 * address of a gateway, and its waits squeezed as those of the others are. Its record is its journal, read when all is
 * over: what it holds after a kill is what it says it has. COMPARE_TRACE=1 tells its transitions and gaps on stderr.
 */
const trace = createTerminal(process.stderr);
const order = orderOf(process.argv);
let newest = 0;
let attempts = 0;
const id = 'feed';
const clock = createSystemClock();
const dial = createDialler({ clock });
const journal = createJournal({ openWorker: () => openThread(order.journalWorker), clock, folder: order.folder });
const engine = createEngine({
  clock,
  random: createSystemRandom(),
  http: createHttpPort({ dial, clock }),
  socket: createSocketPort({ dial, clock }),
  stream: createStreamPort({ dial, clock }),
  reader: readThroughEventSource,
  host: createHostSignals({ clock }),
  journal,
  timing: squeezedTiming(),
  onSession({ open }) {
    if (open) attempts += 1;
  },
});

const report = reporter(() => {
  const view = engine.view(id);
  const settled = view !== null && view.notYetStored === 0 && view.counters.gapsOpen === 0;
  return { newest, attempts, settled };
});
let newestAt = clock.now();
engine.onEvents((_, events) => {
  const stoodStillMs = clock.now() - newestAt;
  newestAt = clock.now();
  for (const event of events) newest = Math.max(newest, event.position?.seq ?? 0);
  if (process.env.COMPARE_TRACE === '1' && stoodStillMs > 2_000) {
    trace.line(`${new Date().toISOString()} stood still for ${Math.round(stoodStillMs)} ms`);
  }
});
engine.onTransition((_, { to, at, code, text }) => {
  if (to.kind === 'live') report.open();
  if (process.env.COMPARE_TRACE === '1') {
    trace.line(`${new Date(at).toISOString()} ${to.kind} ${code} ${text}`);
  }
});
engine.onGaps((_, gaps) => {
  if (process.env.COMPARE_TRACE !== '1') return;
  for (const gap of gaps) trace.line(`gap ${gap.status} ${gap.cause} ${gap.from}–${gap.to}`);
});

report.onFinish(async () => {
  const counters = engine.view(id)?.counters;
  await journal.flush();
  const numbers: number[] = [];
  const lostGaps = new Map<string, number>();
  for (let from: number | null = null; ; ) {
    const page = await journal.page({ source: id, from, direction: 'after', limit: 1000, text: '' });
    for (const row of page.rows) numbers.push((JSON.parse(row.body) as { n: number }).n);
    for (const gap of page.gaps) {
      if (gap.status === 'lost' && gap.to !== null) lostGaps.set(gap.id, gap.to - gap.from + 1);
    }
    from = page.rows[page.rows.length - 1]?.ordinal ?? null;
    if (!page.more || from === null) break;
  }
  writeFileSync(join(order.folder, recordFile), `${numbers.join('\n')}\n`);
  await engine.close();
  const declaredLost = [...lostGaps.values()].reduce((sum, count) => sum + count, 0);
  return { declared_lost: declaredLost, dropped_repeats: counters?.repeated ?? 0 };
});

const inferred = inferLadder(`http://${order.host}/v1/${gatewayStream}`, 'auto');
if (!inferred.ok) throw new Error(inferred.errors[0]?.message);
void engine.addSource({
  id,
  name: id,
  url: `http://${order.host}/v1/${gatewayStream}`,
  protocol: inferred.protocol,
  ladder: inferred.ladder.map((rung) => ({ ...rung, intervalSeconds: rung.intervalSeconds / squeeze })),
  pinnedRung: null,
  paused: false,
  builtIn: false,
});
