import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Transition } from '../../shared/connection';
import type { EventRow } from '../../shared/event';
import type { Gap } from '../../shared/gap';
import type { EventPage } from '../../shared/ipc';
import { type SourceConfig, sourceSchema } from '../../shared/source';
import { realDisk } from '../engine/journal/disk';
import { allEvents, type EventQuery } from '../engine/journal/event-query';
import { createReader } from '../engine/journal/reader';
import { protocolOf } from '../engine/protocols/registry';
import { type RecordedLine, recordingVersion, safeUrl } from '../engine/recording/format';
import { gapLine, rowLine, stateLine } from '../engine/recording/lines';
import { createRecordingFile } from '../node/recording-file';
import { openRegular, readRegularSync } from '../node/regular-file';
import type { RecordOptions } from './record-options';

/** Exit codes: 0 written, 1 there is no such source. */
type ExitCode = 0 | 1;

/** Rows per page read. */
const pageRows = 1000;
/** Of a settings file, bytes. */
const largestSettings = 512 * 1024 * 1024;
/** Transitions looked through for those in the range. */
const maxTransitions = 20_000;

/**
 * Writes what the application's journal has of a source. The application may be running: the file is only read.
 * Rejects with the system's error when nothing can be read or written.
 */
export async function recordStored(
  name: string,
  options: RecordOptions,
  say: (line: string) => void,
): Promise<ExitCode> {
  const folder = options.userData ?? usualUserData();
  const path = join(folder, 'journal', 'journal.db');
  if (!existsSync(path)) {
    say(`There is no journal in ${folder}. Say where the application keeps it: --user-data FOLDER.`);
    return 1;
  }
  const source = sourceNamed(name, folder);
  if (source === null) {
    say(`There is no source "${name}". Name one by its name or id as the application shows it.`);
    return 1;
  }
  await (await openRegular(path)).close();
  const db = realDisk.open(path, { readOnly: true });
  try {
    const reader = createReader(db);
    const from = options.from ?? Number.NEGATIVE_INFINITY;
    const to = options.to ?? Number.POSITIVE_INFINITY;
    const within = (at: number) => at >= from && at <= to;
    const query: EventQuery = {
      ...allEvents(source.id),
      direction: 'after',
      limit: pageRows,
      since: options.from,
      before: options.to === null ? null : options.to + 1,
    };
    // What stands beside the events is little: it is put between them as its time comes.
    const transitions = finish(reader.transitions({ source: source.id, limit: maxTransitions }));
    const beside = transitions
      .filter((transition: Transition) => within(transition.at))
      .map((transition): RecordedLine => stateLine(transition))
      .sort((a, b) => a.at - b.at);
    const file = await createRecordingFile(options.out, {
      kind: 'recording',
      version: recordingVersion,
      at: options.from ?? Math.min(beside[0]?.at ?? Date.now(), Date.now()),
      source: {
        name: source.name,
        url: safeUrl(source.url),
        protocol: source.protocol,
        promise: source.promise,
      },
    });
    const told = new Set<string>();
    let last = options.from ?? 0;
    for (let after: number | null = null; ; ) {
      const page: EventPage = finish(reader.find({ ...query, from: after }));
      const lines: RecordedLine[] = [];
      const gaps = page.gaps.filter((gap) => !told.has(gap.id) && within(gap.openedAt));
      for (const { id } of gaps) told.add(id);
      for (const row of page.rows) {
        while (gaps[0] && (gaps[0].before ?? 0) <= row.ordinal) lines.push(gapLine(gaps.shift() as Gap));
        const whole = isPreview(row) ? wholeOf(row.ordinal) : row.body;
        while (beside[0] && beside[0].at <= row.receivedAt) lines.push(beside.shift() as RecordedLine);
        lines.push(rowLine(row, whole));
        last = Math.max(last, row.receivedAt);
      }
      for (const gap of gaps) lines.push(gapLine(gap));
      for (const line of lines) file.write(line);
      await file.drained();
      after = page.rows.at(-1)?.ordinal ?? after;
      if (!page.more || page.rows.length === 0) break;
    }
    for (const line of beside) {
      file.write(line);
      last = Math.max(last, line.at);
    }
    const events = await file.close(last);
    say(`${events} events written to ${options.out}`);
    return 0;

    function wholeOf(ordinal: number): string {
      return finish(reader.event({ source: source?.id ?? '', ordinal })).whole;
    }
  } finally {
    db.close();
  }
}

/** What the settings say of a source. The built-in one is not among them. */
function sourceNamed(
  name: string,
  folder: string,
): (Pick<SourceConfig, 'id' | 'name' | 'url' | 'protocol'> & { readonly promise: string }) | null {
  const thisMachine = { id: 'this-machine', name: 'This machine', url: '', protocol: 'gateway' } as const;
  if (name === thisMachine.id || name === thisMachine.name) return { ...thisMachine, promise: '' };
  const settings = JSON.parse(readRegularSync(join(folder, 'settings.json'), largestSettings).toString('utf8')) as {
    sources?: unknown;
  };
  const sources = sourceSchema.array().parse(settings.sources ?? []);
  const found = sources.find(({ id }) => id === name) ?? sources.find((source) => source.name === name);
  return found ? { ...found, promise: protocolOf(found).promise } : null;
}

/** Where Electron keeps the application's folder on this system. */
function usualUserData(): string {
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library/Application Support/Wirewatch');
    case 'win32':
      return join(process.env.APPDATA ?? homedir(), 'Wirewatch');
    default:
      return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'Wirewatch');
  }
}

/** Whether a row may carry only the beginning of its body. */
function isPreview({ encoding, bytes, body }: EventRow): boolean {
  return encoding === 'base64' ? body.length < Math.ceil(bytes / 3) * 4 : Buffer.byteLength(body) < bytes;
}

/** An answer that may be worked out in steps, all at once. */
function finish<T>(answer: T | Iterator<unknown, T>): T {
  if (typeof answer !== 'object' || answer === null || !('next' in answer)) return answer as T;
  const steps = answer as Iterator<unknown, T>;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
