/** `npm start [-- arguments]`: sets up, builds when something changed, and shows the window. */
import { insistOnNode } from './setup/node-version.mjs';

insistOnNode();
const { withSetUp } = await import('./setup.mjs');
const { run } = await import('./setup/processes.mjs');
const { root } = await import('./setup/project.mjs');
const { say, seconds } = await import('./setup/report.mjs');

const began = performance.now();
await withSetUp(['electron', 'display', 'build'], async ({ electron, electronArgs, env }) => {
  if (!electron) throw new Error('the set-up brought no Electron');
  say(`ready after ${seconds(performance.now() - began)}, starting Wirewatch in Electron ${electron.version}`);
  const args = [...electronArgs, root, ...process.argv.slice(2)];
  return (await run(electron.executable, args, { env })).code;
});
