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

async function main(args: readonly string[]): Promise<void> {
  const asked = optionsFrom(args, process.env);
  if (asked === 'help') {
    process.stdout.write(usage);
    return;
  }
  const options: GatewayOptions = {
    ...asked,
    log: ({ level, message }) => process.stderr.write(`${level}: ${message}\n`),
  };
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
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? exitUsage : 1;
});
