import type { ProtocolName } from '../../../shared/protocols';
import type { Recipe } from '../../../shared/recipe';
import type { RungConfig } from '../../../shared/source';
import type { Protocol } from '../core/protocol';
import { type ProtocolEntry, withScheme } from './entry';
import { gatewayAddress, gatewayProtocol } from './gateway';
import { gatewayLadder } from './gateway-ladder';
import { graphqlWs } from './graphql-ws/graphql-ws';
import { mqtt } from './mqtt/mqtt';
import { nchanProtocol } from './nchan';
import { phoenix } from './phoenix/phoenix';
import { createPrometheusProtocol } from './prometheus/prometheus';
import { pusher } from './pusher/pusher';
import { createTalks } from './recipe/conversation';
import { recipeLadder } from './recipe/recipe-ladder';
import { createRecipeProtocol } from './recipe/recipe-protocol';
import { recordingProtocol } from './recording';
import { signalr } from './signalr/signalr';
import { socketIo } from './socket-io/socket-io';
import { stomp } from './stomp/stomp';

const json: ProtocolEntry = {
  make: ({ ladder, recipe }) => createRecipeProtocol(recipe, ladder),
  ladder: recipeLadder,
};

/** Where pages of metrics are by custom: those of exporters, of Kubernetes' kubelet, of federation, of Spring. */
const metricsPath = /\/(metrics|federate|prometheus)(\/[a-z]+)?\/?$/i;

/** Every protocol there is: one line each. */
const protocols: Record<ProtocolName, ProtocolEntry> = {
  gateway: { make: () => gatewayProtocol, ladder: gatewayLadder, claims: (url) => gatewayAddress(url.href) !== null },
  json,
  nchan: {
    make: () => nchanProtocol,
    ladder: (url) => [
      ['websocket', withScheme(url, 'ws')],
      ['sse', withScheme(url, 'http')],
      ['long-poll', withScheme(url, 'http')],
    ],
  },
  prometheus: {
    make: () => createPrometheusProtocol(),
    ladder: (url) => [['poll', withScheme(url, 'http')]],
    claims: (url) => /^https?:$/.test(url.protocol) && metricsPath.test(url.pathname),
  },
  mqtt,
  'socket-io': socketIo,
  pusher,
  'graphql-ws': graphqlWs,
  signalr,
  phoenix,
  stomp,
  recording: {
    make: () => recordingProtocol,
    ladder: () => ({
      message: 'A recording is a file.',
      fix: 'Write where it is, as in file:///home/me/orders.jsonl.gz.',
    }),
  },
};

/** What the engine knows of a protocol by its name. */
export function entryOf(name: ProtocolName): ProtocolEntry {
  return protocols[name];
}

/** The protocol of a source. */
export function protocolOf({
  protocol,
  ladder,
  recipe,
  source,
}: {
  readonly protocol: ProtocolName;
  readonly ladder: readonly RungConfig[];
  readonly recipe?: Recipe | undefined;
  /** Id of the source that is made of it. */
  readonly source?: string;
}): Protocol {
  const made = protocols[protocol].make({ ladder, recipe: recipe ?? null, source });
  return recipe ? speaking(made, recipe) : made;
}

/** Whatever a feed's protocol is, a recipe may say what is said to it: behind what the protocol says of its own. */
function speaking(made: Protocol, recipe: Recipe): Protocol {
  const talks = createTalks(recipe);
  return {
    ...made,
    createDecoder(rung, resume) {
      const decoder = made.createDecoder(rung, resume);
      if (decoder.conversation || talks === null || rung.transport !== 'websocket') return decoder;
      return { decode: (frame) => decoder.decode(frame), conversation: talks() };
    },
    ...(recipe.ask.post?.billed || recipe.ask.once ? { billed: true } : {}),
  };
}
