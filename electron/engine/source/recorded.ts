import type { Badge } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import { adviceOf } from '../../../shared/reasons';
import type { RecordingView } from '../../../shared/recording';
import type { SourceConfig } from '../../../shared/source';
import { noCounters, type SourceCounters, type SourceView } from '../../../shared/view';
import type { Clock } from '../core/clock';
import type { DeliveredEvent, Pressure } from '../core/delivery';
import type { JournalEntry } from '../core/journal';
import type { Rounds } from '../core/rounds';
import { createMeters } from '../meters/meters';
import { isTooDeep } from '../protocols/json-scan';
import { parseMeant } from '../protocols/meant-json';
import type { RecordedLine, RecordingHeader } from '../recording/format';
import { createPlayer } from '../recording/player';
import type { RecordingPort } from '../recording/port';
import { replayedEvent, replayedGap } from '../recording/replayed';
import type { Source, SourceSink } from './contract';
import { createLedger, endedPoints } from './ledger';

export interface RecordingSourceDeps {
  readonly clock: Clock;
  readonly recordings: RecordingPort;
  /** In which what was played is handed over. */
  readonly handOvers: Rounds;
  append(entry: JournalEntry): Pressure;
  /** Begins to play as soon as it is open. */
  readonly play: boolean;
}

/** Of what the recorded connection said, characters: the window is told it with every change. */
const longestSaid = 1_000;

const opening = 'The recording is being opened.';

/**
 * A recording in the place of a connection: what it plays is delivered, measured and journaled like what a feed sends,
 * with the times of the playing. It is never *live*: while it plays its badge is `recording`.
 */
export function createRecordingSource(initial: SourceConfig, deps: RecordingSourceDeps, sink: SourceSink): Source {
  const { clock, recordings } = deps;
  let config: SourceConfig = { ...initial, paused: !deps.play };
  let header: RecordingHeader | null = null;
  let trouble: string | null = null;
  let said: string | null = null;
  let whole = true;
  let to: number | null = null;
  let since = clock.wall();
  let closed = false;
  let pass = 1;
  let nextOrdinal = 1;
  let delivered = 0;
  let bytes = 0;
  let lastEventAt: number | null = null;
  const meters = createMeters({ clock });
  const ledger = createLedger({
    source: config.id,
    rounds: deps.handOvers,
    append: deps.append,
    counters,
    rollups: () => meters.drain(),
    onHold: hold,
  });

  const player = createPlayer(
    { clock, speed: 1, open: () => recordings.open(config.url) },
    {
      onLines: deliver,
      onSeek() {
        pass += 1;
        sink.onChange();
      },
      onEnd(complete) {
        whole = complete;
        to = player.position();
        stand();
      },
      onError(error) {
        trouble = troubleOf(config.url, error);
        stand();
      },
    },
  );

  function deliver(lines: readonly RecordedLine[]): void {
    const now = clock.wall();
    const run: DeliveredEvent[] = [];
    const told: Gap[] = [];
    for (const line of lines) {
      switch (line.kind) {
        case 'event':
          run.push(replayedEvent(line, { now, ordinal: nextOrdinal++, pass }, readBody));
          break;
        case 'gap':
          told.push(replayedGap(line, now, nextOrdinal, pass));
          break;
        case 'state':
          said = line.text.slice(0, longestSaid);
          break;
        case 'end':
          break;
      }
    }
    if (told.length > 0) {
      ledger.gaps(told);
      sink.onGaps(told);
    }
    if (run.length > 0) {
      for (const event of run) bytes += event.bytes;
      delivered += run.length;
      lastEventAt = now;
      ledger.events(run);
      meters.observe(run);
      sink.onEvents(run);
    }
    ledger.collect();
    sink.onChange();
  }

  /** The journal is behind: the playing waits for it. */
  function hold(on: boolean): void {
    if (on) player.pause();
    else if (!config.paused) player.play();
    sink.onChange();
  }

  /** It no longer plays by itself. */
  function stand(): void {
    setPaused(true);
    meters.live(false);
  }

  function setPaused(paused: boolean): void {
    if (config.paused !== paused) since = clock.wall();
    config = { ...config, paused };
    sink.onChange();
  }

  function play(): void {
    if (trouble !== null || header === null) return;
    if (player.state() === 'ended') player.seek(header.at);
    setPaused(false);
    meters.live(true);
    if (!ledger.held) player.play();
  }

  async function open(): Promise<void> {
    try {
      header = await recordings.header(config.url);
      if (closed) return;
      if (deps.play) play();
    } catch (error) {
      trouble = troubleOf(config.url, error);
      setPaused(true);
    }
    sink.onChange();
  }

  function counters(): SourceCounters {
    return { ...noCounters, delivered, bytes };
  }

  function recording(): RecordingView {
    const state = player.state();
    const status =
      trouble !== null ? 'unreadable' : header === null ? 'opening' : state === 'ended' ? 'ended' : playing(state);
    return { status, speed: player.speed(), from: header?.at ?? null, to, position: player.position(), whole, said };
  }

  function playing(state: 'playing' | 'paused'): 'playing' | 'paused' {
    return state === 'playing' || (ledger.held && !config.paused) ? 'playing' : 'paused';
  }

  function view(): SourceView {
    const shown = recording();
    const code = trouble === null ? 'recording' : 'recording-unreadable';
    const badge: Badge = trouble !== null ? 'stopped' : shown.status === 'playing' ? 'recording' : 'paused';
    return {
      id: config.id,
      config,
      state: { kind: 'idle', cause: 'paused' },
      badge: badge === 'recording' && ledger.held ? 'throttled' : badge,
      since,
      reason: { code, text: sentenceOf(shown, header, trouble) },
      advice: adviceOf(code),
      evidence: [],
      ladder: [],
      remembered: false,
      numbering: 'none',
      promise: header === null ? '' : `A recording. ${header.source.promise}`.trim(),
      // Nothing is heard while a file is played.
      lastByteAt: null,
      lastHeartbeatAt: null,
      lastEventAt,
      roundTripMs: null,
      eventsPerSecond: meters.eventsPerSecond(),
      spark: meters.spark(),
      counters: counters(),
      catchingUp: null,
      notYetStored: ledger.notYetStored,
      recording: shown,
    };
  }

  const oneWay = async (): Promise<never> => {
    throw new Error('This is a recording: nothing can be sent to it.');
  };

  return {
    start: () => void open(),
    rename(changed) {
      config = { ...config, name: changed.name };
      sink.onChange();
    },
    command(command) {
      if (typeof command === 'object') {
        if ('playback' in command && header !== null && trouble === null) {
          const { playback } = command;
          if (playback.kind === 'speed') player.setSpeed(playback.speed);
          else if (playback.kind === 'seek') player.seek(Math.max(header.at, playback.at));
          else {
            setPaused(true);
            player.step();
          }
        }
      } else if (command === 'pause') {
        player.pause();
        stand();
      } else if (command === 'resume') play();
      sink.onChange();
      return config;
    },
    config: () => config,
    view,
    pressure: ledger.pressure,
    committed: ledger.committed,
    credentialChanged: () => {},
    // What the journal did not store while it was paused can be played again; nothing is fetched.
    reopenSince: () => {},
    // What was recorded warns nobody.
    tick: () => true,
    setAlertRules: () => {},
    points: () => endedPoints(meters, clock),
    seriesNames: () => meters.seriesNames(),
    outbox: {
      send: oneWay,
      again: oneWay,
      dismiss: oneWay,
      view: () => ({ promise: null, trouble: null, queued: 0, held: 0, unknown: 0, items: [] }),
    },
    latest: () => [],
    state: () => ({ rows: [], refused: 0, offered: false }),
    refreshState: async () => ({ ok: false, text: 'A recording has no snapshot.' }),
    frames: () => ({ rows: [], evicted: 0 }),
    close() {
      if (closed) return;
      closed = true;
      player.close();
      ledger.close();
    },
  };
}

/** What is drawn and watched of a body: what a feed's would be. */
function readBody(body: string): unknown {
  return isTooDeep(body) ? null : parseMeant(body);
}

function sentenceOf(view: RecordingView, header: RecordingHeader | null, trouble: string | null): string {
  if (trouble !== null) return trouble;
  if (header === null) return opening;
  const of = `the recording of ${header.source.name}`;
  switch (view.status) {
    case 'playing':
      return `Playing ${of} at ${view.speed} times its pace.`;
    case 'ended':
      return view.whole ? `The end of ${of}.` : `The end of ${of}: the file was cut off here.`;
    default:
      return `Paused in ${of}.`;
  }
}

function troubleOf(address: string, error: unknown): string {
  return `${fileOf(address)} cannot be played. ${messageOf(error)}`;
}

/** The name of a recording's file. */
function fileOf(address: string): string {
  const name = address.split(/[\\/]/).at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function messageOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'The file of this recording is not there.';
  return error instanceof Error ? error.message : String(error);
}
