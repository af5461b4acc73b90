import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EventStreamReader, readEventStreamDirectly } from './event-stream-reader';
import { readThroughEventSource } from './eventsource-reader';

/** Everything a reader reports, with the stream cut after each length in `cuts`, over and over. */
function readBy(reader: EventStreamReader, bytes: Uint8Array, cuts: readonly number[], limit = 1_000_000) {
  return new Promise<readonly unknown[]>((resolve) => {
    const log: unknown[] = [];
    const reading = reader(
      {
        url: 'http://feed.test/',
        lastEventId: null,
        maxFrameBytes: limit,
        request(body) {
          body.head({ status: 200, headers: [] });
          for (let at = 0, n = 0; at < bytes.length; n += 1) {
            const size = cuts[n % cuts.length] ?? 1;
            body.bytes(bytes.subarray(at, at + size), n);
            at += size;
          }
          body.end();
        },
      },
      {
        onMessage: ({ event, data, id, bytes: size }) => {
          log.push([event, data, id]);
          expect(size).toBe(Buffer.byteLength(data));
        },
        onId: (id) => log.push(['id', id]),
        onComment: () => log.push('comment'),
        onRetry: (ms) => log.push(['retry', ms]),
        onSkipping() {},
        onSkipped: () => log.push('skipped'),
        onTooLarge(id) {
          log.push(id === null ? 'too large' : `too large ${id}`);
          queueMicrotask(() => reading.close());
          resolve(log);
        },
        onDone: () => resolve(log),
      },
    );
  });
}

const parse = (bytes: Uint8Array, cuts: readonly number[], limit?: number) =>
  readBy(readEventStreamDirectly, bytes, cuts, limit);

afterEach(() => void vi.restoreAllMocks());

describe('an event stream', () => {
  it('behaviour 23: where the stream is cut changes nothing', async () => {
    const line = fc.constantFrom(
      'data: é😀',
      'data',
      'data:',
      'id: 1',
      'id',
      'id:2',
      'event: x',
      ': c',
      'retry: 5',
      '',
      '',
      'junk',
      'event: message',
      'event',
      'dat: 1',
      'database: 2',
      'data:  two',
      'retry: 1x',
      'id: a\0b',
      '\u2028id: 9',
    );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    const start = fc.constantFrom('', '\ufeff', '\ufeff\ufeff', '\u00ef\u00bb\u00bf', '\uff00');
    await fc.assert(
      fc.asyncProperty(start, fc.array(fc.tuple(line, end)), cuts, async (mark, lines, sizes) => {
        const bytes = Buffer.from(`${mark}${lines.map((pair) => pair.join('')).join('')}`);
        // A lone CR before LF is one line end: both readings of the same bytes agree on that.
        const whole = await parse(bytes, [bytes.length + 1]);
        expect(await parse(bytes, sizes)).toEqual(whole);
        // The tap and whoever builds the messages agree about every block: what the tap awaits comes.
        expect(await readBy(readThroughEventSource, bytes, sizes)).toEqual(whole);
      }),
    );
  });

  it('behaviour 23: a BOM cut in three is still a BOM', async () => {
    expect(await parse(Buffer.from('\ufeffid:2\n\n'), [1])).toEqual([['id', '2']]);
  });

  it('a line that ends in CR counts at once', async () => {
    expect(await parse(Buffer.from('data: a\r\r'), [1])).toEqual([[null, 'a', null]]);
  });

  it('U+2028 is no line end', async () => {
    expect(await parse(Buffer.from('data: a\u2028id: 5\n\n\u2028id: 6\n\n'), [3])).toEqual([
      [null, 'a\u2028id: 5', null],
    ]);
  });

  it('an id with NUL does not count, an empty one does', async () => {
    expect(await parse(Buffer.from('id: 1\n\nid: 2\0\n\nid\n\n'), [4])).toEqual([
      ['id', '1'],
      ['id', ''],
    ]);
  });

  it('an id is in force from its block on, wherever it is cut, and one with NUL never', async () => {
    const bytes = Buffer.from(
      'data: 0\n\nid: é1\ndata: a\n\nid: 2\0\ndata: b\n\nid:3\n\ndata: c\n\nidle: 4\ndata: d\n\nid\ndata: e\n\ndata: f\nid: 5\nid: 6\n\n',
    );
    const read = [
      [null, '0', null],
      [null, 'a', 'é1'],
      [null, 'b', 'é1'],
      ['id', '3'],
      [null, 'c', '3'],
      [null, 'd', '3'],
      [null, 'e', ''],
      [null, 'f', '6'],
    ];
    for (const cut of [1, 2, 3, 7, bytes.length]) {
      expect(await parse(bytes, [cut])).toEqual(read);
      expect(await readBy(readThroughEventSource, bytes, [cut])).toEqual(read);
    }
  });

  it('promise 7: a retry beyond an hour counts as one, and is no delay of any timer, wherever it is cut', async () => {
    const hour = 3_600_000;
    const timers = vi.spyOn(globalThis, 'setTimeout');
    for (const [asked, read] of [
      ['9000000000000000', [['retry', hour]]],
      ['9'.repeat(400), [['retry', hour]]],
      ['3600000', [['retry', hour]]],
      ['5', [['retry', 5]]],
      ['1.5', []],
      ['-1', []],
      ['9e15', []],
      ['', []],
    ] as const) {
      const bytes = Buffer.from(`retry: ${asked}\ndata: a\n\nretry:${asked}`);
      for (const cut of [1, 3, bytes.length]) {
        const whole = [...read, [null, 'a', null]];
        expect(await parse(bytes, [cut])).toEqual(whole);
        expect(await readBy(readThroughEventSource, bytes, [cut])).toEqual(whole);
      }
    }
    const delays = timers.mock.calls.map(([, ms]) => ms ?? 0);
    expect(delays.length).toBeGreaterThan(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(hour);
    // The package's own pause, whatever the feed says.
    expect(new Set(delays.filter((ms) => ms > 100)).size).toBe(1);
  });

  it('stays within its limit: one line without end, many lines without end, many bytes at once', async () => {
    const long = Buffer.alloc(5000, 'x');
    expect(await parse(Buffer.concat([Buffer.from('data: '), long]), [100], 1000)).toEqual(['too large']);
    expect(await parse(Buffer.from('data: 0123456789\n'.repeat(200)), [17], 1000)).toEqual(['too large']);
    expect(await parse(Buffer.from(': 0123456789\n'.repeat(200)), [17], 1000)).toHaveLength(200);
    // One that never ends is read no further than four times the limit.
    expect(await parse(Buffer.alloc(50_000, 'data: 0123456789\n'), [2_000, 7_000], 1000)).toEqual(['too large']);
  });

  it('promise 22: skips what is over the limit, with its id wherever it stands, and goes on behind it, however it is cut', async () => {
    const long = 'x'.repeat(1500);
    for (const [block, id] of [
      [`data: ${long}\nid: 7\n\n`, '7'],
      [`data: ${long}\r\nevent: a\r\nid:7\r\n\r\n`, '7'],
      [`id: 7\ndata: ${long}\n\n`, '7'],
      [`data: ${long}\nidentity: 9\nid: 7\n\n`, '7'],
      [`${`data: ${'y'.repeat(90)}\n`.repeat(20)}id: 7\n\n`, '7'],
      [`event: named\n${`data: ${'y'.repeat(90)}\n`.repeat(20)}\n`, null],
      [`data: ${long}\n\n`, null],
      [`data: ${long}\n: c\nretry: 5\ndata: tail\n\n`, null],
    ] as const) {
      for (const cuts of [[10_000], [1], [1000, 1506], [1507], [1510, 1511, 1512], [1900]]) {
        const bytes = Buffer.from(`id: 6\ndata: first\n\n${block}data: next\n\n${block}id: 8\ndata: last\n\n`);
        const skipped = [...(id === null ? [] : [['id', id]]), 'skipped'];
        const wanted = [[null, 'first', '6'], ...skipped, [null, 'next', id ?? '6'], ...skipped, [null, 'last', '8']];
        expect(await parse(bytes, cuts, 1000)).toEqual(wanted);
        expect(await readBy(readThroughEventSource, bytes, cuts, 1000)).toEqual(wanted);
      }
    }
  });
});

describe('a receiver that throws', () => {
  it('surfaces, and the messages after it come', async () => {
    const uncaught: unknown[] = [];
    const later = queueMicrotask;
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) =>
      later(() => {
        try {
          callback();
        } catch (error) {
          uncaught.push(error);
        }
      }),
    );
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
      readThroughEventSource(
        {
          url: 'http://feed.test/',
          lastEventId: null,
          maxFrameBytes: 1000,
          request(body) {
            body.head({ status: 200, headers: [] });
            body.bytes(Buffer.from('data: 1\n\nevent: named\ndata: 2\n\ndata: 3\n\n'), 0);
            body.end();
          },
        },
        {
          onMessage({ data }) {
            heard.push(data as string);
            if (data !== '3') throw new Error(`no ${data}`);
          },
          onId() {},
          onComment() {},
          onRetry() {},
          onSkipping() {},
          onSkipped() {},
          onTooLarge() {},
          onDone: resolve,
        },
      );
    });
    expect(heard).toEqual(['1', '2', '3']);
    expect(uncaught.map(String)).toEqual(['Error: no 1', 'Error: no 2']);
  });
});
