import { gatewayLadder, startWatch } from './watch';

/** Watches a stream over all four transports, closes, and has nothing left that would keep the process alive. */
async function main(host: string): Promise<void> {
  const watch = startWatch();
  for (const transport of ['websocket', 'sse', 'long-poll', 'poll'] as const) {
    const source = await watch.add({ protocol: 'gateway', ladder: gatewayLadder(host, [transport]) });
    await source.untilLive(transport);
    process.stdout.write('live ');
  }
  await watch.close();
  process.stdout.write('closed\n');
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
