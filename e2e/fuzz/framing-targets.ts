import { cutFrame } from '../../electron/engine/protocols/recipe/cut';
import type { SeededRandom } from '../../electron/engine/simulation/seeded-random';
import { createAnswerLines } from '../../electron/engine/transports/answer-lines';
import { readEventStreamDirectly } from '../../electron/engine/transports/event-stream-reader';
import { createPackets } from '../../electron/engine/transports/packets';
import { framings } from '../../shared/recipe';
import { mutatedText } from './mutate';
import type { Target } from './target';

const limit = 16 * 1024;
const head = { status: 200, headers: [['content-type', 'text/event-stream']] as const };

/** Bytes of a text, in chunks cut anywhere, also inside a letter. */
function chunked(text: string, random: SeededRandom): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const to = at + random.int(1, Math.max(1, Math.min(bytes.length, 400)));
    chunks.push(bytes.subarray(at, to));
    at = to;
  }
  return chunks;
}

/** A reader of a text, in pieces, that is opened anew for each case. */
function textTarget(name: string, samples: readonly string[], open: () => (chunk: Uint8Array | null) => void): Target {
  function draw(random: SeededRandom): readonly Uint8Array[] {
    return chunked(mutatedText(random.pick(samples), samples, random), random);
  }
  return {
    name,
    prepare(random) {
      const chunks = draw(random);
      return () => {
        const read = open();
        for (const chunk of chunks) read(chunk);
        read(null);
      };
    },
    long(random) {
      const read = open();
      return () => {
        for (const chunk of draw(random)) read(chunk);
      };
    },
    broken: () => [],
  };
}

const streams = [
  'id: 1\nevent: order\ndata: {"n":1}\n\n: life\n\nretry: 1000\ndata: a\ndata: b\n\n',
  'data: ä€😀\r\n\r\ndata\r\rid\n\n\n\nevent: x\n\n',
  '\uFEFFdata: first\n\nid: \u0000\ndata: x\n\n',
];
const lines = ['{"a":1}\n{"a":2}\r\n\n{"a":"ä"}\n', '\u001e{"a":1}\n\u001e{"a":2}\n'];
const jsons = ['[{"a":1},{"b":[1,2,{"c":"d"}]}]', '{"a":1}{"b":2} {"c":3}', '{"a":1}\n{"b":2}', '{"items":[{"a":1}]}'];

function eventStream(): (chunk: Uint8Array | null) => void {
  let feed: { bytes(chunk: Uint8Array, at: number): void; end(): void; head(given: typeof head): void } | null = null;
  let open = true;
  readEventStreamDirectly(
    {
      url: 'http://h/',
      lastEventId: null,
      maxFrameBytes: limit,
      request: (body) => {
        feed = body;
      },
    },
    {
      onMessage({ data, id }) {
        if (data.length > limit) throw new Error(`a message of ${data.length} over the limit`);
        if (id?.includes('\u0000')) throw new Error('an id with NUL');
      },
      onId() {},
      onComment() {},
      onRetry(ms) {
        if (!Number.isFinite(ms) || ms < 0) throw new Error(`a retry of ${ms}`);
      },
      onSkipping() {},
      onSkipped() {},
      onTooLarge() {
        open = false;
      },
      onDone() {},
    },
  );
  const given = feed as {
    bytes(chunk: Uint8Array, at: number): void;
    end(): void;
    head(one: typeof head): void;
  } | null;
  given?.head(head);
  return (chunk) => {
    if (!open) return;
    if (chunk === null) given?.end();
    else given?.bytes(chunk, 1);
  };
}

function answerLines(): (chunk: Uint8Array | null) => void {
  let open = true;
  const reading = createAnswerLines(limit, head, {
    onLine(line, bytes) {
      if (bytes > limit) throw new Error(`a line of ${bytes} over the limit`);
      if (line.trim() === '') throw new Error('a blank line');
    },
    onTooLarge() {
      open = false;
    },
  });
  return (chunk) => {
    if (!open) return;
    if (chunk === null) reading.end(1);
    else reading.add(chunk, 1);
  };
}

/** Length in one byte, then so many bytes: the simplest packets there are. */
function packets(): (chunk: Uint8Array | null) => void {
  let open = true;
  const cutting = createPackets(
    (bytes) => {
      const length = (bytes[0] ?? 0) + 1;
      if (bytes[0] === 0x7b) return { kind: 'none', why: 'a brace' };
      return bytes.length < length ? { kind: 'more', bytes: length } : { kind: 'whole', bytes: length };
    },
    100,
    {
      onPacket(packet) {
        if (packet.length !== (packet[0] ?? 0) + 1) throw new Error('a packet that was cut elsewhere');
      },
      onEnd() {
        open = false;
      },
    },
  );
  return (chunk) => {
    if (open && chunk !== null) cutting.add(chunk);
  };
}

/** Every framing that there is. */
export const framingTargets: readonly Target[] = [
  textTarget('framing event-stream', streams, eventStream),
  textTarget('framing answer-lines', lines, answerLines),
  textTarget('framing packets', [...streams, ...jsons], packets),
  ...framings.map((framing) =>
    textTarget(`framing ${framing}`, [...lines, ...jsons], () => {
      let text = '';
      return (chunk) => {
        if (chunk !== null) {
          text = (text + Buffer.from(chunk).toString('latin1')).slice(-limit);
          return;
        }
        const { parts, problem } = cutFrame(text, framing, null);
        if (problem === '') throw new Error('a problem without its cause');
        for (const part of parts) if (part.text.length > text.length) throw new Error('a part larger than the whole');
      };
    }),
  ),
];
