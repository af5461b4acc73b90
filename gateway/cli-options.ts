import { parseArgs } from 'node:util';
import { GatewayConfigError, type GatewayOptions, resolveConfig } from './config';

export const usage = `Usage: npm run gateway -- [options]

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

/** A flag that cannot be; the message says which and why. */
export class UsageError extends Error {}

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

/**
 * Reads the command line.
 * @param env where `--token-env` looks: a token never stands among the arguments, which every process can read
 * @throws UsageError
 */
export function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): GatewayOptions | 'help' {
  const flags = flagsOf(args);
  if (flags.help === true) return 'help';
  const { feed } = flags;
  if (feed !== undefined && feed !== 'host' && feed !== 'none') throw new UsageError('--feed is "host" or "none".');
  const variable = flags['token-env'];
  const token = variable === undefined ? undefined : env[variable];
  if (variable !== undefined && (token === undefined || token === '')) {
    throw new UsageError(`--token-env names ${variable}, but there is no such environment variable, or it is empty.`);
  }
  const retain = wholeNumber(flags.retain, '--retain');
  const options: GatewayOptions = {
    port: wholeNumber(flags.port, '--port'),
    host: flags.host,
    feed,
    streams: flags.stream,
    stateDir: flags.state,
    retention: retain === undefined ? undefined : { events: retain },
    token,
    allowedOrigins: flags['allow-origin'],
    demo: flags.demo,
  };
  try {
    resolveConfig(options);
  } catch (error) {
    if (error instanceof GatewayConfigError) throw new UsageError(`${flagOf(error.field)}: ${error.problem}.`);
    throw error;
  }
  return options;
}

/** The flag that sets an option. */
function flagOf(field: string): string {
  const [name = field] = field.split('.');
  const flags: Record<string, string> = {
    streams: '--stream',
    stateDir: '--state',
    retention: '--retain',
    token: 'the token',
    allowedOrigins: '--allow-origin',
  };
  return flags[name] ?? `--${name}`;
}
