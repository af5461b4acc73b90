import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import type { SpeakOf } from '../../../../shared/speak';
import type { Frame } from '../../core/frame';
import { createEnvelopeReader, type Envelope } from './envelope';

const frame: Frame = { data: '', bytes: 0, receivedAt: 1_000, event: null, id: null, headers: [] };
const envelope: Envelope = { stream: 'roof/t1', type: null, id: 'm1', position: null, sentAt: 500, body: '' };
const speak: SpeakOf<'mqtt'> = {
  ...{
    protocol: 'mqtt',
    topics: ['#'],
    qos: 1,
    version: 'auto',
    user: '',
    password: '',
    clientId: '',
    keepSession: true,
  },
};

describe('a message that a protocol unwraps', () => {
  const read = createEnvelopeReader(null);

  it('is of the stream, id and time that its envelope says, and its body is read as any other', () => {
    expect(read(frame, { ...envelope, body: '{"type":"reading","celsius":"21.5"}' })).toMatchObject({
      kind: 'event',
      event: { stream: 'roof/t1', id: 'm1', sentAt: 500, type: 'reading', value: { celsius: '21.5' } },
    });
  });

  it('has the name that its envelope says', () => {
    expect(read(frame, { ...envelope, type: 'order', body: '{"type":"reading"}' })).toMatchObject({
      event: { type: 'order' },
    });
  });

  it('is text where its bytes are, and bytes where they are not', () => {
    expect(read(frame, { ...envelope, body: Buffer.from('21.5') })).toMatchObject({ event: { body: '21.5' } });
    const body = new Uint8Array([0xff, 0x00]);
    expect(read(frame, { ...envelope, body })).toMatchObject({ event: { type: 'binary', stream: 'roof/t1', body } });
  });

  it('is what the classes of a recipe say, and where that points for its stream and its numbers', () => {
    const recipe = recipeSchema.parse({
      name: 'r',
      title: 'R',
      speak,
      read: { stream: 'device' },
      classes: [{ when: [{ path: 'beat', exists: true }], is: 'life' }],
      values: [{ path: 'celsius', name: 'temperature' }],
    });
    const own = createEnvelopeReader(recipe);
    expect(own(frame, { ...envelope, body: '{"beat":1}' })).toMatchObject({ kind: 'heartbeat' });
    expect(own(frame, { ...envelope, body: '{"device":"d7","celsius":"21.5"}' })).toMatchObject({
      event: { stream: 'd7', measures: [{ name: 'temperature', value: 21.5 }] },
    });
  });
});
