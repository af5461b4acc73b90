import type { Protocol } from '../../core/protocol';
import { type Making, type ProtocolEntry, streamOrSocket } from '../entry';
import { createEnvelopeReader } from '../recipe/envelope';
import { Deliveries } from './deliveries';
import { pingMs } from './handshake';
import { MqttMemory } from './memory';
import { mqttPackets } from './packet-length';
import { mqttOutlet } from './publishing';
import { MqttSession } from './session';
import { toldOf } from './told';

const kept =
  'In order of arrival, each topic a stream. What is published with quality 1 or 2 the broker keeps while we are away, and is acknowledged once it is on disk: as long as the broker keeps it none is lost, and what it marks as sent once more is not shown twice. What it did not keep is shown as a gap.';

const withoutPlace =
  'In order of arrival, each topic a stream. Nothing shows yet that the broker keeps anything for us: what is published with quality 0 it does not keep, and what a break cost cannot be known and is shown as a gap.';

/**
 * MQTT 3.1.1 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/) and 5 (https://docs.oasis-open.org/mqtt/mqtt/v5.0/), over TCP,
 * TLS and WebSocket: topics are streams, and a session that the broker keeps is the place to go on from.
 */
export const mqtt: ProtocolEntry = {
  make: createMqttProtocol,
  ladder: (url) => streamOrSocket(url, ['mqtt:', 'mqtts:']),
  claims: (url) => url.protocol === 'mqtt:' || url.protocol === 'mqtts:',
  says: [
    'CONNECT, with a client id, and user and password where they are entered.',
    'SUBSCRIBE for the topics.',
    `PINGREQ every ${pingMs / 1000} s, and an acknowledgement of each message of quality 1 or 2.`,
  ],
};

function createMqttProtocol({ recipe, source = '' }: Making): Protocol {
  const memory = new MqttMemory();
  const { numbering = 'none', uniqueIds = false } = recipe?.read ?? {};
  const keeps = toldOf(recipe, source, '').keeps;
  const promise = keeps ? kept : withoutPlace;
  return {
    name: 'mqtt',
    numbering,
    uniqueIds,
    resumable: keeps && numbering === 'none',
    headless: true,
    heartbeatMs: recipe?.heartbeatSeconds === undefined ? pingMs : recipe.heartbeatSeconds * 1000,
    promise: recipe?.promise ?? promise,
    ...(recipe?.promise === undefined ? { promiseWithoutPlace: withoutPlace } : {}),
    placeOf: (token) => token,
    // The broker says itself whether it kept our session.
    opaquePlaces: true,
    attach: ({ url, transport }) => ({
      ...{ url, headers: [], lastEventId: null },
      subprotocols: transport === 'websocket' ? ['mqtt'] : [],
      packets: mqttPackets,
    }),
    createDecoder(rung) {
      const told = toldOf(recipe, source, rung.url);
      const version = told.version === 'auto' ? memory.next() : told.version === '5' ? 5 : 4;
      const deliveries = new Deliveries(told, recipe, memory, createEnvelopeReader(recipe));
      return new MqttSession(told, version, memory, deliveries);
    },
    replayMessage: () => null,
    replayRequest: () => null,
    outlet: mqttOutlet,
    snapshotUrl: () => null,
  };
}
