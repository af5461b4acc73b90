import type { AppInfo, Bridge, Update, UpdateBatch } from '../../shared/ipc';

/** What a session tells the window. */
export interface SessionSink {
  attached(generation: number, app: AppInfo): void;
  failed(message: string): void;
  /** Main's clock minus ours, ms: ages and countdowns are reckoned with it. */
  clock(offsetMs: number): void;
  /** Updates of the current generation, in order. */
  updates(updates: readonly Update[]): void;
}

export interface SessionDeps {
  readonly bridge: Bridge;
  readonly sink: SessionSink;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

/**
 * Attaches the window to main and carries its updates to the sink until the returned function is called.
 *
 * Invariants: every batch is acknowledged in its message handler, before anything is painted, since a hidden window
 * paints nothing; batches that arrive before the attach answer wait for it; those of an older generation change nothing. A
 * newer one means that somebody attached in this page's place after it had (an empty document that came before it, whose
 * message was overtaken: each document has a pipe of its own to main): the page attaches once more, or it would show its
 * first state for good.
 */
export function startSession({ bridge, sink, now }: SessionDeps): () => void {
  /** Null while it is asked for. */
  let generation: number | null = null;
  let early: UpdateBatch[] = [];
  let ended = false;

  const take = (batch: UpdateBatch): void => {
    if (generation === null) {
      early.push(batch);
      return;
    }
    if (batch.generation > generation) {
      generation = null;
      attach();
      return;
    }
    if (batch.generation < generation) return;
    sink.clock(batch.now - now());
    sink.updates(batch.updates);
  };

  const unsubscribe = bridge.onUpdates((batch) => {
    if (ended) return;
    void bridge.call('window.ack', { generation: batch.generation, batch: batch.batch });
    take(batch);
  });

  function attach(): void {
    bridge.call('window.attach', {}).then(
      (result) => {
        if (ended) return;
        if (!result.ok) {
          sink.failed(result.error.kind === 'invalid' ? 'The request to attach was refused.' : result.error.message);
          return;
        }
        generation = result.value.generation;
        sink.attached(result.value.generation, result.value.app);
        const waited = early;
        early = [];
        for (const batch of waited) take(batch);
      },
      (error: unknown) => {
        if (!ended) sink.failed(error instanceof Error ? error.message : String(error));
      },
    );
  }

  attach();

  return () => {
    ended = true;
    unsubscribe();
  };
}
