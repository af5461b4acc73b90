import { createTerminal, errorText } from '../shared/terminal';
import { optionsFrom, UsageError, usage } from './cli-options';
import { createGateway, type GatewayOptions } from './gateway';

/** Wrong usage (sysexits.h EX_USAGE). */
const exitUsage = 64;

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
    case 'EFOLDERTAKEN':
      return `${(error as Error).message} Choose another with --state, or leave it out.`;
    default:
      return `Cannot listen: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const out = createTerminal(process.stdout);
const complain = createTerminal(process.stderr);

async function main(args: readonly string[]): Promise<void> {
  const asked = optionsFrom(args, process.env);
  if (asked === 'help') {
    out.block(usage.trimEnd());
    return;
  }
  const options: GatewayOptions = {
    ...asked,
    log: ({ level, message }) => complain.block(`${level}: ${errorText(message)}`),
  };
  const gateway = createGateway(options);
  let url: string;
  try {
    ({ url } = await gateway.listen());
  } catch (error) {
    complain.line(listenProblem(error, options));
    process.exitCode = 1;
    await gateway.close();
    return;
  }
  const streams = [...(options.feed === 'none' ? [] : ['host']), ...(options.streams ?? [])];
  out.line(`Gateway at ${url}`);
  for (const stream of streams) out.line(`  ${url}/v1/${stream}   (/ws  /sse  /poll  /snapshot)`);
  if (options.demo === true) out.line(`  ${url}/demo/faults`);
  const { host } = options;
  if (options.token === undefined && host !== undefined && !/^(127\.|localhost$|::1$)/.test(host)) {
    out.line('It listens beyond this machine without a token: anyone who reaches it may read and publish.');
  }

  let ending = false;
  const end = (): void => {
    // Asked twice: whoever asks does not want to wait.
    if (ending) process.exit(130);
    ending = true;
    out.line('Closing.');
    gateway.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) {
    complain.line(error.message);
    complain.block(`\n${usage.trimEnd()}`);
  } else complain.block(errorText(error));
  process.exitCode = error instanceof UsageError ? exitUsage : 1;
});
