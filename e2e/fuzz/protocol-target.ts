import type { Frame } from '../../electron/engine/core/frame';
import type { SeededRandom } from '../../electron/engine/simulation/seeded-random';
import { mutatedBytes, mutatedText } from './mutate';
import type { Corpus, Sample } from './sample';
import { frameOf, openerOf } from './session';
import type { Target } from './target';

/** A protocol's decoder and conversation, with its own samples changed. */
export function protocolTarget(name: string, corpus: Corpus): Target {
  const samples = corpus.samples.map((sample) => ({
    open: openerOf(corpus, sample),
    frames: sample.frames.map(frameOf),
    sample,
  }));
  const texts = samples.flatMap(({ frames }) => frames.flatMap(({ data }) => (typeof data === 'string' ? [data] : [])));
  const binaries = samples.flatMap(({ frames }) =>
    frames.flatMap(({ data }) => (typeof data === 'string' ? [] : [data])),
  );

  function mutated(frame: Frame, random: SeededRandom): Frame {
    const { data } = frame;
    const changed = typeof data === 'string' ? mutatedText(data, texts, random) : mutatedBytes(data, binaries, random);
    return { ...frame, data: changed, bytes: changed.length };
  }

  /** Frames of a session: those of a sample, some of them changed, twice, left out or in another order. */
  function script(frames: readonly Frame[], random: SeededRandom): readonly Frame[] {
    const said: Frame[] = [];
    for (const frame of frames) {
      const fate = random.next();
      if (fate < 0.1) continue;
      said.push(fate < 0.5 ? mutated(frame, random) : frame);
      if (fate > 0.95) said.push(frame);
    }
    if (random.next() < 0.1) said.reverse();
    return said;
  }

  return {
    name,
    prepare(random) {
      const { open, frames } = random.pick(samples);
      const said = script(frames, random);
      return () => {
        const session = open();
        for (const frame of said) session.hear(frame);
      };
    },
    long(random) {
      const { open, frames } = random.pick(samples);
      const session = open();
      return () => {
        for (const frame of script(frames, random)) session.hear(frame);
      };
    },
    broken: () =>
      corpus.broken.flatMap((one, at) => {
        const [first] = samples;
        if (!first) return [`${name} has no sample`];
        const session = openerOf(corpus, first.sample satisfies Sample)();
        for (const frame of first.frames) session.hear(frame);
        const before = session.errors.length;
        session.hear(frameOf(one));
        return session.errors.length > before ? [] : [`broken message ${at + 1} is counted nowhere`];
      }),
  };
}
