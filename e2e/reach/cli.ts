import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { openCertificateDesk } from '../../electron/engine/dialling/testing/certificates';
import { startHttpProxy } from '../../electron/engine/dialling/testing/http-proxy';
import { startSocksProxy } from '../../electron/engine/dialling/testing/socks-proxy';
import { createGateway } from '../../gateway/gateway';
import { httpTransports } from '../../shared/transport';
import { startElectronWatcher } from './electron-watcher';
import { startPacReader } from './pac';
import { freePort } from './processes';
import { feedName, startSquid, startTinyproxy } from './proxies';
import { sendTrials } from './send';
import { runSituation, type Verdict } from './situation';
import { electronSituationsOf, situationsOf, type World } from './situations';
import { startTlsFront } from './tls-front';
import { startTokenService } from './token-service';
import { tokenSituations } from './tokens';

/**
 * `npm run test:reach`: every proxy, certificate and credential there is, against real servers, over all four
 * transports: the same answer in the same sentence. `--only WORDS` runs the situations whose names hold them.
 */
async function main(): Promise<void> {
  const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
  const missing = (process.env.WIREWATCH_NOT_RUN ?? '').split(' ').filter(Boolean);
  if (missing.length > 0) throw new Error(`These servers are missing: ${missing.join(', ')}.`);
  const closers: (() => unknown)[] = [];
  let situations = 0;
  let passed = 0;
  let failed = 0;
  const judge = (name: string, verdicts: readonly Verdict[], ms: number) => {
    situations += 1;
    const bad = verdicts.filter(({ problem }) => problem !== null);
    passed += verdicts.length - bad.length;
    failed += bad.length;
    const said = verdicts[0]?.sentence ?? '';
    console.log(`${bad.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${(ms / 1000).toFixed(1)} s): ${said}`);
    for (const { transport, problem } of bad) console.log(`       ${transport}: ${problem}`);
  };
  try {
    const world = await open(closers);
    for (const situation of situationsOf(world)) {
      if (only && !situation.name.includes(only)) continue;
      const startedAt = Date.now();
      judge(situation.name, await verdictsOf(() => runSituation(situation)), Date.now() - startedAt);
    }
    const electron = await startElectronWatcher();
    if (electron) {
      closers.push(() => electron.close());
      for (const situation of electronSituationsOf(world)) {
        const name = `in Electron: ${situation.name}`;
        if (only && !name.includes(only)) continue;
        const startedAt = Date.now();
        judge(name, await verdictsOf(() => electron.run(situation)), Date.now() - startedAt);
      }
    } else console.log('not run: TLS in Electron (no Electron here)');
    if (!only || only.startsWith('token')) {
      const clientSecret = `planted-${randomBytes(9).toString('base64url')}`;
      const service = await startTokenService({ gateway: world.gateway, gatewayToken: world.token, clientSecret });
      closers.push(() => service.close());
      for await (const { name, verdicts, ms } of tokenSituations({ service, clientSecret })) judge(name, verdicts, ms);
    }
    if (!only || only.startsWith('send')) {
      for (const { name, problem } of await sendTrials()) {
        if (problem !== null) failed += 1;
        console.log(`${problem === null ? 'ok  ' : 'FAIL'} ${name}${problem === null ? '' : `: ${problem}`}`);
      }
    }
  } finally {
    for (const close of closers.reverse()) await close();
  }
  console.log(
    `reach: ${situations} situations × ${httpTransports.length} transports, ${passed} passed, ${failed} failed`,
  );
  process.exitCode = failed === 0 && (situations > 0 || only !== undefined) ? 0 : 1;
}

async function verdictsOf(run: () => Promise<readonly Verdict[]>): Promise<readonly Verdict[]> {
  try {
    return await run();
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return httpTransports.map((transport) => ({ transport, problem, sentence: '' }));
  }
}

/** Starts everything that stands on the way. */
async function open(closers: (() => unknown)[]): Promise<World> {
  const closing = <Thing extends { close(): unknown }>(thing: Thing): Thing => {
    closers.push(() => thing.close());
    return thing;
  };
  const random = () => randomBytes(9).toString('base64url');
  const login = { user: 'watcher', password: `planted-${random()}` };
  const token = `planted-${random()}`;
  const passphrase = `planted-${random()}`;

  const gateway = closing(
    createGateway({ feed: 'none', streams: ['reach'], token, heartbeatMs: 1000, allowedOrigins: [] }),
  );
  const { port } = await gateway.listen();
  let n = 0;
  const ticking = setInterval(() => {
    n += 1;
    void gateway.publish('reach', { type: 'tick', data: { n } });
  }, 100);
  closers.push(() => clearInterval(ticking));

  const desk = closing(openCertificateDesk());
  const hosts = { [feedName]: '127.0.0.1' };
  const front = closing(await startTlsFront(desk, port, passphrase));
  const proxyCertificate = desk.issue({ name: 'proxy.wirewatch.test', issuer: front.authority });
  const tls = { key: proxyCertificate.key, cert: proxyCertificate.certificate };
  const pac = startPacReader();
  if (pac) closers.push(() => pac.close());
  else console.log('not run: PAC scripts (no Electron here)');
  return {
    gateway: port,
    nobody: await freePort(),
    token,
    login,
    front,
    squid: closing(await startSquid(login)),
    tinyproxy: {
      open: closing(await startTinyproxy({})),
      login: closing(await startTinyproxy({ login })),
      closed: closing(await startTinyproxy({ refuse: true })),
    },
    socks: {
      open: closing(await startSocksProxy({ hosts })),
      login: closing(await startSocksProxy({ hosts, login })),
      refusing: closing(await startSocksProxy({ reply: 2 })),
    },
    own: {
      tls: closing(await startHttpProxy({ hosts, tls })),
      late: closing(await startHttpProxy({ hosts, delayMs: 2000 })),
      mute: closing(await startMute()),
      windows: closing(await startHttpProxy({ login: 'nobody:at-all', asks: ['Negotiate', 'NTLM'] })),
    },
    pac: pac ? (script, url) => pac.ask(script, url) : null,
  };
}

/** Takes connections and says nothing. */
async function startMute() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    asked: [],
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
