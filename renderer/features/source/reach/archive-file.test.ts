import { describe, expect, it } from 'vitest';
import { base64Of, maxArchiveBytes } from './archive-file';

describe('a chosen archive', () => {
  it('is its bytes as base64', async () => {
    expect(await base64Of(new Blob([new Uint8Array([0, 255, 128, 10])]))).toBe('AP+ACg==');
    expect(await base64Of(new Blob([new Uint8Array(maxArchiveBytes)]))).toHaveLength(256 * 1024);
  });

  it('hostile 7: is read up to what an archive may have, whatever the file says of its size', async () => {
    expect(await base64Of(new Blob([new Uint8Array(maxArchiveBytes + 1)]))).toBeNull();
    let asked = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        asked += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
      cancel() {
        cancelled = true;
      },
    });
    expect(await base64Of({ stream: () => endless })).toBeNull();
    expect(asked).toBeLessThan(10);
    expect(cancelled).toBe(true);
  });
});
