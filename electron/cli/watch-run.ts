import { randomUUID } from 'node:crypto';
import { isSpeaking } from '../../shared/connection';
import { createTerminal } from '../../shared/terminal';
import { createGovernor } from '../engine/connection/governor';
import { createDialler } from '../engine/dialling/dialler';
import { proxyFromEnvironment } from '../engine/dialling/environment';
import { createHttpPort } from '../engine/dialling/http-port';
import { createSocketPort } from '../engine/dialling/socket-port';
import { createStreamPort } from '../engine/dialling/stream-port';
import { createEngine } from '../engine/engine';
import { createVolatileJournal } from '../engine/journal/volatile';
import { createSourcePorts } from '../engine/source/ports';
import { probeSource } from '../engine/source/probing';
import { readThroughEventSource } from '../engine/transports/eventsource-reader';
import { createSystemClock } from '../node/clock';
import { createHostSignals } from '../node/host-signals';
import { createSystemRandom } from '../node/random';
import { runCommand } from '../node/run-command';
import { createTrustedRoots } from '../node/trusted-roots';
import { leavingNothing } from './no-traces';
import { secretReader } from './reach-options';
import { feedOf, givenReading, readAs } from './watch-feed';
import type { WatchOptions } from './watch-options';
import { humanPrinter, jsonPrinter } from './watch-print';

/** Exit codes: 0 was live, 2 never was (also when open and silent), 64 wrong use (sysexits EX_USAGE). */
type ExitCode = 0 | 2 | 64;

const rateEveryMs = 5000;
/** A server that asks to be left alone for longer is asked hourly, as the engine does. */
const longestPauseSeconds = 3600;
/** Findings told in one run: a feed may name something else in each. */
const mostFindings = 200;

/** The engine in a terminal. Resolves with the exit code when the time is over or `stop` fires. */
export async function watch(
  options: WatchOptions,
  write: (line: string) => void,
  stop: AbortSignal,
): Promise<ExitCode> {
  // A name of its own: a broker lets in one client of a name.
  const id = `watch-${randomUUID().slice(0, 13)}`;
  const feed = feedOf(options, id);
  if (!feed.ok) {
    const complain = createTerminal(process.stderr);
    for (const { message, fix } of feed.errors) complain.line(`${message} ${fix}`);
    return 64;
  }
  const printer = options.json ? jsonPrinter : humanPrinter;
  const clock = createSystemClock();
  const host = createHostSignals({ clock });
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const random = createSystemRandom();
  const governor = createGovernor(clock);
  const portsOf = createSourcePorts({
    clock,
    random,
    secrets: secretReader(options.way.secrets),
    resolveProxy: proxyFromEnvironment(process.env),
    roots: createTrustedRoots(process.env),
    run: runCommand,
  });
  for (const note of options.json ? [] : options.notes) write(printer.finding(note));
  let { config } = feed;
  let pauseSeconds = 0;
  if (options.detect && config.protocol !== 'recording') {
    const ports = portsOf(config);
    const answer =
      givenReading(config) ?? (await probeSource(config, ports, { governor, clock }, { signal: stop, post: true }));
    ports.close();
    write(printer.detected(answer));
    if (answer.retryAfterSeconds !== undefined) {
      pauseSeconds = Math.min(
        answer.retryAfterSeconds,
        longestPauseSeconds,
        options.seconds ?? Number.POSITIVE_INFINITY,
      );
      write(printer.finding(`The server asks to be left alone: it is asked again in ${pauseSeconds} s.`));
    }
    const [best] = answer.found;
    for (const want of best?.wants ?? []) write(printer.finding(want));
    if (best) config = readAs(config, best, options.everySeconds);
  }
  for (const note of options.json ? options.notes : []) write(printer.finding(note));
  const engine = createEngine({
    clock,
    random,
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    portsOf,
    governor,
    reader: readThroughEventSource,
    host,
    journal: createVolatileJournal(),
  });
  let wasLive = false;
  engine.onTransition((_, transition) => {
    // One that is open shows by what comes, or by having nothing to catch up with, that it is live.
    if (transition.to.kind === 'live' && transition.to.resync === 'current') wasLive = true;
    write(printer.transition(transition));
  });
  engine.onEvents((_, events) => {
    // A greeting is an event, as is what answers our first words, and both leave open whether the feed speaks.
    if (events.length > 0 && isSpeaking(engine.view(id)?.state)) wasLive = true;
    for (const event of events) write(printer.event(event));
  });
  engine.onGaps((_, gaps) => {
    for (const gap of gaps) write(printer.gap(gap));
  });
  const found = new Set<string>();
  /** Each finding once, whatever it counts by then. */
  function tellFindings(): void {
    for (const text of engine.view(id)?.findings ?? []) {
      const kind = text.replace(/\d+/g, '#');
      if (found.has(kind) || found.size >= mostFindings) continue;
      found.add(kind);
      write(printer.finding(text));
    }
  }
  const rates = setInterval(() => {
    tellFindings();
    const view = engine.view(id);
    if (view) write(printer.rate(view));
  }, rateEveryMs);
  if (pauseSeconds > 0) await ended(pauseSeconds, stop);
  const left = options.seconds === null ? null : options.seconds - pauseSeconds;
  if (!stop.aborted && left !== 0) await engine.addSource(leavingNothing(config, options.keepsSession));
  await ended(left, stop);
  clearInterval(rates);
  tellFindings();
  const view = engine.view(id);
  await engine.close();
  if (view) write(printer.end(view, wasLive));
  http.close();
  host.close();
  return wasLive ? 0 : 2;
}

function ended(seconds: number | null, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const timer = seconds === null ? null : setTimeout(resolve, seconds * 1000);
    stop.addEventListener('abort', () => {
      if (timer) clearTimeout(timer);
      resolve();
    });
  });
}
