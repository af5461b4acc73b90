import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures/electron';

/** What reaches these ports of loopback, whatever speaks: one line for each connection and each datagram. */
async function listenToAll() {
  const heard: string[] = [];
  const tcp = createServer((socket) => {
    heard.push('tcp');
    socket.on('error', () => {});
    socket.on('data', (bytes) => heard.push(`tcp: ${bytes.toString('latin1').slice(0, 80)}`));
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const address = tcp.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const udp = createSocket('udp4');
  udp.on('message', (bytes) => heard.push(`udp: ${bytes.length} bytes`));
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
  return {
    port,
    heard,
    close() {
      tcp.close();
      udp.close();
    },
  };
}

/** Every way out that a page has besides a request of its own, towards one port; `name`: a host that nobody knows. */
async function tryAllWays(page: Page, port: number, name: string): Promise<readonly string[]> {
  return page.evaluate(
    async ({ port: to, name: host }) => {
      const said: string[] = [];
      const at = `http://127.0.0.1:${to}`;
      const attempt = (what: string, act: () => void) => {
        try {
          act();
        } catch (error) {
          said.push(`${what}: ${String(error)}`);
        }
      };
      for (const rel of [
        'preconnect',
        'dns-prefetch',
        'prefetch',
        'preload',
        'modulepreload',
        'prerender',
        'icon',
        'stylesheet',
        'manifest',
      ]) {
        for (const href of [`${at}/${rel}`, `https://127.0.0.1:${to}/${rel}`, `//${rel}.${host}/`]) {
          const link = document.createElement('link');
          link.rel = rel;
          link.href = href;
          if (rel === 'preload') link.setAttribute('as', 'fetch');
          document.head.append(link);
        }
      }
      const rules = document.createElement('script');
      rules.type = 'speculationrules';
      rules.textContent = JSON.stringify({ prefetch: [{ source: 'list', urls: [`${at}/speculated`] }] });
      document.head.append(rules);
      attempt('beacon', () => void navigator.sendBeacon(`${at}/beacon`, 'x'));
      attempt('image', () => {
        new Image().src = `${at}/image`;
      });
      attempt('WebSocket', () => void new WebSocket(`ws://127.0.0.1:${to}/`));
      attempt('EventSource', () => void new EventSource(`${at}/sse`));
      attempt('fetch', () => void fetch(`${at}/fetch`, { mode: 'no-cors' }).catch(() => {}));
      attempt('WebTransport', () => {
        const transport = new (Reflect.get(globalThis, 'WebTransport'))(`https://127.0.0.1:${to}/`);
        transport.ready.catch(() => {});
        transport.closed.catch(() => {});
      });
      attempt('ping', () => {
        const anchor = document.createElement('a');
        anchor.href = '#pinged';
        anchor.ping = `${at}/ping`;
        document.body.append(anchor);
        anchor.click();
      });
      attempt('form', () => {
        const form = document.createElement('form');
        form.action = `${at}/form`;
        form.target = '_blank';
        document.body.append(form);
        form.submit();
      });
      attempt('frame', () => {
        const frame = document.createElement('iframe');
        frame.src = `${at}/frame`;
        document.body.append(frame);
      });
      for (const href of [`${at}/download`, URL.createObjectURL(new Blob(['planted'])), 'data:text/plain,planted']) {
        attempt('download', () => {
          const anchor = document.createElement('a');
          anchor.href = href;
          anchor.download = 'planted.txt';
          document.body.append(anchor);
          anchor.click();
        });
      }
      for (const urls of [
        `stun:127.0.0.1:${to}`,
        `turn:127.0.0.1:${to}?transport=udp`,
        `turn:127.0.0.1:${to}?transport=tcp`,
        `stun:rtc.${host}:3478`,
      ]) {
        attempt(urls, () => {
          const peer = new RTCPeerConnection({
            iceServers: [{ urls, username: 'u', credential: 'c' }],
          });
          peer.onicecandidate = ({ candidate }) => {
            if (candidate) said.push(`candidate: ${candidate.candidate}`);
          };
          peer.createDataChannel('out');
          void peer
            .createOffer()
            .then((offer) => peer.setLocalDescription(offer))
            .catch((error: unknown) => said.push(`${urls}: ${String(error)}`));
        });
      }
      // Straight to a peer that is named as a candidate, without any server.
      attempt('peer', () => {
        const peer = new RTCPeerConnection();
        const other = new RTCPeerConnection();
        peer.createDataChannel('out');
        void (async () => {
          await peer.setLocalDescription(await peer.createOffer());
          await other.setRemoteDescription(peer.localDescription as RTCSessionDescription);
          await other.setLocalDescription(await other.createAnswer());
          await peer.setRemoteDescription(other.localDescription as RTCSessionDescription);
          await peer.addIceCandidate({
            candidate: `candidate:1 1 udp 2113937151 127.0.0.1 ${to} typ host`,
            sdpMid: '0',
            sdpMLineIndex: 0,
          });
        })().catch((error: unknown) => said.push(`peer: ${String(error)}`));
      });
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return said;
    },
    { port, name },
  );
}

test('hostile 12: a page that was taken over reaches nothing: no peer, no connection ahead of need, no name, no download', async ({
  start,
  userData,
}) => {
  const running = await start();
  const { app, page } = running;
  running.forgive(/./);
  const listener = await listenToAll();
  const netLog = join(userData, 'net-log.json');
  await app.evaluate(async ({ session, app: application }, path) => {
    const downloads: string[] = [];
    Reflect.set(globalThis, 'downloads', downloads);
    session.defaultSession.on('will-download', (event, item) => {
      downloads.push(`${item.getURL().slice(0, 60)} ${event.defaultPrevented ? 'prevented' : item.getState()}`);
      item.once('done', (_event, state) => downloads.push(`${item.getURL().slice(0, 60)} ended: ${state}`));
    });
    application.setPath('downloads', `${path}-downloads`);
    await session.defaultSession.netLog.startLogging(path, { captureMode: 'everything' });
  }, netLog);
  try {
    const name = 'planted-name.test';
    const said = await tryAllWays(page, listener.port, name);
    await wait(1000);
    await app.evaluate(({ session }) => session.defaultSession.netLog.stopLogging());
    const log = await readFile(netLog, 'utf8');
    const downloads = await app.evaluate(() => Reflect.get(globalThis, 'downloads') as readonly string[]);
    // Both were begun, so that there was something to be refused.
    expect(downloads.filter((line) => line.endsWith('prevented'))).toHaveLength(2);
    expect(downloads.filter((line) => line.endsWith('ended: cancelled'))).toHaveLength(2);
    expect(listener.heard).toEqual([]);
    expect(said.filter((line) => line.startsWith('candidate'))).toEqual([]);
    expect(log).not.toContain(name);
  } finally {
    listener.close();
  }
});

test('hostile 12: the window has no way out, and sources still go through the proxy of the system', async ({
  start,
}) => {
  const { app } = await start({ args: ['--proxy-server=http://proxy.test:8080'] });
  const answers = () =>
    app.evaluate(async ({ session }) => ({
      window: await session.defaultSession.resolveProxy('http://feed.test/'),
      sources: await session.fromPartition('system-proxy').resolveProxy('http://feed.test/'),
    }));
  await expect.poll(answers).toEqual({ window: 'SOCKS5 127.0.0.1:1', sources: 'PROXY proxy.test:8080' });
});
