import type { ProtocolName } from '../../shared/protocols';
import { gatewayCorpus } from './corpus/gateway';
import { mqttCorpus } from './corpus/mqtt';
import { nchanCorpus } from './corpus/nchan';
import { plainCorpora } from './corpus/plain';
import { prometheusCorpus } from './corpus/prometheus';
import { socketIoCorpus } from './corpus/socket-io';
import { stompCorpus } from './corpus/stomp';
import { graphqlCorpus, phoenixCorpus, pusherCorpus, signalrCorpus } from './corpus/text-protocols';
import type { Corpus } from './sample';

/** A recording is a file, and read elsewhere; feeds of no protocol are tried with every recipe. */
type Tried = Exclude<ProtocolName, 'recording' | 'json'>;

const ofProtocols: Readonly<Record<Tried, Corpus>> = {
  gateway: gatewayCorpus,
  nchan: nchanCorpus,
  prometheus: prometheusCorpus,
  mqtt: mqttCorpus,
  'socket-io': socketIoCorpus,
  stomp: stompCorpus,
  pusher: pusherCorpus,
  'graphql-ws': graphqlCorpus,
  signalr: signalrCorpus,
  phoenix: phoenixCorpus,
};

/** Good messages of everything that decodes, by name. */
export const corpora: readonly (readonly [string, Corpus])[] = [...Object.entries(ofProtocols), ...plainCorpora];
