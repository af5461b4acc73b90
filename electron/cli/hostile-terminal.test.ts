import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Transition } from '../../shared/connection';
import type { Evidence } from '../../shared/evidence';
import type { Gap } from '../../shared/gap';
import type { FoundReading, ProbeAnswer } from '../../shared/probe';
import { createTerminal, errorText } from '../../shared/terminal';
import type { SourceView } from '../../shared/view';
import { escapedJson, visible, visibleLines } from '../../shared/visible';
import type { DeliveredEvent } from '../engine/core/delivery';
import { formatLine, type RecordedLine } from '../engine/recording/format';
import { gapLine, stateLine } from '../engine/recording/lines';
import { humanLine } from './replay-run';
import { everyHostile, hostileTexts, isObeyed, planted, strict, textsIn } from './testing/plant';
import { humanPrinter, jsonPrinter, type Printer } from './watch-print';

/** Whole in the sense of their types: no member may be left out, or nothing would be planted in it. */
const evidence: { readonly [Kind in Evidence['kind']]: Required<Extract<Evidence, { readonly kind: Kind }>> } = {
  http: { kind: 'http', status: 200, headers: [['server', 'x']], bodyStart: 'x' },
  close: { kind: 'close', code: 1000, reason: 'x', by: 'server' },
  errno: { kind: 'errno', code: 'E', message: 'x', phase: 'tcp' },
  tls: { kind: 'tls', code: 'E', message: 'x', subject: 'x', issuer: 'x', validTo: 0, fingerprint: 'x' },
  proxy: { kind: 'proxy', proxy: 'x', status: 407, message: 'x' },
  timer: { kind: 'timer', name: 'x', afterMs: 1, lastByteAgoMs: 1 },
  control: { kind: 'control', transport: 'sse', outcome: 'opened', detail: 'x' },
  count: { kind: 'count', what: 'x', count: 1, withinMs: 1 },
  protocol: { kind: 'protocol', message: 'x', detail: 'x' },
  signal: { kind: 'signal', signal: 'x', detail: 'x' },
  command: { kind: 'command', command: 'x' },
  address: { kind: 'address', url: 'x' },
  timings: { kind: 'timings', phases: { dnsMs: 1, tcpMs: 1, proxyMs: 1, tlsMs: 1, answerMs: 1 } },
};
const transition: Required<Transition> = {
  from: { kind: 'live', rung: 0, since: 0, resync: 'current', candidate: null, topmost: true },
  to: { kind: 'waiting', until: 0, attempt: 1, cause: 'closed' as never },
  at: 0,
  code: 'closed' as never,
  text: 'x',
  evidence: Object.values(evidence),
  transport: 'sse',
  since: 0,
  excused: true,
};
const gap: Required<Gap> = {
  id: 'x',
  stream: 'x',
  epoch: 'x',
  from: 1,
  to: 2,
  status: 'lost',
  cause: 'retention',
  openedAt: 0,
  closedAt: 0,
  before: 1,
};
const event: Required<DeliveredEvent> = {
  stream: 'x',
  position: { epoch: 'x', seq: 1 },
  id: 'x',
  type: 'x',
  sentAt: 0,
  receivedAt: 0,
  body: 'x',
  bytes: 1,
  value: null,
  thing: 'x',
  measures: [{ name: 'x', labels: [['x', 'x']], value: 1, unit: 'x' }],
  of: ['x', 'x'],
  redelivery: { key: 'x', again: true },
  ordinal: 1,
  late: true,
};
const reading: Required<FoundReading> = {
  title: 'x',
  protocol: 'json',
  recipe: null,
  ladder: [{ transport: 'sse', url: 'x', intervalSeconds: 5 }],
  confidence: 'likely',
  why: ['x'],
  promise: 'x',
  wants: ['x'],
  says: ['x'],
};
const answer: Required<ProbeAnswer> = {
  found: [reading, reading],
  samples: [],
  seen: ['x'],
  problem: 'x',
  retryAfterSeconds: 1,
};
/** Only what is printed of a source at this time: what else is read of it is missing, and said. */
const view = {
  badge: 'live',
  eventsPerSecond: 1,
  roundTripMs: 1,
  counters: {
    delivered: 1,
    repeated: 1,
    late: 1,
    lost: 1,
    lostUnknown: 1,
    resumesUnproven: 1,
    gapsOpen: 1,
    undecodable: 1,
    reconnects: 1,
    bytes: 1,
  } satisfies Required<SourceView['counters']>,
} as unknown as SourceView;

/** What each method of a printer is given. A new method has no row here: that is an error of types. */
const given: { readonly [Method in keyof Printer]: Parameters<Printer[Method]> } = {
  detected: [answer],
  transition: [transition],
  event: [event],
  gap: [gap],
  finding: ['x'],
  rate: [view],
  end: [view, true],
};
const recorded: { readonly [Kind in RecordedLine['kind']]: RecordedLine } = {
  event: {
    kind: 'event',
    at: 0,
    stream: 'x',
    epoch: 'x',
    seq: 1,
    id: 'x',
    type: 'x',
    sentAt: 1,
    late: true,
    body: 'x',
    base64: 'x',
  },
  gap: gapLine(gap),
  state: stateLine(transition),
  end: { kind: 'end', at: 0, events: 1 },
};

/** One line, whatever stands at each place of what it is made from. */
function everyPlanting<Given>(
  given: Given,
  print: (given: Given) => string | undefined,
): readonly [string, string, Given][] {
  const found: [string, string, Given][] = [];
  for (const path of textsIn(given)) {
    const hostile = planted(given, path);
    const line = print(hostile);
    if (line !== undefined) found.push([path.join('.'), line, hostile]);
  }
  return found;
}

describe('hostile 10: a terminal obeys nothing that others wrote', () => {
  it.each(Object.entries(hostileTexts))('%s is shown', (_, text) => {
    expect(isObeyed(text)).toBe(true);
    expect(isObeyed(visible(text))).toBe(false);
    expect(isObeyed(escapedJson(JSON.stringify(text)))).toBe(false);
    expect(JSON.parse(escapedJson(JSON.stringify(text)))).toBe(text);
    const lines = visibleLines(text).split('\n');
    expect(lines).toHaveLength(text.split('\n').length);
    expect(lines.some(isObeyed)).toBe(false);
  });

  it('honest text of any script stays as it is', () => {
    const text = 'Grüße, 東京, Ελλάδα, שלום, عربي ؀, हिन्दी, ❤️ ✔\ufe0e 1\ufe0f\u20e3 👍🏽 →\u00a0\u2009\u2800';
    expect(visible(text)).toBe(text);
    expect(escapedJson(JSON.stringify(text))).toBe(JSON.stringify(text));
  });

  it.each(Object.keys(given) as (keyof Printer)[])('watch prints %s with each of its texts planted', (method) => {
    for (const [name, printer] of Object.entries({ human: humanPrinter, json: jsonPrinter })) {
      const print = (...args: readonly unknown[]) =>
        (printer[method] as (...args: readonly unknown[]) => string)(...args);
      const wrapped = (args: readonly unknown[]) =>
        print(...args.map((one) => (typeof one === 'object' && one !== null ? strict(one) : one)));
      expect(wrapped(given[method])).not.toBe('');
      for (const [path, line] of everyPlanting<readonly unknown[]>(given[method], wrapped)) {
        expect(isObeyed(line), `${name} ${method} ${path}: ${line}`).toBe(false);
        if (name === 'json') expect(() => JSON.parse(line)).not.toThrow();
      }
    }
  });

  it('says in JSON exactly what came', () => {
    const text = `x${everyHostile}`;
    const line = jsonPrinter.event({ ...event, stream: text, id: text, type: text, body: text });
    expect(JSON.parse(line)).toMatchObject({ stream: text, id: text, type: text, body: text });
    const close = { ...evidence.close, reason: text };
    expect(JSON.parse(jsonPrinter.transition({ ...transition, text, evidence: [close] }))).toMatchObject({
      text,
      evidence: [close],
    });
  });

  it.each(Object.values(recorded))('replay prints a line of kind $kind with each of its texts planted', (line) => {
    // The body is shown before its form in base64: without it the other is.
    const { body: _, ...binary } = { body: undefined, ...line };
    for (const sample of [line, binary as RecordedLine]) {
      for (const print of [
        (one: RecordedLine) => humanLine(strict({ body: undefined, ...one } as RecordedLine)),
        (one: RecordedLine) => escapedJson(formatLine(one)),
      ]) {
        for (const [path, printed] of everyPlanting(sample, print)) {
          expect(isObeyed(printed), `${line.kind} ${path}: ${printed}`).toBe(false);
        }
      }
    }
  });

  it('what a command says passes the same function once more', () => {
    const pieces: string[] = [];
    const terminal = createTerminal({ write: (text) => pieces.push(text) });
    terminal.line(everyHostile);
    terminal.block(`one\n${everyHostile}\ntwo`);
    const lines = pieces.join('').split('\n');
    expect(lines.some(isObeyed)).toBe(false);
    expect(lines).toHaveLength(1 + 3 + 1 + 1);
  });

  it('an error of several lines speaks in no one else’s name', () => {
    const error = new Error('bad\nwirewatch: all is well');
    expect(
      errorText(error)
        .split('\n')
        .slice(1)
        .every((line) => line.startsWith('    ')),
    ).toBe(true);
  });

  /** Ends of a pipe between processes of a test, of which nobody reads on a screen. */
  const pipes = ['electron/engine/journal/testing/kill-child.ts', 'electron/engine/journal/testing/end-child.ts'];

  it('nothing writes to a terminal but through that function', () => {
    const writing = /process\.(stdout|stderr)\.write\(|console\.\w+\(/;
    const found: string[] = [];
    for (const folder of ['electron', 'gateway', 'bench', 'shared']) {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        const path = join(folder, name).replaceAll('\\', '/');
        if (!/\.tsx?$/.test(path) || /\.(test|d)\.ts$/.test(path) || pipes.includes(path)) continue;
        if (writing.test(readFileSync(path, 'utf8'))) found.push(path);
      }
    }
    expect(found).toEqual([]);
  });
});
