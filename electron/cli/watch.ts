import { systemSecretSources } from './reach-options';
import { readWatchOptions, watchUsage } from './watch-options';
import { watch } from './watch-run';

/** `npm run watch`. */
async function main(): Promise<void> {
  const options = readWatchOptions(process.argv.slice(2), systemSecretSources);
  if (options === 'help') {
    process.stdout.write(`${watchUsage}\n`);
    return;
  }
  if ('error' in options) {
    process.stderr.write(`${options.error}\n\n${watchUsage}\n`);
    process.exitCode = 64;
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // A reader that goes away (`| head`) ends the watch instead of crashing it.
  process.stdout.on('error', () => stop.abort());
  process.exitCode = await watch(options, (line) => process.stdout.write(`${line}\n`), stop.signal);
}

void main();
