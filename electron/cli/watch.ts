import { createTerminal } from '../../shared/terminal';
import { systemSecretSources } from './reach-options';
import { readWatchOptions, watchUsage } from './watch-options';
import { watch } from './watch-run';

/** `npm run watch`. */
async function main(): Promise<void> {
  const out = createTerminal(process.stdout);
  const options = readWatchOptions(process.argv.slice(2), systemSecretSources);
  if (options === 'help') {
    out.block(watchUsage);
    return;
  }
  if ('error' in options) {
    const complain = createTerminal(process.stderr);
    complain.line(options.error);
    complain.block(`\n${watchUsage}`);
    process.exitCode = 64;
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // A reader that goes away (`| head`) ends the watch instead of crashing it.
  process.stdout.on('error', () => stop.abort());
  process.exitCode = await watch(options, out.line, stop.signal);
}

void main();
