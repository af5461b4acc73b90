import { join } from 'node:path';
import { utilityProcess } from 'electron';
import type { FromGateway } from './messages';
import type { ChildSink, GatewayChild } from './supervisor';

/** Starts the gateway's process (out/main/gateway-process.js beside this bundle). */
export function spawnGatewayProcess(sink: ChildSink): GatewayChild {
  const child = utilityProcess.fork(join(__dirname, 'gateway-process.js'), [], {
    serviceName: 'Wirewatch gateway',
    stdio: 'ignore',
  });
  child.on('message', (message: FromGateway) => sink.onMessage(message));
  child.on('exit', (code) => sink.onExit(code));
  return {
    post: (message) => child.postMessage(message),
    kill() {
      // Not `child.kill()`: that asks (SIGTERM), and a gateway asked says goodbye first.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
      else child.once('spawn', () => this.kill());
    },
  };
}
