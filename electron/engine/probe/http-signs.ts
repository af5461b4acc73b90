import type { RungConfig } from '../../../shared/source';
import { looksLikeHtml } from '../core/body-start';
import { isGatewayAnswer, isGatewayHello } from './gateway-signs';
import { parseEventStream, parseJson, parseLines } from './parse';
import { type HttpSeen, headerOf, mediaTypeOf } from './seen';
import type { SampleFrame, Verdict } from './verdict';

/** What an HTTP answer shows itself to be; usually one reading, none where it is no feed. */
export function httpSigns(seen: HttpSeen): readonly Verdict[] {
  const { head, text } = seen;
  if (head.status !== 200 || looksLikeHtml(text)) return [];
  const type = mediaTypeOf(head);
  if (type === 'text/event-stream') return eventStream(seen);
  return [...lines(seen, type), ...json(seen, type)].slice(0, 1);
}

function eventStream(seen: HttpSeen): readonly Verdict[] {
  const { events, comments, fields } = parseEventStream(seen.text);
  const ladder = [rungOf('sse', seen.url)];
  if (events.some(({ data }) => isGatewayHello(parseJson(data)))) {
    return [
      {
        ...plain,
        title: 'Wirewatch gateway',
        protocol: 'gateway',
        ladder,
        confidence: 'certain',
        why: ['It says hello as our gateway does.'],
      },
    ];
  }
  if (!fields && comments.length === 0 && seen.text.trim() !== '') return [];
  const ids = events.some(({ id }) => id !== null && id !== '');
  const said = events.length > 0;
  return [
    {
      ...plain,
      title: ids ? 'Event stream with ids' : 'Event stream',
      ladder,
      confidence: said ? 'certain' : 'likely',
      why: [
        'It answers text/event-stream.',
        said ? `${events.length} events came.` : 'No event came while it was looked at.',
      ],
      frames: events.map(({ name, id, data }) => ({ data, event: name, id, line: false })),
    },
  ];
}

function lines(seen: HttpSeen, type: string): readonly Verdict[] {
  const named = /^application\/(x-)?(ndjson|jsonl|json-lines|jsonlines|json-seq)$/.test(type);
  const { lines: all, other } = parseLines(seen.text, seen.ended);
  if (other > 0 || all.length === 0 || (!named && (all.length < 2 || seen.ended))) return [];
  return [
    {
      ...plain,
      title: 'Lines of JSON',
      ladder: [rungOf('poll', seen.url)],
      confidence: named ? 'certain' : 'likely',
      why: [named ? `It answers ${type}.` : 'Line after line is JSON, and the answer goes on.'],
      base: 'ndjson',
      frames: all.map((line) => frameOf(line.text, true)),
    },
  ];
}

function json(seen: HttpSeen, type: string): readonly Verdict[] {
  const parsed = parseJson(seen.text);
  if (!parsed.ok) return [];
  if (isGatewayAnswer(parsed)) {
    const ladder = [rungOf('poll', seen.url)];
    return [
      {
        ...plain,
        title: 'Wirewatch gateway',
        protocol: 'gateway',
        ladder,
        confidence: 'certain',
        why: ['It answers as our gateway does.'],
      },
    ];
  }
  const list = Array.isArray(parsed.value);
  const named = /json/.test(type);
  return [
    {
      ...plain,
      title: list ? 'JSON list' : 'JSON value',
      ladder: [rungOf('poll', seen.url, pollSecondsOf(seen))],
      confidence: named ? 'certain' : 'likely',
      why: [named ? `It answers ${type}, and it is JSON.` : 'The answer is JSON.'],
      base: list ? 'list-poll-etag' : null,
      frames: [frameOf(seen.text, false)],
    },
  ];
}

/** A verdict that says nothing yet. */
export const plain: Verdict = {
  title: '',
  protocol: 'json',
  ladder: [],
  confidence: 'guess',
  why: [],
  wants: [],
  base: null,
  mapping: {},
  frames: [],
};

export function frameOf(data: string, line: boolean): SampleFrame {
  return { data, event: null, id: null, line };
}

export function rungOf(transport: RungConfig['transport'], url: string, intervalSeconds = 5): RungConfig {
  const scheme = transport === 'websocket' ? 'ws' : 'http';
  return { transport, url: url.replace(/^(?:http|ws)(s?):/i, `${scheme}$1:`), intervalSeconds };
}

/** What the server asks for between two polls, s. */
function pollSecondsOf({ head }: HttpSeen): number {
  const asked = Number(headerOf(head, 'x-poll-interval'));
  return asked >= 1 && asked <= 3600 ? Math.ceil(asked) : 5;
}
