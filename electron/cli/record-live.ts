import { isSpeaking } from '../../shared/connection';
import { createDialler } from '../engine/dialling/dialler';
import { createHttpPort } from '../engine/dialling/http-port';
import { createSocketPort } from '../engine/dialling/socket-port';
import { createStreamPort } from '../engine/dialling/stream-port';
import { createEngine } from '../engine/engine';
import { createVolatileJournal } from '../engine/journal/volatile';
import { inferLadder } from '../engine/protocols/ladder';
import { protocolOf } from '../engine/protocols/registry';
import { recordingVersion, safeUrl } from '../engine/recording/format';
import { eventLine, gapLine, stateLine } from '../engine/recording/lines';
import { readThroughEventSource } from '../engine/transports/eventsource-reader';
import { createSystemClock } from '../node/clock';
import { createHostSignals } from '../node/host-signals';
import { createSystemRandom } from '../node/random';
import { createRecordingFile } from '../node/recording-file';
import { leavingNothing } from './no-traces';
import type { RecordOptions } from './record-options';

/** Exit codes: 0 written, 2 the feed was never live, 64 wrong use. */
type ExitCode = 0 | 2 | 64;

/** Watches an address and writes down what is delivered. Rejects with the system's error when it cannot be written. */
export async function recordLive(
  url: string,
  options: RecordOptions,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<ExitCode> {
  const inferred = inferLadder(url, options.protocol);
  if (!inferred.ok) {
    for (const { message, fix } of inferred.errors) say(`${message} ${fix}`);
    return 64;
  }
  const clock = createSystemClock();
  const id = 'record';
  const config = {
    id,
    name: safeUrl(url).slice(0, 80),
    url,
    protocol: inferred.protocol,
    ladder: [...inferred.ladder],
    pinnedRung: null,
    paused: false,
    builtIn: false,
  };
  const { promise } = protocolOf(config);
  // First of all: where nothing can be written nothing is opened.
  const file = await createRecordingFile(options.out, {
    kind: 'recording',
    version: recordingVersion,
    at: clock.wall(),
    source: { name: config.name, url: safeUrl(url), protocol: inferred.protocol, promise },
  });
  const host = createHostSignals({ clock });
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host,
    journal: createVolatileJournal(),
  });
  let wasLive = false;
  let failed: unknown = null;
  const full = new AbortController();
  const watchDisk = () =>
    void file.drained().catch((error: unknown) => {
      failed ??= error;
      full.abort();
    });
  engine.onTransition((_, transition) => {
    // Our own end is no news of the feed.
    if (transition.to.kind === 'closed') return;
    if (transition.to.kind === 'live' && transition.to.resync === 'current') wasLive = true;
    say(transition.text);
    file.write(stateLine(transition));
  });
  engine.onGaps((_, gaps) => {
    for (const gap of gaps) file.write(gapLine(gap));
  });
  engine.onEvents((_, events) => {
    // A greeting is an event, as is what answers our first words, and both leave open whether the feed speaks.
    if (events.length > 0 && isSpeaking(engine.view(id)?.state)) wasLive = true;
    for (const event of events) file.write(eventLine(event));
    watchDisk();
  });
  await engine.addSource(leavingNothing(config));
  await ended(options.seconds, [stop, full.signal]);
  await engine.close();
  http.close();
  host.close();
  const events = await file.close(clock.wall());
  if (failed) throw failed;
  say(`${events} events written to ${options.out}${wasLive ? '' : '; the feed was never live'}`);
  return wasLive ? 0 : 2;
}

function ended(seconds: number | null, stops: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = seconds === null ? null : setTimeout(resolve, seconds * 1000);
    for (const stop of stops) {
      stop.addEventListener('abort', () => {
        if (timer) clearTimeout(timer);
        resolve();
      });
    }
  });
}
