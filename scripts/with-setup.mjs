/**
 * Runs a command after the set-up, such as `node scripts/with-setup.mjs --needs electron,display -- playwright test`;
 * without a command it is the set-up alone.
 *
 * It is silent when there is nothing to set up, and what it says goes to stderr. The command keeps its arguments, its
 * streams and its exit code.
 */
import { insistOnNode } from './setup/node-version.mjs';

insistOnNode();
// Only now: on an old Node the rest may not even parse.
const { withSetUp } = await import('./setup.mjs');
const { run } = await import('./setup/processes.mjs');
const { tool } = await import('./setup/project.mjs');

const words = process.argv.slice(2);
const end = words.includes('--') ? words.indexOf('--') : words.length;
const [option, needs = ''] = words.slice(0, end);
const [word, ...args] = words.slice(end + 1);

await withSetUp(option === '--needs' ? needs.split(',') : [], async ({ env }) => {
  if (!word) return 0;
  const call = tool(word, args);
  return (await run(call.command, call.args, { env })).code;
});
