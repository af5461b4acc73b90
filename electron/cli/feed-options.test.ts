import { describe, expect, it } from 'vitest';
import { leavingNothing } from './no-traces';
import { feedOf } from './watch-feed';
import { readWatchOptions } from './watch-options';

const files: Readonly<Record<string, string>> = {
  '/good.json': '{"wirewatch":"recipe/1","name":"own","title":"Own","read":{"type":"kind"},"eventSeconds":5}',
  '/bad.json': '{"wirewatch":"recipe/1","name":"own","title":"Own","read":{"seq":"a..b"}}',
  '/other.json': '{"a":1}',
  '/speaks.json':
    '{"wirewatch":"recipe/1","name":"q","title":"Q","speak":{"protocol":"graphql-ws","query":"subscription{a}"}}',
  '/secret': 'from-file\n',
};

const from = {
  env: { TOKEN: 's3cret' },
  readFile(path: string) {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return Buffer.from(text);
  },
  readStdin: () => `curl https://h.test/a -u me:pw`,
};

function read(...args: readonly string[]) {
  const options = readWatchOptions(args, from);
  if (options === 'help') throw new Error('Help.');
  return options;
}

function good(...args: readonly string[]) {
  const options = read(...args);
  if ('error' in options) throw new Error(options.error);
  return options;
}

const wrong = (...args: readonly string[]) => {
  const options = read(...args);
  return 'error' in options ? options.error : null;
};

describe('flags about what a feed is', () => {
  it('--kind says every kind of the window, and --every the time between two polls', () => {
    const config = (...args: readonly string[]) => {
      const feed = feedOf(good('http://h.test/v1/a', ...args), 'a');
      if (!feed.ok) throw new Error(JSON.stringify(feed.errors));
      return feed.config;
    };
    expect(config('--kind', 'poll', '--every', '5')).toMatchObject({
      protocol: 'json',
      inferred: false,
      ladder: [{ transport: 'poll', url: 'http://h.test/v1/a', intervalSeconds: 5 }],
    });
    expect(config('--kind', 'websocket').ladder).toMatchObject([{ transport: 'websocket', url: 'ws://h.test/v1/a' }]);
    expect(config('--kind', 'long-poll').ladder).toMatchObject([{ transport: 'long-poll' }]);
    expect(config('--kind', 'gateway')).toMatchObject({ protocol: 'gateway' });
    expect(config('--kind', 'nchan')).toMatchObject({ protocol: 'nchan' });
    expect(config('--kind', 'prometheus')).toMatchObject({ protocol: 'prometheus', ladder: [{ transport: 'poll' }] });
    expect(config().name).toBe('a · h.test');
    expect(wrong('http://h.test/a', '--kind', 'smoke')).toContain('--kind is one of auto');
    expect(wrong('http://h.test/a', '--every', '0')).toContain('from 1 to 3600');
    expect(wrong('http://h.test/a', '--kind', 'poll', '--protocol', 'json')).toContain('not both');
  });

  it('--recipe takes a file or a shipped name, and names the field that is wrong', () => {
    expect(good('ws://h.test/a', '--recipe', '/good.json').recipe).toMatchObject({ name: 'own', eventSeconds: 5 });
    expect(wrong('ws://h.test/a', '--recipe', '/bad.json')).toMatch(/read\.seq: Not a path/);
    expect(wrong('ws://h.test/a', '--recipe', '/other.json')).toContain('no recipe');
    expect(wrong('ws://h.test/a', '--recipe', '/none')).toContain('cannot be read (ENOENT)');
    expect(wrong('ws://h.test/a', '--recipe', 'home-assistant')).toContain('--secret-env token=VAR');
    const { recipe, way } = good('ws://h.test/a', '--recipe', 'home-assistant', '--secret-env', 'token=TOKEN');
    expect(recipe?.variables).toMatchObject([{ name: 'token', value: '*secret.token*' }]);
    expect(way.secrets.get('token')).toBe('s3cret');
    const streams = good('ws://h.test/a', '--recipe', 'binance-combined', '--set', 'streams="a@trade"').recipe;
    expect(streams?.variables[0]?.value).toBe('"a@trade"');
    expect(wrong('ws://h.test/a', '--recipe', 'home-assistant', '--set', 'token=abc')).toContain('every process sees');
    expect(wrong('ws://h.test/a', '--recipe', 'ndjson', '--set', 'x=1')).toContain('no variable x');
  });

  it('a recipe that is named says what the feed is, and how it comes over HTTP', () => {
    const config = (url: string, ...args: readonly string[]) => {
      const feed = feedOf(good(url, ...args), 'a');
      if (!feed.ok) throw new Error(JSON.stringify(feed.errors));
      const { protocol, inferred, ladder } = feed.config;
      return [protocol, inferred, ladder.map(({ transport }) => transport).join()];
    };
    expect(config('http://h.test/v1/a')).toEqual(['gateway', true, 'websocket,sse,long-poll,poll']);
    expect(config('http://h.test/v1/a', '--recipe', '/good.json')).toEqual(['json', false, 'sse,poll']);
    expect(config('http://h.test/api/events', '--recipe', 'kubernetes-watch')).toEqual(['json', false, 'poll']);
    expect(config('http://h.test/t/json', '--recipe', 'ntfy')).toEqual(['json', false, 'poll']);
    expect(config('http://h.test/t/sse', '--recipe', 'ntfy')).toEqual(['json', false, 'sse']);
    expect(config('ws://h.test/t/ws', '--recipe', 'ntfy')).toEqual(['json', false, 'websocket']);
    expect(config('http://h.test/a.json', '--recipe', 'wikimedia-eventstreams')).toEqual(['json', false, 'sse']);
    expect(config('ws://h.test/chat', '--recipe', '/speaks.json')).toEqual(['graphql-ws', false, 'websocket']);
    expect(config('http://h.test/a', '--recipe', 'ndjson', '--kind', 'long-poll')).toEqual([
      'json',
      false,
      'long-poll',
    ]);
    // Messages alone say nothing of what a feed is.
    expect(config('http://h.test/v1/a', '--send-on-open', 'hi')[1]).toBe(true);
  });

  it('--speak tells each protocol what its recipe would, chosen by the address or by --kind, and nothing is looked at first', () => {
    const told = (...args: readonly string[]) => {
      const options = good(...args);
      const feed = feedOf(options, 'w');
      return [feed.ok && feed.config.protocol, options.detect, options.recipe?.speak];
    };
    const speak = (...pairs: readonly string[]) => pairs.flatMap((pair) => ['--speak', pair]);
    expect(
      told('mqtt://h.test', ...speak('topic=home/#', 'topic=a=b', 'qos=2', 'user=ada', 'password=*secret.P*')),
    ).toMatchObject([
      'mqtt',
      false,
      { protocol: 'mqtt', topics: ['home/#', 'a=b'], qos: 2, user: 'ada', password: '*secret.P*', version: 'auto' },
    ]);
    expect(
      told('https://h.test', '--kind', 'socket-io', ...speak('namespace=/a', 'emit=["join","x"]', 'auth={"n":1}')),
    ).toEqual([
      'socket-io',
      false,
      { protocol: 'socket-io', namespace: '/a', emit: ['["join","x"]'], auth: '{"n":1}' },
    ]);
    expect(told('wss://h.test/app/key', ...speak('channel=a'))).toEqual([
      'pusher',
      false,
      { protocol: 'pusher', channels: ['a'] },
    ]);
    expect(told('wss://h.test/graphql', ...speak('query=subscription { a }', 'operation=A'))).toMatchObject([
      'graphql-ws',
      false,
      { query: 'subscription { a }', operationName: 'A' },
    ]);
    expect(told('wss://h.test/chatHub', ...speak('invoke=Join ["a"]', 'stream=Ticks'))).toMatchObject([
      'signalr',
      false,
      {
        invoke: [
          { target: 'Join', arguments: '["a"]', stream: false },
          { target: 'Ticks', arguments: '', stream: true },
        ],
      },
    ]);
    expect(told('wss://h.test/socket/websocket', ...speak('topic=room:a {"x": 1}'))).toMatchObject([
      'phoenix',
      false,
      { topics: [{ topic: 'room:a', payload: '{"x": 1}' }] },
    ]);
    expect(told('ws://h.test/x', '--protocol', 'stomp', ...speak('destination=/topic/a'))).toMatchObject([
      'stomp',
      false,
      { destinations: ['/topic/a'] },
    ]);
    // Over what a recipe says.
    expect(told('ws://h.test/x', '--recipe', '/speaks.json', ...speak('operation=B'))).toMatchObject([
      'graphql-ws',
      false,
      { query: 'subscription{a}', operationName: 'B' },
    ]);
  });

  it('--speak names the wrong field, and how it is written', () => {
    const mqtt = (...pairs: readonly string[]) => wrong('mqtt://h.test', ...pairs.flatMap((pair) => ['--speak', pair]));
    expect(mqtt('colour=red')).toContain('mqtt takes no "colour". Write NAME=VALUE, with one of topic, qos');
    expect(mqtt('home/#')).toContain('"home/#" has no name');
    expect(mqtt('qos=5')).toContain('--speak qos: ');
    expect(mqtt('qos=5')).toContain('qos=0|1|2');
    expect(mqtt('qos=1', 'qos=2')).toContain('said twice');
    expect(mqtt('password=hunter2')).toContain('password=*secret.NAME*, and --secret-env NAME=VAR');
    expect(mqtt('keep-session=true')).toContain('client-id=ID');
    expect(wrong('ws://h.test/x', '--speak', 'topic=a')).toContain('say which by --kind, one of mqtt, ');
    const auth = ['https://h.test', '--kind', 'socket-io', '--speak', 'auth={"token":"abc123"}'];
    expect(wrong(...auth)).toContain('--speak holds a secret');
  });

  it('leaves nothing with a broker, unless it is asked to by name', () => {
    const kept = (...args: readonly string[]) => {
      const options = good('mqtt://h.test', ...args);
      const feed = feedOf(options, 'w');
      if (!feed.ok) throw new Error('No feed.');
      const { speak } = leavingNothing(feed.config, options.keepsSession).recipe ?? {};
      return speak?.protocol === 'mqtt' && speak.keepSession;
    };
    expect([kept(), kept('--speak', 'topic=a'), kept('--speak', 'client-id=x')]).toEqual([false, false, false]);
    expect(kept('--speak', 'client-id=x', '--speak', 'keep-session=true')).toBe(true);
  });

  it('--send-on-open sends in this order, with secrets by name only', () => {
    const auth = '{"type":"auth","token":"*secret.KEY*"}';
    const { recipe, way } = good(
      'ws://h.test/a',
      '--send-on-open',
      auth,
      '--send-on-open',
      '{"type":"sub"}',
      '--secret-file',
      'KEY=/secret',
    );
    expect(recipe?.talk.open.map(({ send }) => send)).toEqual([auth, '{"type":"sub"}']);
    expect(way.secrets.get('KEY')).toBe('from-file');
    expect(wrong('ws://h.test/a', '--send-on-open', '{"type":"auth","token":"abc"}')).toContain('every process sees');
    expect(wrong('ws://h.test/a', '--secret-env', 'KEY=NONE')).toContain('NONE, which is not set');
    const both = good('ws://h.test/a', '--recipe', '/good.json', '--send-on-open', 'hi').recipe;
    expect(both?.talk.open).toMatchObject([{ send: 'hi' }]);
  });

  it('what is posted is asked once: nothing is looked at first', () => {
    const body = '{"model":"m","stream":true,"messages":[]}';
    const asked = good('--curl', `curl https://h.test/v1/chat/completions --json '${body}'`, '--post');
    expect(asked).toMatchObject({ kind: 'sse', detect: false });
    expect(good('--curl', 'curl -d 1 https://h.test/a', '--post')).toMatchObject({ kind: 'poll', detect: false });
  });

  it('--curl takes what stands before the command for what it is, and no host', () => {
    const told = good('--curl', 'TOKEN=abc; curl -H "Authorization: Bearer $TOKEN" https://h.test/a');
    expect(told.url).toBe('https://h.test/a');
    expect(wrong('--curl', 'wget https://h.test/a')).toContain('no curl command');
  });

  it('--curl is read from an argument or from standard input, and flags say what it leaves open', () => {
    const piped = good('--curl', '-', '--proxy', 'http://p.test:3128', '--no-http2');
    expect(piped.url).toBe('https://h.test/a');
    expect(piped.way.reach).toMatchObject({
      credential: { kind: 'basic', user: 'me' },
      proxy: { kind: 'manual', url: 'http://p.test:3128' },
      http2: false,
    });
    expect([...piped.way.secrets.values()]).toEqual(['pw']);
    expect(wrong('http://h.test/b', '--curl', 'curl https://h.test/a')).toContain('leave the other one out');
    expect(wrong('--curl', 'curl -X DELETE https://h.test/a')).toContain('only reads');
    expect(wrong('--curl', 'curl -d 1 https://h.test/a')).toContain('add --post');
    expect(good('--curl', 'curl -d 1 https://h.test/a', '--post').recipe?.ask.post?.body).toBe('1');
  });
});
