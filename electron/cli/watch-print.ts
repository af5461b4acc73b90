import type { Badge, ConnectionState, Transition } from '../../shared/connection';
import { type Gap, isOfUnknownSize } from '../../shared/gap';
import type { ProbeAnswer } from '../../shared/probe';
import { transportNames } from '../../shared/transport';
import type { SourceView } from '../../shared/view';
import { escapedJson, visible } from '../../shared/visible';
import type { DeliveredEvent } from '../engine/core/delivery';

/** What is said about a watched feed, in one of two forms. Every method returns whole lines without the line end. */
export interface Printer {
  /** What a look at the address found, before anything else. */
  detected(answer: ProbeAnswer): string;
  transition(transition: Transition): string;
  event(event: DeliveredEvent): string;
  gap(gap: Gap): string;
  /** What was found out about the feed. */
  finding(text: string): string;
  rate(view: SourceView): string;
  end(view: SourceView, wasLive: boolean): string;
}

const marks: Record<Badge, string> = {
  live: '●',
  degraded: '◐',
  'catching-up': '◜',
  connecting: '○',
  waiting: '▲',
  stopped: '■',
  offline: '◇',
  paused: '‖',
  throttled: '◒',
  stale: '◌',
  quiet: '●',
  silent: '◎',
  recording: '▷',
};

/** For people: a terminal obeys what it is sent, so every character of what others said is made visible. */
export const humanPrinter: Printer = {
  detected({ found: [best, ...others], problem }) {
    if (!best) return visible(`${clockTime(Date.now())}  found nothing: ${problem ?? 'without a reason'}`);
    const rung = best.ladder[0];
    const by = rung ? `, ${transportNames[rung.transport]}` : '';
    const or = others.length === 0 ? '' : ` Or: ${others.map((one) => `${one.title} (${one.confidence})`).join(', ')}.`;
    return visible(
      `${clockTime(Date.now())}  found ${best.title} (${best.confidence}${by}): ${best.why.join(' ')}${or} ${best.promise}`,
    );
  },
  transition({ at, to, text, transport }) {
    const rung = transport === null ? '' : ` ${transportNames[transport]}`;
    return visible(`${clockTime(at)}  ${stateWord(to)}${rung}  ${text}`);
  },
  event(event) {
    const seq = event.position === null ? '' : ` ${event.position.seq}`;
    const body = typeof event.body === 'string' ? event.body : `<${event.bytes} bytes>`;
    const shown = body.length > 200 ? `${body.slice(0, 200)}… (${event.bytes} bytes)` : body;
    return visible(`${clockTime(event.receivedAt)} ${seq} ${event.type}${event.late ? ' (late)' : ''}  ${shown}`);
  },
  gap(gap) {
    const end = gap.status === 'filled' ? 'nothing missing' : 'size unknown';
    const known = gap.to === null ? `from ${gap.from} on, ${end}` : `${gap.from}–${gap.to}`;
    const range = isOfUnknownSize(gap) ? 'an unknown number of events' : known;
    return visible(
      `${clockTime(gap.closedAt ?? gap.openedAt)}  gap ${gap.status}: ${range} of ${gap.stream} (${gap.cause})`,
    );
  },
  finding: (text) => visible(`${clockTime(Date.now())}  note: ${text}`),
  rate(view) {
    const { delivered, repeated } = view.counters;
    const lost = lostText(view.counters);
    const trip = view.roundTripMs === null ? '' : `, round trip ${view.roundTripMs.toFixed(1)} ms`;
    const pace = `${view.eventsPerSecond.toFixed(1)} events/s`;
    return visible(
      `${clockTime(Date.now())}  ${marks[view.badge]} ${view.badge === 'silent' ? 'open, silent' : view.badge}  ${pace}, ${delivered} delivered, ${repeated} repeated, ${lost}${trip}`,
    );
  },
  end(view, wasLive) {
    const { delivered, repeated } = view.counters;
    return `${clockTime(Date.now())}  ended: ${delivered} delivered, ${repeated} repeated, ${lostText(view.counters)}${wasLive ? '' : `; it was never live${view.badge === 'silent' ? ': open, and silent' : ''}`}`;
  },
};

/** For programs: one JSON object a line. */
export const jsonPrinter: Printer = {
  detected: ({ found, problem, seen }) =>
    jsonLine({
      kind: 'detected',
      at: Date.now(),
      title: found[0]?.title ?? null,
      protocol: found[0]?.protocol ?? null,
      transport: found[0]?.ladder[0]?.transport ?? null,
      confidence: found[0]?.confidence ?? null,
      why: found[0]?.why ?? [],
      wants: found[0]?.wants ?? [],
      says: found[0]?.says ?? [],
      promise: found[0]?.promise ?? null,
      recipe: found[0]?.recipe ?? null,
      others: found.slice(1).map(({ title, protocol, confidence, why }) => ({ title, protocol, confidence, why })),
      problem,
      seen,
    }),
  transition: ({ at, from, to, code, text, evidence, transport }) =>
    jsonLine({ kind: 'state', at, from: plainState(from), state: plainState(to), transport, code, text, to, evidence }),
  event: (event) =>
    jsonLine({
      kind: 'event',
      ordinal: event.ordinal,
      stream: event.stream,
      epoch: event.position?.epoch ?? null,
      seq: event.position?.seq ?? null,
      id: event.id,
      type: event.type,
      sentAt: event.sentAt,
      receivedAt: event.receivedAt,
      late: event.late,
      bytes: event.bytes,
      ...(typeof event.body === 'string'
        ? { body: event.body }
        : { base64: Buffer.from(event.body).toString('base64') }),
    }),
  gap: (gap) => jsonLine({ ...gap, kind: 'gap' }),
  finding: (text) => jsonLine({ kind: 'finding', at: Date.now(), text }),
  rate: (view) =>
    jsonLine({
      kind: 'rate',
      at: Date.now(),
      badge: view.badge,
      eventsPerSecond: view.eventsPerSecond,
      roundTripMs: view.roundTripMs,
      ...view.counters,
    }),
  end: (view, wasLive) => jsonLine({ kind: 'end', at: Date.now(), wasLive, ...view.counters }),
};

/** One line of JSON that says nothing a terminal would obey. */
function jsonLine(value: object): string {
  return escapedJson(JSON.stringify(value));
}

/** What is open and silent is not called live. */
function plainState(state: ConnectionState): string {
  return state.kind === 'live' && state.resync === 'silent' ? 'silent' : state.kind;
}

function stateWord(state: ConnectionState): string {
  if (state.kind !== 'live' || state.resync === 'current') return state.kind;
  return state.resync === 'silent' ? 'open, silent' : state.resync;
}

/** How many were lost, as far as it can be counted. */
function lostText({ lost, lostUnknown = 0, resumesUnproven = 0 }: SourceView['counters']): string {
  const gaps = lostUnknown === 0 ? '' : ` and ${lostUnknown} ${lostUnknown === 1 ? 'gap' : 'gaps'} of unknown size`;
  if (resumesUnproven === 0) return `${lost} lost${gaps}`;
  return `${lost} lost that are known of${gaps}, ${resumesUnproven} ${resumesUnproven === 1 ? 'resume' : 'resumes'} unproven`;
}

/** HH:MM:SS.mmm of this machine. */
function clockTime(at: number): string {
  const date = new Date(at);
  return `${date.toLocaleTimeString('en-GB', { hour12: false })}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
