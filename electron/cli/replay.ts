import { createTerminal } from '../../shared/terminal';
import { readReplayOptions, replayUsage } from './replay-options';
import { replay } from './replay-run';

/** `npm run replay`. */
async function main(): Promise<void> {
  const out = createTerminal(process.stdout);
  const aside = createTerminal(process.stderr);
  const options = readReplayOptions(process.argv.slice(2));
  if (options === 'help') {
    out.block(replayUsage);
    return;
  }
  if ('error' in options) {
    aside.line(options.error);
    aside.block(`\n${replayUsage}`);
    process.exitCode = 64;
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort());
  const { stdin } = process;
  const keyed = stdin.isTTY;
  if (keyed) stdin.setRawMode(true);
  process.exitCode = await replay(options, {
    write: out.line,
    say: aside.line,
    keys: keyed ? (listener) => void stdin.setEncoding('utf8').on('data', (key) => listener(String(key))) : null,
    stop: stop.signal,
  });
  if (keyed) stdin.setRawMode(false);
  stdin.pause();
}

void main();
