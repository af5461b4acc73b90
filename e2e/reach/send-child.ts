import { createDialler } from '../../electron/engine/dialling/dialler';
import { createHttpPort } from '../../electron/engine/dialling/http-port';
import { createSocketPort } from '../../electron/engine/dialling/socket-port';
import { createStreamPort } from '../../electron/engine/dialling/stream-port';
import { createEngine } from '../../electron/engine/engine';
import { createVolatileJournal } from '../../electron/engine/journal/volatile';
import { inferLadder } from '../../electron/engine/protocols/ladder';
import { readThroughEventSource } from '../../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../../electron/node/clock';
import { createHostSignals } from '../../electron/node/host-signals';
import { openOutboxFile } from '../../electron/node/outbox-file';
import { createSystemRandom } from '../../electron/node/random';
import { defaultReach } from '../../shared/reach';
import type { TransportKind } from '../../shared/transport';

/** A process of its own that sends numbered messages and is killed: `url transport outbox-file count`. */
async function main(): Promise<void> {
  const [url = '', transport = 'websocket', path = '', count = '0'] = process.argv.slice(2);
  const clock = createSystemClock();
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const store = await openOutboxFile(path);
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host: createHostSignals({ clock, online: () => true }),
    journal: createVolatileJournal(),
    outboxStore: store,
  });
  const inferred = inferLadder(url, 'auto');
  if (!inferred.ok) throw new Error('No ladder.');
  const rung = inferred.ladder.find((one) => one.transport === (transport as TransportKind));
  if (!rung) throw new Error('No such rung.');
  await engine.addSource({
    id: 'send',
    name: 'send',
    url,
    protocol: inferred.protocol,
    ladder: [rung],
    pinnedRung: null,
    paused: false,
    builtIn: false,
    // As fast as it goes: what is looked for lies between messages.
    reach: { ...defaultReach, sendsPerSecond: 1000 },
  });
  const known = await store.load('send');
  const last = known.reduce((most, item) => Math.max(most, item.number), 0);
  await Promise.all(
    Array.from({ length: Number(count) - last }, (_, index) =>
      engine.outbox.send('send', 'note', JSON.stringify({ n: last + index + 1 })),
    ),
  );
  setInterval(() => {
    if (engine.outbox.view('send')?.queued === 0) process.exit(0);
  }, 20);
}

void main();
