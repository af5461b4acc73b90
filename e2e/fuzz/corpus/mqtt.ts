import { generate, type Packet } from 'mqtt-packet';
import type { Corpus, Sample } from '../sample';

const options = (version: 4 | 5) => ({ protocolVersion: version });

const mqtt = (version: 4 | 5, packets: readonly Packet[]): readonly Uint8Array[] =>
  packets.map((packet) => new Uint8Array(generate(packet, options(version))));

const publish = (more: object): Packet => ({
  ...{ cmd: 'publish', topic: 'roof/t1', payload: Buffer.from('21.5'), qos: 0, retain: false, dup: false },
  ...more,
});

const four: readonly Packet[] = [
  { cmd: 'connack', returnCode: 0, sessionPresent: true },
  { cmd: 'suback', messageId: 1, granted: [1, 128] },
  publish({ retain: true }),
  publish({ qos: 1, messageId: 7, payload: Buffer.from('{"celsius":"21.5","at":1760000000}') }),
  publish({ qos: 2, messageId: 8, dup: true, payload: Buffer.from([0xff, 0x00, 0xfe]) }),
  { cmd: 'pubrel', messageId: 8 },
  { cmd: 'pingresp' },
];

const five: readonly Packet[] = [
  {
    ...{ cmd: 'connack', reasonCode: 0, sessionPresent: false },
    properties: { serverKeepAlive: 20, receiveMaximum: 10, topicAliasMaximum: 5, assignedClientIdentifier: 'x' },
  },
  { cmd: 'suback', messageId: 1, granted: [1], reasonCode: 0 },
  publish({ properties: { topicAlias: 1, messageExpiryInterval: 10, contentType: 'application/json' } }),
  publish({ topic: '', qos: 1, messageId: 3, properties: { topicAlias: 1 } }),
  { cmd: 'disconnect', reasonCode: 0x8b, properties: { reasonString: 'going' } },
];

const refused: readonly Packet[] = [{ cmd: 'connack', returnCode: 5, sessionPresent: false }];

const recipe: Sample['recipe'] = {
  ...{ name: 'r', title: 'R' },
  speak: { protocol: 'mqtt', topics: ['roof/#', 'yard/+'], user: 'u', password: 'p', version: '3.1.1' },
};

const mqttSample = (transport: 'tcp' | 'websocket', version: 4 | 5, packets: readonly Packet[]): Sample => ({
  transport,
  url: transport === 'tcp' ? 'mqtt://h' : 'ws://h/mqtt',
  frames: mqtt(version, packets),
  recipe: version === 4 ? recipe : { ...recipe, speak: { protocol: 'mqtt', version: '5' } },
});

/** https://docs.oasis-open.org/mqtt/mqtt/v5.0/ and v3.1.1. */
export const mqttCorpus: Corpus = {
  protocol: 'mqtt',
  samples: [
    mqttSample('tcp', 4, four),
    mqttSample('websocket', 4, four),
    mqttSample('tcp', 5, five),
    mqttSample('tcp', 4, refused),
  ],
  broken: [new Uint8Array([0x30, 0x03, 0x00, 0x09, 0x61]), new Uint8Array([0xf0, 0x00])],
};
