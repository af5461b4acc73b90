import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatLine, type RecordedLine, RecordingError, type RecordingHeader } from '../engine/recording/format';
import { createRecordings } from './recording-thread';

const mebibyte = 1024 * 1024;
/** What stands still for so long on any machine is a thread that does the work of another, ms. */
const standstillMs = 10_000;

const header: RecordingHeader = {
  kind: 'recording',
  version: 1,
  at: 1000,
  source: { name: 'Orders', url: 'https://host.test/', protocol: 'gateway', promise: '' },
};
const event = (body: Pick<RecordedLine & { kind: 'event' }, 'body' | 'base64'>): RecordedLine => ({
  kind: 'event',
  at: 1000,
  stream: 's',
  epoch: null,
  seq: null,
  id: null,
  type: 't',
  sentAt: null,
  late: false,
  ...body,
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'recording-thread-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recordings = createRecordings(fileURLToPath(new URL('./recording-worker.ts', import.meta.url)));

/** Writes a recording of these lines; its address. */
function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, gzipSync(`${[formatLine(header), ...lines].join('\n')}\n`, { level: constants.Z_BEST_SPEED }));
  return pathToFileURL(path).href;
}

/** Reads all of a recording as a source would: what was in it, or what is wrong with it. */
async function readAll(address: string): Promise<{ readonly lines: RecordedLine[]; readonly error: unknown }> {
  const lines: RecordedLine[] = [];
  try {
    await recordings.header(address);
    const reader = recordings.open(address);
    try {
      for (let batch = await reader.next(); batch; batch = await reader.next()) lines.push(...batch);
    } finally {
      reader.close();
    }
    return { lines, error: null };
  } catch (error) {
    return { lines, error };
  }
}

/** The same, and how long this thread stood still at most meanwhile, ms. */
async function readBeside(address: string) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const read = await readAll(address);
  delay.disable();
  return { ...read, stoodStillMs: delay.max / 1e6 };
}

describe('recordings, read in their thread', () => {
  it('hostile 5: give back the largest frames there are, text and bytes, many of them in one file', async () => {
    const bytes = randomBytes(16 * mebibyte);
    const text = `"\\\n${'é☃'.repeat(3 * mebibyte)}`;
    const lines = [
      event({ base64: bytes.toString('base64') }),
      event({ body: text }),
      event({ body: '\u0001'.repeat(16 * mebibyte) }),
      event({ base64: bytes.toString('base64') }),
    ];
    const read = await readBeside(file('frames.jsonl.gz', ...lines.map(formatLine)));
    expect(read.error).toBeNull();
    expect(read.lines.map((line) => JSON.stringify(line).length)).toEqual(
      lines.map((line) => JSON.stringify(line).length),
    );
    expect(read.lines[0]).toEqual(lines[0]);
    expect(read.stoodStillMs).toBeLessThan(standstillMs);
  });

  it.each([
    ['an endless line', () => 'x'.repeat(120 * mebibyte), /^Line 3 .* from byte 193 .* longer than 100 MiB/],
    ['brackets alone', () => '['.repeat(90 * mebibyte), /^Line 3 .* no JSON object/],
    [
      'millions of values that nobody asked for',
      () => `{"kind":"event","more":[${'[],'.repeat(20 * mebibyte)}[]]}`,
      /^Line 3 .* no JSON object/,
    ],
    [
      'a body longer than any frame',
      () => formatLine(event({ body: 'x'.repeat(16 * mebibyte + 1) })),
      /^Line 3 .* body: /,
    ],
    [
      'bytes longer than any frame',
      () => formatLine(event({ base64: 'A'.repeat(23 * mebibyte) })),
      /^Line 3 .* base64: /,
    ],
    [
      'an event of a stream with an endless name',
      () => formatLine({ ...event({ body: '1' }), stream: 'x'.repeat(8_193) } as RecordedLine),
      /^Line 3 .* stream: /,
    ],
    [
      'an event with an endless id',
      () => formatLine({ ...event({ body: '1' }), id: 'x'.repeat(8_193) } as RecordedLine),
      /^Line 3 .* id: /,
    ],
    [
      'an endless sentence',
      () => JSON.stringify({ kind: 'state', at: 1, from: 'a', to: 'b', code: 'c', text: 'x'.repeat(65_537) }),
      /^Line 3 .* text: /,
    ],
    ['no line of ours', () => '{"kind":"event"}', /^Line 3 /],
  ])('hostile 5: name a line that is %s, and what was before it is there', async (_what, made, said) => {
    const good = formatLine(event({ body: '1' }));
    const read = await readBeside(file('bad.jsonl.gz', good, made()));
    expect(read.error).toBeInstanceOf(RecordingError);
    expect(read.lines.length).toBeGreaterThan(0);
    expect(String(read.error)).toMatch(new RegExp(said.source.replace('^', '^RecordingError: ')));
    expect(String(read.error).length).toBeLessThan(500);
    expect(read.stoodStillMs).toBeLessThan(standstillMs);
  });

  it('hostile 5: are refused for a first line of any length without an end', async () => {
    const path = join(folder, 'head.jsonl.gz');
    writeFileSync(path, gzipSync(Buffer.alloc(96 * mebibyte, ' '), { level: constants.Z_BEST_COMPRESSION }));
    const read = await readBeside(path);
    expect(String(read.error)).toMatch(/not a recording.* first line has no end/);
    expect(read.stoodStillMs).toBeLessThan(standstillMs);
  });

  it('hostile 5: say from where on a file is damaged that was good before', async () => {
    const lines = Array.from({ length: 2_000 }, () => formatLine(event({ body: randomBytes(500).toString('hex') })));
    const whole = gzipSync(`${[formatLine(header), ...lines].join('\n')}\n`);
    const path = join(folder, 'damaged.jsonl.gz');
    whole.fill(0xff, Math.floor(whole.length / 2), Math.floor(whole.length / 2) + 64);
    writeFileSync(path, whole);
    const { lines: read, error } = await readAll(path);
    expect(read.length).toBeGreaterThan(100);
    expect(String(error)).toMatch(/Line \d+ of the recording, from byte \d+ of its text on, is damaged: /);
  });

  it('hostile 5: pass over a million lines of a kind that is not known, piece by piece', async () => {
    const read = await readBeside(
      file('unknown.jsonl.gz', '{"kind":"x"}\n'.repeat(1_000_000), formatLine(event({ body: '1' }))),
    );
    expect(String(read.error)).toMatch(/Line 1000002 /);
    expect(read.stoodStillMs).toBeLessThan(standstillMs);
  });

  it('tell what the system says of a file, and go on with the next', async () => {
    await expect(recordings.header(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await readAll(file('good.jsonl.gz', formatLine(event({ body: '1' }))))).lines).toHaveLength(1);
  });
});
