import { describe, expect, it } from 'vitest';
import { understand } from './understand';

/** Names are counted, so that a test can say them. */
function read(pasted: string) {
  let made = 0;
  const answer = understand(pasted, () => String(++made));
  if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
  return answer.understood;
}

const refusal = (pasted: string) => {
  const answer = understand(pasted, () => 'x');
  return answer.ok ? null : answer.errors[0]?.message;
};

/** The same request as each shell has it. */
const bash = `curl 'https://api.test/v2/status?page=1' \\
  -H 'X-Team: ops "night"' \\
  -H 'authorization: Bearer s3cret-token' \\
  --compressed`;
const chromeCmd = `curl ^"https://api.test/v2/status?page=1^" ^
  -H ^"X-Team: ops ^\\^"night^\\^"^" ^
  -H ^"authorization: Bearer s3cret-token^" ^
  --compressed`;
const oldCmd = `curl "https://api.test/v2/status?page=1" ^
  -H "X-Team: ops \\"night\\"" ^
  -H "authorization: Bearer s3cret-token" ^
  --compressed`;
const powershell = `curl.exe 'https://api.test/v2/status?page=1' \`
  -H 'X-Team: ops "night"' \`
  -H 'authorization: Bearer s3cret-token' \`
  --compressed`;
const ansi = `$ curl $'https://api.test/v2/status?page=1' -H $'X-Team: ops \\u0022night\\x22' -H $'authorization: Bearer s3cret-token' --compressed`;

describe('a curl command that is pasted', () => {
  it('with a key as its user and no password keeps the key apart, and sends what curl would', () => {
    const { draft, secrets } = read('curl https://api.test/v1/balance -u sk_test_4eC39HqLyjWDarjtT1zdp7dc:');
    expect(draft.reach?.credential).toMatchObject({ kind: 'header', name: 'Authorization' });
    const value = `Basic ${Buffer.from('sk_test_4eC39HqLyjWDarjtT1zdp7dc:').toString('base64')}`;
    expect(secrets.map((one) => one.value)).toEqual([value]);
    expect(JSON.stringify(draft)).not.toContain('sk_test');
  });

  it.each(Object.entries({ bash, chromeCmd, oldCmd, powershell, ansi }))(
    'is read as %s writes it',
    (_shell, command) => {
      const { from, draft, secrets, notes } = read(command);
      expect(from).toBe('curl');
      expect(draft).toMatchObject({ name: '', url: 'https://api.test/v2/status?page=1', protocol: 'auto' });
      expect(draft.reach).toMatchObject({
        headers: [['X-Team', 'ops "night"']],
        credential: { kind: 'bearer', token: 'pasted-1' },
        compression: true,
      });
      expect(secrets).toEqual([{ name: 'pasted-1', value: 's3cret-token' }]);
      expect(JSON.stringify(draft)).not.toContain('s3cret');
      expect(notes).toEqual([]);
    },
  );

  it.each<readonly [string, object]>([
    [`-u 'me:pass:word'`, { kind: 'basic', user: 'me', password: 'pasted-1' }],
    [`-H 'Authorization: Basic bWU6cGFzczp3b3Jk'`, { kind: 'basic', user: 'me', password: 'pasted-1' }],
    [`-H 'Authorization: Token pass:word'`, { kind: 'header', name: 'Authorization', value: 'pasted-1' }],
    [`--oauth2-bearer pass:word`, { kind: 'bearer', token: 'pasted-1' }],
    [`-b 'sid=pass:word'`, { kind: 'cookie', name: 'sid', value: 'pasted-1' }],
    [`-b 'sid=pass:word; theme=dark'`, { kind: 'header', name: 'Cookie', value: 'pasted-1' }],
    [`-H 'cookie: sid=pass:word'`, { kind: 'cookie', name: 'sid', value: 'pasted-1' }],
  ])('%s becomes the credential, and its secret a name', (option, credential) => {
    const { draft, secrets } = read(`curl https://h.test/a ${option}`);
    expect(draft.reach?.credential).toEqual(credential);
    expect(secrets).toHaveLength(1);
    expect(secrets[0]?.value).toContain('pass:word');
    expect(JSON.stringify(draft)).not.toContain('pass:word');
  });

  it('keeps secrets in headers, parameters and bodies apart as well', () => {
    const command = `curl 'https://h.test/a?api_key=k1' -H 'X-Api-Key: k2' --json '{"token":"k3","stream":true}'`;
    const { draft, secrets } = read(command);
    expect(secrets.map(({ value }) => value).sort()).toEqual(['k1', 'k2', 'k3']);
    expect(JSON.stringify(draft)).not.toMatch(/k[123]"/);
    expect(draft.url).toBe('https://h.test/a?api_key=*secret.pasted-1*');
    expect(draft.reach?.headers).toEqual([['X-Api-Key', '*secret.pasted-2*']]);
    expect(draft.recipe?.ask.post?.body).toBe('{"token":"*secret.pasted-3*","stream":true}');
  });

  it.each<readonly [string, string, string]>([
    [`-d a=1 -d 'b=2 3'`, 'a=1&b=2 3', 'application/x-www-form-urlencoded'],
    [`--data-urlencode 'b=2 3&4'`, 'b=2%203%264', 'application/x-www-form-urlencoded'],
    [`-H 'Content-Type: text/plain' --data-raw '@x'`, '@x', 'text/plain'],
    [`--json '{"a":1}' -XPOST`, '{"a":1}', 'application/json'],
  ])('%s is a POST that is told of before it is sent', (options, body, contentType) => {
    const { draft, notes } = read(`curl https://h.test/a ${options}`);
    expect(draft.recipe?.ask.post).toEqual({ body, contentType, billed: false });
    expect(notes.join(' ')).toContain('sent only after you say so');
  });

  it('asks for the form of answer that the command asks for, where nobody asks for it anyway', () => {
    const github = read(`curl https://h.test/a -H 'Accept: application/vnd.github+json'`);
    expect(github.draft.recipe?.ask).toEqual({ subprotocols: [], accept: 'application/vnd.github+json' });
    expect(github.notes).toEqual([]);
    for (const usual of ['*/*', 'application/json', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/event-stream']) {
      expect(read(`curl https://h.test/a -H 'accept: ${usual}'`).draft.recipe, usual).toBeUndefined();
    }
    const both = read(`curl https://h.test/a -H 'accept: application/vnd.v2' -d a=1`);
    expect(both.draft.recipe?.ask).toMatchObject({ accept: 'application/vnd.v2', post: { body: 'a=1' } });
  });

  it('takes a request to a model for one that may be billed', () => {
    const { draft } = read(`curl https://h.test/v1/chat/completions -d '{"model":"m","messages":[],"stream":true}'`);
    expect(draft.recipe?.ask.post?.billed).toBe(true);
  });

  it('puts data behind the address where -G stands', () => {
    const { draft } = read(`curl -sG https://h.test/q?x=1 -d query=up --data-urlencode 'at=a b'`);
    expect(draft.url).toBe('https://h.test/q?x=1&query=up&at=a%20b');
    expect(draft.recipe).toBeUndefined();
    expect(read(`curl -G https://h.test/q -d 'q=a b#c'`).draft.url).toBe('https://h.test/q?q=a%20b%23c');
  });

  it('reads how the server is reached', () => {
    const command = `curl --url https://h.test:8443/a -x me:pw@proxy.test:3128 --connect-to h.test:8443:10.0.0.1:9443 --http1.1 --tlsv1.3`;
    const { draft, secrets } = read(command);
    expect(draft.reach).toMatchObject({
      proxy: { kind: 'manual', url: 'http://proxy.test:3128', user: 'me', password: 'pasted-1' },
      connectTo: '10.0.0.1:9443',
      http2: false,
      tls: { minVersion: 'TLSv1.3' },
    });
    expect(secrets).toEqual([{ name: 'pasted-1', value: 'pw' }]);
    expect(read('curl https://h.test/ --resolve h.test:443:[::1]').draft.reach?.connectTo).toBe('[::1]:443');
    expect(read('curl https://h.test/ --resolve other.test:443:10.0.0.1').draft.reach?.connectTo).toBe('');
    expect(read('curl https://h.test/ --socks5-hostname localhost:1080').draft.reach?.proxy).toMatchObject({
      url: 'socks5h://localhost:1080',
    });
  });

  it('makes a WebSocket of an upgrade that a browser copied', () => {
    const command = `curl 'https://h.test/ws' -H 'Upgrade: websocket' -H 'Connection: Upgrade' -H 'Sec-WebSocket-Key: abc' -H 'Sec-WebSocket-Protocol: v1, v2' -H 'Sec-WebSocket-Version: 13' -H 'Origin: https://h.test'`;
    const { draft } = read(command);
    expect(draft.url).toBe('wss://h.test/ws');
    expect(draft.reach).toMatchObject({ subprotocols: ['v1', 'v2'], headers: [['Origin', 'https://h.test']] });
  });

  it.each<readonly [string, RegExp]>([
    ['-k', /fingerprint/],
    ['--cacert ca.pem', /ca\.pem.*paste/],
    ['-E client.pem', /paste certificate/],
    ['--ntlm', /not spoken/],
    ['--frobnicate', /nothing like it: --frobnicate/],
    ['| jq .', /shell's: \| jq/],
    [`-H 'Authorization: Bearer $TOKEN'`, /filled in by your shell/],
    ['-u me', /empty/],
    [`-b a=1 -u me:pw`, /one of the two/],
    ['https://other.test/', /first one is taken/],
    ['-H', /value is missing/],
    ['-XPOST', /GET instead/],
  ])('says of %s what becomes of it', (option, sentence) => {
    const { draft, notes } = read(`curl https://h.test/a ${option}`);
    expect(draft.url).toBe('https://h.test/a');
    expect(notes.join('\n')).toMatch(sentence);
  });

  it.each<readonly [string, string | null]>([
    ['curl https://h.test/a; echo done -H x', '; echo …'],
    ['curl https://h.test/a ;', null],
    ['curl https://h.test/a && say "it is; there"', '&& say'],
    ['curl https://h.test/a&& say x', '&& say'],
    ['curl https://h.test/a||true', '||true'],
    ['curl https://h.test/a|jq .', '|jq'],
    ['curl https://h.test/a & sleep 1', '& sleep'],
    ['curl https://h.test/a # the live one', '# the …'],
    ['curl https://h.test/a\ncurl https://other.test/b -d 1', 'curl …'],
    ['cd /tmp && curl https://h.test/a', null],
    ['# status\ncurl https://h.test/a', null],
    ["set -x; A='b;c'; curl https://h.test/a", null],
  ])('%j is the one command, and says what of it is the shell’s', (command, behind) => {
    const { from, draft, notes } = read(command);
    expect([from, draft.url, draft.recipe]).toEqual(['curl', 'https://h.test/a', undefined]);
    if (behind === null) expect(notes).toEqual([]);
    else expect(notes.join()).toContain(behind);
  });

  it('keeps what only looks like the end of a command', () => {
    expect(read(`curl 'https://h.test/a;v=1?x=1&&y=2#b'`).draft.url).toBe('https://h.test/a;v=1?x=1&&y=2');
    expect(read('curl https://h.test/a?x=1&y=2').draft.url).toBe('https://h.test/a?x=1&y=2');
    expect(read(`curl $'https://h.test/it\\'s;b' -H "X-A: b; c"`).draft.reach?.headers).toEqual([['X-A', 'b; c']]);
    expect(read(`curl ^"https://h.test/a?x=1^&y=2;z^" ^&^& x`).draft.url).toBe('https://h.test/a?x=1&y=2;z');
    expect(read(`curl 'https://h.test/odata?$filter=x'`).draft.url).toBe('https://h.test/odata?$filter=x');
  });

  it.each([
    `KEY=s3cret; curl https://h.test/a -H "Authorization: Bearer $KEY"`,
    `export KEY='s3cret' && curl https://h.test/a -H "Authorization: Bearer \${KEY}"`,
    `$ KEY="s3cret"\n$ curl https://h.test/a -H Authorization:\\ Bearer\\ $KEY`,
    `$env:KEY = "s3cret"; curl.exe https://h.test/a -H "Authorization: Bearer $env:KEY"`,
    `HOST=https://h.test KEY=s3cret; curl https://h.test/a -H "Authorization: Bearer s3cret"`,
  ])('%j is read with what was set before it', (command) => {
    const { draft, secrets, notes } = read(command);
    expect(draft.url).toBe('https://h.test/a');
    expect(secrets).toEqual([{ name: 'pasted-1', value: 's3cret' }]);
    expect(draft.reach?.credential).toEqual({ kind: 'bearer', token: 'pasted-1' });
    expect(JSON.stringify([draft, notes])).not.toContain('s3cret');
  });

  it('says nothing of what only concerns how curl prints', () => {
    const { notes } = read(`curl -sSNLfv -o /dev/null --max-time 5 --http2 https://h.test/a`);
    expect(notes).toEqual([]);
  });

  it.each<readonly [string, RegExp]>([
    ['curl https://h.test/a -X DELETE', /DELETE.*only reads/],
    ['curl -XPUT https://h.test/a -d 1', /PUT/],
    ['curl -I https://h.test/a', /head/],
    ['curl -F a=@b https://h.test/a', /uploads/],
    ['curl -d @body.json https://h.test/a', /file body\.json/],
    ['curl -K opts.txt', /from a file/],
    [`curl 'https://h.test/a`, /quote/],
    ['curl -s', /no address/],
    ['curl "$BASE/a"', /shell fills in the address/],
    ['curl ftp://h.test/a', /ftp/],
  ])('%s is refused with the reason', (command, why) => {
    expect(refusal(command)).toMatch(why);
  });

  it('is not taken for one where it only begins like one', () => {
    expect(read('curling.test/scores').from).toBe('address');
  });

  it('never hangs or throws, whatever is pasted', () => {
    const parts = [
      "'",
      '"',
      '\\',
      '^',
      '`\n',
      '$',
      '-H',
      '--data',
      ' ',
      'a'.repeat(5000),
      '{',
      '\u0000',
      '%',
      '-',
      '@',
    ];
    let at = 7;
    for (let round = 0; round < 2000; round += 1) {
      const words: string[] = [];
      for (let word = 0; word < 12; word += 1) {
        at = (at * 48_271) % 2_147_483_647;
        words.push(parts[at % parts.length] ?? '');
      }
      const answer = understand(`curl ${words.join('')}`, () => 'x');
      if (!answer.ok) expect(answer.errors).toHaveLength(1);
    }
  });
});
