import { encode } from '@msgpack/msgpack';
import { encode as encodeCbor } from 'cbor';
import { createBodyReader } from '../../electron/engine/protocols/body-encodings/body-reader';
import { messageNames, readDescriptors } from '../../electron/engine/protocols/body-encodings/descriptors';
import { createProtobufDecoder } from '../../electron/engine/protocols/body-encodings/protobuf';
import { weatherDescriptors, weatherReading } from '../../electron/engine/protocols/body-encodings/testing/weather';
import type { SeededRandom } from '../../electron/engine/simulation/seeded-random';
import { recipeSchema } from '../../shared/recipe';
import { mutatedBytes } from './mutate';
import type { Target } from './target';

const said = { celsius: 21.5, name: 'ä', big: 9007199254740993n, list: [null, true, { a: [1, 2] }], at: new Date(0) };
const samples = {
  messagepack: [encode(said, { useBigInt64: true })],
  cbor: [encodeCbor(said)],
  protobuf: [Buffer.from(weatherReading, 'base64'), Buffer.from(weatherReading, 'base64').subarray(0, 40)],
};

function bytesTarget(name: string, good: readonly Uint8Array[], read: (bytes: Uint8Array) => void): Target {
  const draw = (random: SeededRandom): Uint8Array => mutatedBytes(random.pick(good), good, random);
  return {
    name,
    prepare(random) {
      const bytes = draw(random);
      return () => read(bytes);
    },
    long: (random) => () => read(draw(random)),
    broken: () => [],
  };
}

/** What is read is JSON; what cannot be says why. */
function bodies(as: keyof typeof samples): Target {
  const recipe = recipeSchema.parse({
    name: 'own',
    title: 'Own',
    read: { descriptors: weatherDescriptors, encodings: [{ as, message: 'weather.Reading' }] },
  });
  const read = createBodyReader(recipe);
  return bytesTarget(`bodies ${as}`, samples[as], (bytes) => {
    const found = read(bytes, 'a');
    if (found.text !== null) JSON.parse(found.text);
    else if (found.why === null) throw new Error('a body that cannot be read, without its cause');
  });
}

/** Every way in which bodies of bytes are written, and the descriptors of strangers. */
export const bodyTargets: readonly Target[] = [
  bodies('messagepack'),
  bodies('cbor'),
  bodies('protobuf'),
  bytesTarget('bodies descriptors', [Buffer.from(weatherDescriptors, 'base64')], (bytes) => {
    const base64 = Buffer.from(bytes).toString('base64');
    const set = readDescriptors(base64);
    if (!set.ok && set.why === '') throw new Error('a descriptor set that is none, without its cause');
    const [name] = messageNames(set);
    if (name === undefined) return;
    try {
      createProtobufDecoder(base64, name)(Buffer.from(weatherReading, 'base64'));
    } catch (error) {
      if (!(error instanceof Error)) throw new Error('thrown, and no error');
    }
  }),
];
