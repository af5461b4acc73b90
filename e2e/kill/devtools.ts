import { WebSocket } from 'ws';

/** The window's page through Chromium's own debugging protocol: lighter than a driver that is started fifty times. */
export interface PageLink {
  /** Evaluates an expression in the page and gives its (awaited) value. */
  evaluate(expression: string): Promise<unknown>;
  /** Calls back with what the page hands to `window[name](text)`. */
  bind(name: string, listener: (text: string) => void): Promise<void>;
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly payload?: string };
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string };
  };
}

/** Connects to the first page behind a debugging port; null while there is none. */
export async function openPage(port: number): Promise<PageLink | null> {
  const targets = await fetch(`http://127.0.0.1:${port}/json/list`)
    .then((answer) => answer.json() as Promise<{ type: string; webSocketDebuggerUrl: string }[]>)
    .catch(() => []);
  const page = targets.find(({ type }) => type === 'page');
  if (!page) return null;
  const socket = new WebSocket(page.webSocketDebuggerUrl, { perMessageDeflate: false });
  const pending = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  const bindings = new Map<string, (text: string) => void>();
  let last = 0;
  const end = (error: Error) => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.method === 'Runtime.bindingCalled')
      bindings.get(answer.params?.name ?? '')?.(answer.params?.payload ?? '');
    if (answer.id === undefined) return;
    pending.get(answer.id)?.resolve(answer);
    pending.delete(answer.id);
  });
  socket.on('close', () => end(new Error('the page is gone')));
  const opened = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.on('error', end);
  if (!opened) return null;
  const send = (method: string, params: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) {
        reject(new Error('the page is gone'));
        return;
      }
      last += 1;
      pending.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  return {
    async evaluate(expression) {
      const { result, error } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      const fault = error?.message ?? result?.exceptionDetails?.text;
      if (fault !== undefined) throw new Error(fault);
      return result?.result?.value;
    },
    async bind(name, listener) {
      bindings.set(name, listener);
      await send('Runtime.enable', {});
      await send('Runtime.addBinding', { name });
    },
    close: () => socket.terminate(),
  };
}
