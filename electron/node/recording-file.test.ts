import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordedLine, RecordingHeader } from '../engine/recording/format';
import { createRecordingFile } from './recording-file';
import { readRecording, readRecordingHeader } from './recording-reading';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-recording-'));
  path = join(folder, 'feed.jsonl.gz');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const header: RecordingHeader = {
  kind: 'recording',
  version: 1,
  at: 1000,
  source: { name: 'Orders', url: 'https://host.test/v1/orders', protocol: 'gateway', promise: '' },
};

const event = (seq: number): RecordedLine => ({
  kind: 'event',
  at: 1000 + seq,
  stream: 's',
  epoch: 'e',
  seq,
  id: null,
  type: 't',
  sentAt: null,
  late: false,
  body: `{"n":${seq},"text":"é☃${'x'.repeat(seq % 97)}"}`,
});

async function record(count: number): Promise<readonly RecordedLine[]> {
  const file = await createRecordingFile(path, header);
  const lines = Array.from({ length: count }, (_, index) => event(index + 1));
  for (const line of lines) file.write(line);
  await file.drained();
  expect(await file.close(9999)).toBe(count);
  return [...lines, { kind: 'end', at: 9999, events: count }];
}

async function readAll(): Promise<readonly RecordedLine[]> {
  const reader = readRecording(path);
  const lines: RecordedLine[] = [];
  for (let batch = await reader.next(); batch; batch = await reader.next()) lines.push(...batch);
  return lines;
}

describe('a recording on disk', () => {
  it('is read back as it was written, also by other tools', async () => {
    const lines = await record(20_000);
    expect(await readRecordingHeader(path)).toEqual(header);
    expect(await readAll()).toEqual(lines);
    const text = gunzipSync(await readFile(path)).toString('utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(20_002);
  });

  it('never overwrites another file', async () => {
    await record(1);
    await expect(createRecordingFile(path, header)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('that was cut off is read up to where it was cut', async () => {
    const lines = await record(20_000);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, Math.floor(whole.length / 2)));
    const read = await readAll();
    expect(read.length).toBeGreaterThan(1000);
    expect(read).toEqual(lines.slice(0, read.length));
  });

  it('whose writer was killed holds all but the last second', async () => {
    const file = await createRecordingFile(path, header);
    file.write(event(1));
    await new Promise((resolve) => setTimeout(resolve, 1300));
    const read = await readAll();
    expect(read).toEqual([event(1)]);
    await file.close(9999);
  });

  it.each([
    ['no gzip at all', Buffer.from('hello'), /not compressed/],
    ['empty', Buffer.alloc(0), /empty/],
    ['of something else', gzipSync('hello\n'), /no header/],
    ['of a later version', gzipSync('{"kind":"recording","version":9}\n'), /version 9/],
  ])('that is %s is refused in a sentence', async (_what, bytes, said) => {
    await writeFile(path, bytes);
    await expect(readRecordingHeader(path)).rejects.toThrow(said);
  });

  it('with a damaged line says which', async () => {
    await writeFile(path, gzipSync(`${JSON.stringify(header)}\n{"kind":"event"}\n`));
    await expect(readAll()).rejects.toThrow(/Line 2/);
  });
});
