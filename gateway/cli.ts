import { parseArgs } from 'node:util';
import { createGateway, GatewayConfigError, type GatewayOptions } from './gateway';

const usage = `Usage: npm run gateway -- [options]

  --port N            port to listen on (default 7070; 0 takes a free one)
  --host ADDRESS      address to listen on (default 127.0.0.1)
  --feed host|none    "host" publishes this machine's metrics as the stream "host" (default host)
  --stream NAME       a stream that exists from the start; may be given several times
  --state FOLDER      where the last minutes of "host" are kept across restarts (default: nowhere)
  --retain N          events kept per stream (default 10000)
  --token-env NAME    environment variable that holds the bearer token every request must carry
  --allow-origin URL  origin of web pages that may use it; may be given several times
  --demo              allow faults on purpose (POST /demo/faults)
  --help              this text
`;

/** Wrong usage (sysexits.h EX_USAGE). */
const exitUsage = 64;

class UsageError extends Error {}

function wholeNumber(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${flag} wants a whole number, not "${text}".`);
  return Number(text);
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string', default: '7070' },
        host: { type: 'string' },
        feed: { type: 'string' },
        stream: { type: 'string', multiple: true },
        state: { type: 'string' },
        retain: { type: 'string' },
        'token-env': { type: 'string' },
        'allow-origin': { type: 'string', multiple: true },
        demo: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function optionsOf(flags: ReturnType<typeof flagsOf>): GatewayOptions {
  const { feed } = flags;
  if (feed !== undefined && feed !== 'host' && feed !== 'none') throw new UsageError('--feed is "host" or "none".');
  const variable = flags['token-env'];
  const token = variable === undefined ? undefined : process.env[variable];
  if (variable !== undefined && (token === undefined || token === '')) {
    throw new UsageError(`--token-env names ${variable}, but there is no such environment variable, or it is empty.`);
  }
  const retain = wholeNumber(flags.retain, '--retain');
  return {
    port: wholeNumber(flags.port, '--port'),
    host: flags.host,
    feed,
    streams: flags.stream,
    stateDir: flags.state,
    retention: retain === undefined ? undefined : { events: retain },
    token,
    allowedOrigins: flags['allow-origin'],
    demo: flags.demo,
    log: ({ level, message }) => process.stderr.write(`${level}: ${message}\n`),
  };
}

/** What stands in the way of listening, in a sentence. */
function listenProblem(error: unknown, options: GatewayOptions): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${options.port} is taken. Choose another with --port, or --port 0 for a free one.`;
    case 'EACCES':
      return `Port ${options.port} needs more rights. Choose one from 1024 on.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${options.host}". Leave --host out for 127.0.0.1.`;
    default:
      return `Cannot listen: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function main(args: readonly string[]): Promise<void> {
  const flags = flagsOf(args);
  if (flags.help === true) {
    process.stdout.write(usage);
    return;
  }
  const options = optionsOf(flags);
  const gateway = createGateway(options);
  let url: string;
  try {
    ({ url } = await gateway.listen());
  } catch (error) {
    process.stderr.write(`${listenProblem(error, options)}\n`);
    process.exitCode = 1;
    await gateway.close();
    return;
  }
  const streams = [...(options.feed === 'none' ? [] : ['host']), ...(options.streams ?? [])];
  process.stdout.write(`Gateway at ${url}\n`);
  for (const stream of streams) process.stdout.write(`  ${url}/v1/${stream}   (/ws  /sse  /poll  /snapshot)\n`);
  if (options.demo === true) process.stdout.write(`  ${url}/demo/faults\n`);
  const { host } = options;
  if (options.token === undefined && host !== undefined && !/^(127\.|localhost$|::1$)/.test(host)) {
    process.stdout.write(
      'It listens beyond this machine without a token: anyone who reaches it may read and publish.\n',
    );
  }

  let ending = false;
  const end = (): void => {
    // Asked twice: whoever asks does not want to wait.
    if (ending) process.exit(130);
    ending = true;
    process.stdout.write('Closing.\n');
    gateway.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}`);
  else if (error instanceof GatewayConfigError) process.stderr.write(`${error.message}\n\n${usage}`);
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof GatewayConfigError ? exitUsage : 1;
});
