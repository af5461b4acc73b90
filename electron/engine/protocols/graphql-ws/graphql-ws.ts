import type { Recipe } from '../../../../shared/recipe';
import type { SpeakOf } from '../../../../shared/speak';
import { dialogueProtocol } from '../dialogue-protocol';
import { type ProtocolEntry, socketOnly } from '../entry';
import { filled } from '../recipe/filled';
import { FormMemory } from './memory';
import { GraphqlSession, type Operation } from './session';

/** Close codes of https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md, and of its servers. */
const closes: Recipe['closes'] = [
  { from: 4400, to: 4400, means: 'stop', text: 'it cannot read what was said' },
  { from: 4401, to: 4401, means: 'login-refused' },
  { from: 4403, to: 4403, means: 'login-refused' },
  { from: 4406, to: 4406, means: 'stop', text: 'it speaks none of the forms that were offered' },
  { from: 4408, to: 4408, means: 'again', text: 'it was not greeted in time' },
  { from: 4409, to: 4409, means: 'again', text: 'there is such a subscription already' },
  { from: 4429, to: 4429, means: 'again', afterSeconds: 5, text: 'it was greeted too often' },
  { from: 4499, to: 4499, means: 'planned' },
  { from: 4500, to: 4500, means: 'again', text: 'an error of the server' },
];

const nothing: Operation = { query: '', variables: '', operationName: '', payload: '' };

/** GraphQL subscriptions over WebSocket, in the form of today and the older one, whichever the server chooses. */
export const graphqlWs: ProtocolEntry = {
  make({ recipe }) {
    const operation = recipe?.speak?.protocol === 'graphql-ws' ? operationOf(recipe.speak, recipe) : nothing;
    const memory = new FormMemory();
    // Who says what is offered, or what a code means, is right.
    const asTold = (recipe?.ask.subprotocols ?? []).length > 0;
    const meant = (code: number): boolean => (recipe?.closes ?? []).some(({ from, to }) => code >= from && code <= to);
    return dialogueProtocol(recipe, {
      name: 'graphql-ws',
      heartbeatMs: null,
      subprotocols: () => memory.offers(),
      closes,
      unasked: operation.query.trim() === '' ? 'Enter the subscription: nothing else is sent.' : null,
      cannotSend:
        'A subscription only listens: what changes something in GraphQL is a mutation, which applications send over HTTP.',
      address: (url) => url,
      dialogue: (read) => new GraphqlSession(operation, read, memory, (code) => asTold || meant(code)),
    });
  },
  ladder: socketOnly,
  claims: (url) => /^wss?:$/.test(url.protocol) && /\/(graphql|subscriptions)\/?$/i.test(url.pathname),
  says: [
    'connection_init, with the login where one is entered.',
    'The subscription, once the server has taken that.',
    'An answer to each ping of the server.',
  ],
};

function operationOf(speak: SpeakOf<'graphql-ws'>, recipe: Recipe): Operation {
  const said = (text: string): string => filled(text, recipe, {}).trim();
  return {
    query: said(speak.query),
    variables: said(speak.variables),
    operationName: said(speak.operationName),
    payload: said(speak.payload),
  };
}
