import { shippedRecipes } from '../../../electron/engine/protocols/recipes/shipped';
import type { Corpus, Sample } from '../sample';

const trade =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1760000000001,"s":"BTCUSDT","t":12,"p":"60000.10","q":"0.25"}}';

/** What feeds of no protocol say, of every kind that a recipe comes along for. */
const said: readonly string[] = [
  trade,
  '{"result":null,"id":1}',
  '{"type":"auth_required","ha_version":"2026.1"}',
  '{"id":1,"type":"event","event":{"event_type":"state_changed","time_fired":"2025-10-09T08:53:20.123456+00:00","data":{"entity_id":"sensor.t","new_state":{"state":"21.5"}}}}',
  '{"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"a","uid":"u","resourceVersion":"123"},"status":{"phase":"Running"}}}',
  '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}',
  '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}',
  '[DONE]',
  '{"stream":["user"],"event":"update","payload":"{\\"id\\":\\"109\\",\\"created_at\\":\\"2025-10-09T08:53:20.000Z\\"}"}',
  '[{"fingerprint":"a1","status":{"state":"active"},"labels":{"alertname":"X"},"startsAt":"2025-10-09T08:53:20Z"}]',
  '{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":{"number":"0x1b4"}}}',
  '{"type":"ping","message":1760000000}',
  '{"a":1}\n{"a":2}\n',
  '[{"id":1,"n":1},{"id":2,"n":"x"}]',
  '{"specversion":"1.0","id":"A1","source":"/s","type":"t","time":"2025-10-09T08:53:20Z","data":{"v":1}}',
];

const samples = (recipe?: Sample['recipe']): readonly Sample[] => [
  { transport: 'websocket', frames: said, ...(recipe ? { recipe } : {}) },
  {
    transport: 'sse',
    token: 'i3',
    frames: said.map((data, at) => ({ data, event: at % 3 === 0 ? 'update' : 'message', id: `i${at}` })),
    ...(recipe ? { recipe } : {}),
  },
  {
    transport: 'poll',
    frames: said.map((data, at) => ({ data, headers: [['etag', `"${at}"`]] as const })),
    ...(recipe ? { recipe } : {}),
  },
  { transport: 'poll', frames: said.map((data) => ({ data, line: true as const })), ...(recipe ? { recipe } : {}) },
  {
    transport: 'websocket',
    frames: [...said.slice(0, 3), new Uint8Array([0x83, 0xa1, 0x61, 0x01, 0xff]), ...said.slice(3)],
    ...(recipe ? { recipe } : {}),
  },
];

/** Without a recipe, and with each that comes along: named `json` and as the recipe is. */
export const plainCorpora: readonly (readonly [string, Corpus])[] = [
  ['json', { protocol: 'json', samples: samples(), broken: [] }],
  ...[...shippedRecipes].flatMap(([name, recipe]): readonly (readonly [string, Corpus])[] =>
    recipe.speak === undefined ? [[`recipe ${name}`, { protocol: 'json', samples: samples(recipe), broken: [] }]] : [],
  ),
];
