import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import { reachSchema } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import type { SourceDraft } from '../../../shared/source-draft';
import { type Speak, speakSchema } from '../../../shared/speak';
import { recordStored } from '../../cli/record-stored';
import { readReplayOptions } from '../../cli/replay-options';
import { replay } from '../../cli/replay-run';
import { readWatchOptions } from '../../cli/watch-options';
import { watch } from '../../cli/watch-run';
import { freshSettings, settingsSchema } from '../settings/schema';
import { openEchoFeed } from './testing/echo-feed';
import { textFieldsOf } from './testing/schema-fields';
import { openWindowRig } from './testing/window-rig';

/** Fields that say who, where or how, and are shown openly on purpose. Whoever adds one must say so here, or plant in it. */
const openFields = [
  ...['id', 'tls.fingerprint', 'tls.serverName', 'connectTo', 'headers[][0]'],
  ...['proxy<system>.user', 'proxy<manual>.user', 'credential<basic>.user', 'credential<header>.name'],
  ...['credential<query>.name', 'credential<cookie>.name', 'credential<oauth>.clientId', 'credential<oauth>.scope'],
  ...['credential<oauth>.audience', 'credential<oauth>.account', 'credential<token-url>.account'],
  ...['credential<token-command>.account'],
].map((field) => (field === 'id' ? 'sources[].id' : `sources[].reach.${field}`));
/** What a recipe tells of a feed: its names, where things stand in a message, and what they look like. */
const openOfRecipe = [
  ...[
    'name',
    'title',
    'about',
    'promise',
    'variables[].name',
    'variables[].title',
    'ask.accept',
    'ask.post.contentType',
  ],
  ...['items', 'body', 'stream', 'seq', 'epoch', 'id', 'time', 'type'].map((field) => `read.${field}`),
  ...[
    'classes[].when',
    'talk.open[].after',
    'talk.open[].expect',
    'talk.open[].refused',
    'talk.answers[].when',
  ].flatMap((when) => ['path', 'is', 'in[]', 'matches', 'event'].map((field) => `${when}[].${field}`)),
  ...['header', 'query'].flatMap((kind) => [`resume<${kind}>.name`, `resume<${kind}>.cursor`]),
  ...['classes[].why', 'resume<message>.cursor', 'resume<message>.first', 'closes[].text', 'list.identity[]'],
  ...['read.encodings[].streams', 'read.encodings[].message', 'read.descriptors'],
  ...['speak<mqtt>.topics[]', 'speak<mqtt>.clientId'],
  ...['speak<socket-io>.namespace', 'speak<pusher>.channels[]', 'speak<graphql-ws>.operationName'],
  ...[
    'speak<signalr>.invoke[].target',
    'speak<phoenix>.topics[].topic',
    'speak<stomp>.destinations[]',
    'speak<stomp>.host',
  ],
  ...['list.ignore[]', 'values[].path', 'values[].name', 'values[].unit', 'labels[].path', 'labels[].name'],
].map((field) => `sources[].recipe.${field}`);
const openElsewhere = [
  ...openOfRecipe,
  ...['id', 'name', 'source', 'condition<metric>.series', 'condition<match>.search'].map(
    (field) => `alertRules[].${field}`,
  ),
  // Names of secrets, commands that hold none, and origins.
  ...['agreed[].name', 'agreed[].places[]'],
];

const planted = new Map<string, string>();

/** A secret of its own for a field. */
function plant(field: string): string {
  const secret = `planted${planted.size}x${randomBytes(9).toString('hex')}`;
  planted.set(field, secret);
  return secret;
}

const ofSource = (field: string) => plant(`sources[].${field}`);
const ofReach = (field: string) => plant(`sources[].reach.${field}`);
const ofRecipe = (field: string) => plant(`sources[].recipe.${field}`);

/** One that holds a secret wherever something is sent. */
function recipeWithSecrets() {
  const message = (field: string) => `{"type":"auth","access_token":"${ofRecipe(field)}"}`;
  return recipeSchema.parse({
    name: 'planted',
    title: 'Planted',
    variables: [{ name: 'own', title: 'Own', secret: true, value: ofRecipe('variables[].value') }],
    talk: {
      open: [{ send: message('talk.open[].send'), login: true }, { send: '{"type":"auth","access_token":"{{own}}"}' }],
      every: [{ seconds: 1, send: message('talk.every[].send') }],
      answers: [{ when: [{ path: 'type', is: 'event' }], send: message('talk.answers[].send') }],
    },
    ask: {
      subprotocols: ['json', 'access_token', ofRecipe('ask.subprotocols[]')],
      post: { body: message('ask.post.body') },
    },
    snapshot: `/now?key=${ofRecipe('snapshot')}`,
  });
}

/** What each protocol in code is told, with a secret wherever one may stand. */
function speaksWithSecrets(): readonly Speak[] {
  const secret = (field: string) => `{"access_token":"${ofRecipe(`speak${field}`)}"}`;
  const speaks: readonly z.input<typeof speakSchema>[] = [
    { protocol: 'mqtt', user: `token=${ofRecipe('speak<mqtt>.user')}`, password: ofRecipe('speak<mqtt>.password') },
    {
      protocol: 'stomp',
      login: `token=${ofRecipe('speak<stomp>.login')}`,
      passcode: ofRecipe('speak<stomp>.passcode'),
    },
    { protocol: 'socket-io', auth: secret('<socket-io>.auth'), emit: [`["join",${secret('<socket-io>.emit[]')}]`] },
    {
      protocol: 'graphql-ws',
      query: `subscription { a(token: "x") } # ${secret('<graphql-ws>.query')}`,
      variables: secret('<graphql-ws>.variables'),
      payload: secret('<graphql-ws>.payload'),
    },
    { protocol: 'signalr', invoke: [{ target: 'Join', arguments: `[${secret('<signalr>.invoke[].arguments')}]` }] },
    { protocol: 'phoenix', topics: [{ topic: 'room:1', payload: secret('<phoenix>.topics[].payload') }] },
  ];
  return speaks.map((speak) => speakSchema.parse(speak));
}

/** Reaches that hold a secret by name, and the secrets; by the case's name. */
function reachesOf(host: string) {
  const secrets: Record<string, string> = {};
  const by = (field: string, wrap = (secret: string) => secret) => {
    const name = field.replace(/[^a-z0-9-]/gi, '.');
    secrets[name] = wrap(ofReach(field));
    return name;
  };
  const header = ofReach('headers[][1]');
  const certificate = '-----BEGIN CERTIFICATE-----\nopen\n-----END CERTIFICATE-----\n';
  const key = (field: string) =>
    `${certificate}-----BEGIN PRIVATE KEY-----\n${ofReach(field)}\n-----END PRIVATE KEY-----\n`;
  const kinds: Record<string, unknown> = {
    basic: { credential: { kind: 'basic', user: 'me', password: by('credential<basic>.password') } },
    bearer: { credential: { kind: 'bearer', token: by('credential<bearer>.token') } },
    header: { credential: { kind: 'header', name: 'X-Own', value: by('credential<header>.value') } },
    query: { credential: { kind: 'query', name: 'ticket', value: by('credential<query>.value') } },
    cookie: { credential: { kind: 'cookie', name: 'own', value: by('credential<cookie>.value') } },
    oauth: {
      credential: {
        kind: 'oauth',
        tokenUrl: `http://${host}/token?key=${ofReach('credential<oauth>.tokenUrl')}`,
        clientId: 'me',
        clientSecret: by('credential<oauth>.clientSecret'),
      },
    },
    tokenUrl: {
      credential: {
        kind: 'token-url',
        url: `http://${host}/token?sig=${ofReach('credential<token-url>.url')}`,
        authorization: by('credential<token-url>.authorization'),
      },
    },
    command: { credential: { kind: 'token-command', command: 'print-token' } },
    manual: {
      proxy: { kind: 'manual', url: `http://${host}`, user: 'me', password: by('proxy<manual>.password') },
    },
    system: { proxy: { kind: 'system', user: 'me', password: by('proxy<system>.password') } },
    key: { tls: { key: by('tls.key'), certificate, passphrase: by('tls.passphrase') } },
    archive: { tls: { pkcs12: by('tls.pkcs12') } },
    certificates: { tls: { ca: key('tls.ca'), certificate: key('tls.certificate') } },
    headers: {
      headers: [
        ['X-Api-Key', header],
        ['Referer', `http://${host}/?token=${header}`],
      ],
    },
    subprotocols: { subprotocols: ['json', 'access_token', ofReach('subprotocols[]')] },
  };
  return { secrets, kinds };
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

/** In which ways a secret can be written. */
function formsOf(secret: string): readonly string[] {
  const base64 = [secret, `me:${secret}`].map((text) => Buffer.from(text).toString('base64').replace(/=+$/, ''));
  return [secret, ...base64, Buffer.from(secret).toString('hex'), Buffer.from(secret, 'utf16le').toString('latin1')];
}

describe('a secret in every field that there is', () => {
  it('hostile 4: is shown to the server that it is for, and comes out nowhere: not on disk, in the window, a terminal, a backup, a recording, a notification or a log', async () => {
    const issued = plant('a token that a service issues');
    const printed = plant('a token that a command prints');
    const feed = await openEchoFeed(issued, plant('a token that the server names'));
    const { secrets, kinds } = reachesOf(feed.host);
    const old = {
      ...freshSettings(),
      sources: [sourceIn('old', `http://me:${plant('settings of an earlier version')}@${feed.host}/old`)],
    };
    let toImport = '';
    const rig = await openWindowRig({
      settings: JSON.stringify(old),
      prints: printed,
      backup: () => toImport,
      askToRun: async () => true,
      askToSend: async () => true,
    });
    const { told } = rig;
    const out: string[] = [];
    const ask = async (name: string, args: unknown) => {
      const answer = await rig.call(name, args);
      out.push(JSON.stringify(answer));
      return answer;
    };
    try {
      await ask('window.attach', {});
      const pump = setInterval(() => void rig.acknowledge(), 20);
      const match = { kind: 'match', search: 'auth_invalid', quietSeconds: 0 };
      const down = { kind: 'down', seconds: 0 };
      const rules = [match, down].map((condition, at) => ({
        ...{ id: `r${at}`, name: 'r', source: null, severity: 'critical', enabled: true, condition },
      }));
      expect(await ask('alerts.save', { rules })).toMatchObject({ ok: true });
      for (const [name, value] of Object.entries(secrets)) await ask('secrets.set', { name, value, keep: 'stored' });

      // Typed where everything is open.
      const login = ofSource('url');
      const rung = ofSource('ladder[].url');
      const drafts: SourceDraft[] = [
        draftOf(`https://me:${ofSource('name')}@h`, `http://me:${login}@${feed.host}/typed?key=${login}`),
        {
          ...draftOf('rung', `http://${feed.host}/typed`),
          ladder: [poll(`http://me:${rung}@${feed.host}/r?sig=${rung}`)],
        },
      ];
      const refusals: SourceDraft[] = [];
      for (const [name, reach] of Object.entries(kinds)) {
        const way = name === 'subprotocols' ? 'ws' : 'http';
        for (const [list, path] of [
          [drafts, 'taken'],
          [refusals, 'refused'],
        ] as const) {
          list.push({
            ...draftOf(`${name} ${path}`, `${way}://${feed.host}/${name}/${path}`),
            reach: reachSchema.parse(reach),
          });
        }
      }
      const recipe = recipeWithSecrets();
      drafts.push({ ...draftOf('recipe', `ws://${feed.host}/recipe`), recipe });
      for (const speak of speaksWithSecrets()) {
        const { protocol } = speak;
        const spoken = recipeSchema.parse({ name: protocol, title: protocol, speak });
        drafts.push({ ...draftOf(protocol, `ws://${feed.host}/${protocol}`), protocol, recipe: spoken });
      }
      const ids: string[] = ['old'];
      for (const draft of [...drafts, ...refusals]) {
        await ask('sources.test', { draft, part: 'credential', secrets: [] });
        const added = await ask('sources.add', draft);
        expect(added, draft.name).toMatchObject({ ok: true });
        ids.push(String(Reflect.get((added.ok ? added.value : {}) as object, 'id')));
      }
      // What answers there is looked at before it is a source: with what is kept, and with what a pasted command says.
      for (const draft of [...drafts, ...refusals].filter(({ url }) => url.startsWith('http'))) {
        expect(await ask('sources.look', { draft, secrets: [] }), draft.name).toMatchObject({ ok: true });
      }
      const [inUrl, inHeader, inLogin] = ['address', 'header', 'login'].map((at) => plant(`a pasted command: ${at}`));
      const pasted = `curl 'http://${feed.host}/pasted?token=${inUrl}' -H 'X-Api-Key: ${inHeader}' -u 'me:${inLogin}' -k`;
      // Its answer goes to the window that it was pasted in, and nowhere else.
      const understood = await rig.call('sources.understand', { pasted });
      const { draft: read, secrets: apart } = (understood.ok ? understood.value : {}) as Record<string, unknown>;
      expect(apart).toHaveLength(3);
      out.push(JSON.stringify(read));
      expect(await ask('sources.look', { draft: read, secrets: apart })).toMatchObject({ ok: true });
      // What cannot be kept elsewhere is refused, and the refusal repeats nothing.
      const badProxy = `http://me:${ofReach('proxy<manual>.url')}@${feed.host}`;
      const badCommand = `get-token --password ${ofReach('credential<token-command>.command')}`;
      for (const reach of [
        { proxy: { kind: 'manual', url: badProxy, user: '', password: null } },
        { credential: { kind: 'token-command', command: badCommand } },
      ]) {
        const draft = { ...draftOf('bad', `http://${feed.host}/bad`), reach: { ...reachSchema.parse({}), ...reach } };
        expect(await ask('sources.add', draft)).toMatchObject({ ok: false });
      }
      const imported = sourceIn('imported', `http://${feed.host}/imported?token=${plant('a backup')}`);
      toImport = JSON.stringify({ kind: 'wirewatch-backup', version: 1, madeAt: 1, sources: [imported] });
      const preview = await ask('backup.preview', {});
      const { token } = (preview.ok ? preview.value : {}) as { readonly token?: string };
      expect(await ask('backup.apply', { token })).toMatchObject({ ok: true });
      ids.push('imported');

      // Every source has been let in or refused.
      for (const id of ids) {
        await ask('window.interest', { generation: 1, source: id, tail: true, series: [] });
        const came = async () => {
          const events = await rig.call('events.page', {
            source: id,
            from: null,
            direction: 'before',
            limit: 5,
            text: '',
          });
          const states = await rig.call('history.transitions', { source: id, limit: 50 });
          return JSON.stringify([events, states]);
        };
        await vi.waitFor(async () => expect(await came()).toMatch(/"auth_invalid|"kind":"(stopped|waiting)"/), 10_000);
      }
      expect(await ask('backup.export', {})).toMatchObject({ ok: true });
      await rig.journal.flush();
      for (const id of ids) {
        await ask('events.page', { source: id, from: null, direction: 'before', limit: 100, text: '' });
        await ask('events.body', { source: id, ordinal: 1, offset: 0 });
        await ask('history.transitions', { source: id, limit: 500 });
        await ask('frames.recent', { source: id, limit: 100 });
        await ask('state.read', { source: id });
        await ask('outbox.view', { source: id });
      }
      await ask('alerts.page', { before: null, limit: 500 });
      await ask('secrets.state', {});
      await ask('window.attach', {});
      clearInterval(pump);

      const terminal = await inTerminal(feed.host);
      const recorded = await recording(rig.folder, ids);

      // What is to be seen was: otherwise finding nothing elsewhere would prove nothing.
      const shown = feed.seen.join('\n');
      const unsent =
        /tls\.|\.name$|proxy<manual>\.url|proxy<system>|token-command|refused|server names|recipe\.(ask\.post|snapshot|speak)/;
      for (const [field, secret] of planted) if (!unsent.test(field)) expect(shown, field).toContain(secret);
      for (const place of [out, told.window, terminal, recorded]) {
        expect(place.join('\n')).toContain('auth_invalid');
        expect(place.join('\n')).toContain('[redacted]');
      }
      expect(told.desktop.length).toBeGreaterThan(0);

      const places: Record<string, string> = {
        answers: out.join('\n'),
        window: told.window.join('\n'),
        log: rig.lines.join('\n'),
        backup: told.files.join('\n'),
        notifications: told.desktop.join('\n'),
        arguments: told.commands.join('\n'),
        terminal: terminal.join('\n'),
        recording: recorded.join('\n'),
      };
      for (const path of filesOf(rig.folder)) places[path] = readFileSync(path, 'latin1');
      const found = [...planted].flatMap(([field, secret]) =>
        Object.entries(places).flatMap(([place, text]) => {
          const form = formsOf(secret).find((one) => text.includes(one));
          return form === undefined ? [] : [`${field} in ${place}: ${around(text, form)}`];
        }),
      );
      expect(found).toEqual([]);

      // A new field has no plant yet, or says that it is open.
      const fields = textFieldsOf(settingsSchema);
      const covered = [...planted.keys(), ...openFields, ...openElsewhere];
      expect(fields.filter((field) => !covered.includes(field))).toEqual([]);
      expect([...openFields, ...openElsewhere].filter((field) => !fields.includes(field))).toEqual([]);
    } finally {
      await rig.close();
      feed.close();
    }
  }, 120_000);
});

const around = (text: string, form: string) =>
  text.slice(Math.max(0, text.indexOf(form) - 120), text.indexOf(form) + 80);

const poll = (url: string) => ({ transport: 'poll' as const, url, intervalSeconds: 1 });

function draftOf(name: string, url: string): SourceDraft {
  const ladder = url.startsWith('ws') ? [{ ...poll(url), transport: 'websocket' as const }] : [poll(url)];
  return { name: name.slice(0, 80), url, protocol: 'json', ladder };
}

const sourceIn = (id: string, url: string) => ({ ...draftOf(id, url), id });

/** `npm run watch` with each kind of secret, in both forms. */
async function inTerminal(host: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const kinds = ['bearer', 'basic:me', 'header:X-Own', 'query:ticket', 'cookie:own', 'first-message'];
  await Promise.all(
    kinds.flatMap((as) =>
      ['taken', 'refused'].map(async (path) => {
        const secret = plant(`terminal: ${as} ${path === 'refused' ? 'that is refused' : ''}`);
        const value = as === 'first-message' ? `{"type":"auth","access_token":"${secret}"}` : secret;
        const from = { env: { TOKEN: value }, readFile: () => Buffer.alloc(0), readStdin: () => '' };
        const url = `${as === 'first-message' ? 'ws' : 'http'}://${host}/${path}`;
        const json = path === 'refused' || as === 'bearer' ? ['--json'] : [];
        const args = [url, '--for', '3', '--protocol', 'json', '--token-env', 'TOKEN', '--token-as', as, ...json];
        const options = readWatchOptions(args, from);
        if (options === 'help' || 'error' in options) throw new Error(JSON.stringify(options));
        await watch(options, (line) => void lines.push(line), new AbortController().signal);
      }),
    ),
  );
  return lines;
}

/** What `npm run record` writes of each source, as `npm run replay` prints it. */
async function recording(folder: string, ids: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  for (const id of ids) {
    const out = join(folder, `${id}.jsonl.gz`);
    const what = { kind: 'source', source: id } as const;
    const range = { protocol: 'auto', out, seconds: null, from: null, to: null, userData: folder } as const;
    await recordStored(id, { what, ...range }, say).catch((error: unknown) => say(String(error)));
    const options = readReplayOptions([out, '--json', '--speed', '100']);
    if (options === 'help' || 'error' in options) throw new Error(JSON.stringify(options));
    await replay(options, { write: say, say, keys: null, stop: new AbortController().signal });
  }
  return lines;
}
