import { parseArgs } from 'node:util';
import { killAgainAndAgain } from './kill';

const usage = `Usage: npm run test:kill -- [--times N] [--rate N] [--json] [--keep FOLDER]

Starts the built application, kills its main process with -9 at a random moment while events arrive, and again, N times
on the same user data; then compares its journal with what the server published.
  --times N      kills (default 10)
  --rate N       events per second, half of them from a gateway over three transports, half from plain SSE with ids
                 (default 5000); beside them a list of the newest entries is polled every second
  --keep FOLDER  user data to begin with and to leave behind
  --json         the result as one JSON line instead of a sentence
The exit code is 0 when nothing was lost or repeated and nothing else was wrong, 1 otherwise.`;

/** `npm run test:kill`. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '10' },
      rate: { type: 'string', default: '5000' },
      keep: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const times = Number(values.times);
  const rate = Number(values.rate);
  if (values.help || !(Number.isInteger(times) && times > 0 && rate > 0)) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 64;
  }
  const began = performance.now();
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const result = await killAgainAndAgain({ times, rate, keep: values.keep ?? null }, say);
  const { kills, published, lost, repeated, alerts, settingsChanges, faults } = result;
  for (const fault of faults) say(`wrong: ${fault}`);
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`${published} events published, ${settingsChanges} settings changes answered, ${seconds} s`);
  say(`alerts: ${alerts.demanded}, lost: ${alerts.lost}, repeated: ${alerts.repeated}`);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ test: 'kill', kills, published, lost, repeated, alerts, settingsChanges, faults, seconds })}\n`
      : `kills: ${kills}, lost: ${lost}, repeated: ${repeated}\n`,
  );
  return lost === 0 && repeated === 0 && faults.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
