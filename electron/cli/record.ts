import { createTerminal } from '../../shared/terminal';
import { recordLive } from './record-live';
import { readRecordOptions, recordUsage } from './record-options';
import { recordStored } from './record-stored';

/** `npm run record`. */
async function main(): Promise<void> {
  const complain = createTerminal(process.stderr);
  const options = readRecordOptions(process.argv.slice(2));
  if (options === 'help') {
    createTerminal(process.stdout).block(recordUsage);
    return;
  }
  if ('error' in options) {
    complain.line(options.error);
    complain.block(`\n${recordUsage}`);
    process.exitCode = 64;
    return;
  }
  const say = complain.line;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    process.exitCode =
      options.what.kind === 'url'
        ? await recordLive(options.what.url, options, say, stop.signal)
        : await recordStored(options.what.source, options, say);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    say(exists ? `${options.out} is there already; nothing was overwritten.` : String(error));
    process.exitCode = 1;
  }
}

void main();
