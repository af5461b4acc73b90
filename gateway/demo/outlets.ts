import { Batch } from '../delivery/frame';
import type { ByteSink, Outlets } from '../delivery/outlets';
import { type Report, tellAll } from '../tell';
import type { FaultMachine } from './faults';

/** How long an event that is held back may wait for the next one to change places with, ms. */
const heldMs = 500;
/** What a buffering proxy collects before it passes it on. */
const proxyBufferBytes = 8 * 1024;

/** A batch as the faults made it, and who was given it: they get what was held back of it, too. */
interface Tampered {
  readonly batch: Batch;
  readonly given: Set<(late: Batch) => void>;
}

/** The gateway's wires with faults on them: events lost, repeated, in changed places; SSE behind a buffer. */
export function createFaultyOutlets(faults: FaultMachine, report: Report): Outlets {
  /** Made once for all clients: they see the same fault. */
  const made = new WeakMap<Batch, Tampered>();

  function tamper(stream: string, batch: Batch): Tampered {
    const known = made.get(batch);
    if (known !== undefined) return known;
    const entries = faults.live(stream, batch.epoch, batch.entries);
    const given = new Set<(late: Batch) => void>();
    const tampered = { batch: new Batch(batch.epoch, batch, entries), given };
    made.set(batch, tampered);
    const release = (): void => {
      const held = faults.release(stream);
      if (held.length === 0) return;
      const late = new Batch(batch.epoch, { first: batch.last, last: batch.last }, held);
      tellAll(given, (give) => give(late), report);
    };
    if (faults.holds(stream)) setTimeout(release, heldMs).unref();
    return tampered;
  }

  return {
    push(stream, outlet) {
      let ended = false;
      const give = (late: Batch): void => {
        if (!ended) outlet.batch(late);
      };
      return {
        ...outlet,
        batch(batch) {
          const { batch: tampered, given } = tamper(stream, batch);
          given.add(give);
          outlet.batch(tampered);
        },
        end(goodbye) {
          ended = true;
          outlet.end(goodbye);
        },
        reset() {
          ended = true;
          outlet.reset();
        },
      };
    },
    bytes: (sink) => buffered(sink, () => faults.settings.bufferSse),
    poll: (stream, outlet) => ({
      async answer(answer) {
        await faults.gate();
        await outlet.answer({ ...answer, entries: faults.answer(stream, answer.epoch, answer.entries) });
      },
    }),
  };
}

/** A proxy in front of an SSE answer that lets bytes out when it has enough of them. */
function buffered(sink: ByteSink, isOn: () => boolean): ByteSink {
  let held: Buffer[] = [];
  let heldBytes = 0;

  function release(): void {
    if (heldBytes > 0) sink.write(Buffer.concat(held));
    held = [];
    heldBytes = 0;
  }

  return {
    write(chunk, flushed) {
      if (!isOn() && heldBytes === 0) {
        sink.write(chunk, flushed);
        return;
      }
      const bytes = Buffer.from(chunk);
      held.push(bytes);
      heldBytes += bytes.length;
      if (heldBytes >= proxyBufferBytes || !isOn()) release();
      // The server does not know that a proxy holds its bytes: to it they are gone.
      if (flushed !== undefined) setImmediate(flushed);
    },
    end(chunk) {
      release();
      sink.end(chunk);
    },
  };
}
