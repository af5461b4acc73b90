import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachSchema } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import { secretsIn } from '../../../shared/secret-places';
import { type SourceConfig, secretsOfSource, sourceSchema } from '../../../shared/source';
import { freshSettings } from '../settings/schema';
import { openSettings } from '../settings/settings';
import { sealSettings } from './seal-settings';
import { credentialTrouble } from './sealer';
import { memorySecrets } from './testing/memory-secrets';

const planted = 'planted';

/** A source with a secret in every place of it that is open. */
const full = (id: string): SourceConfig =>
  sourceSchema.parse({
    id,
    name: `Feed of https://me:${planted}-0@h.test`,
    url: `https://me:${planted}-1@h.test/feed?key=${planted}-2&stream=a&sig=${planted}-2`,
    protocol: 'json',
    ladder: [
      { transport: 'websocket', url: `wss://${planted}-3@h.test/feed?X-Amz-Signature=${planted}%2F4` },
      { transport: 'poll', url: `https:\\\\me:${planted}-5@h.test/feed#access_token=${planted}-6` },
    ],
    reach: reachSchema.parse({
      headers: [
        ['X-Api-Key', `${planted}-7`],
        ['Referer', `https://h.test/?token=${planted}-8`],
        ['X-Site', 'north'],
      ],
      subprotocols: ['json', 'access_token', `${planted}-9`, `base64url.bearer.authorization.k8s.io.${planted}-10`],
      credential: {
        kind: 'token-url',
        url: `https://login.test/t?client_secret=${planted}-11&next=https%3A%2F%2Fh%2F%3Fkey%3D${planted}-12`,
        authorization: null,
      },
    }),
  });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-sealer-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const onDisk = async () =>
  (await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))).join('\n');

describe('secrets where everything is open', () => {
  it('hostile 3: are taken out of every place, and one that stands twice is kept once', () => {
    const { sealer } = memorySecrets();
    const { draft, taken } = sealer.take(full('a'));
    expect(JSON.stringify(draft)).not.toContain(planted);
    expect(sourceSchema.safeParse(draft).success).toBe(true);
    const values = taken.map(({ value }) => value);
    expect(values.length).toBe(new Set(values).size);
    for (const n of [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12]) expect(values.join(' ')).toContain(`${planted}-${n}`);
    expect(values).toContain(`${planted}%2F4`);
    expect(taken.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['url', 'ladder.0.url', 'ladder.1.url', 'reach.headers.0', 'reach.credential.url']),
    );
    expect(draft.url).toContain('&stream=a&');
    expect(draft.reach?.headers[2]).toEqual(['X-Site', 'north']);
    // What has been moved stays, and what is typed again keeps its name.
    expect(sealer.take(draft)).toEqual({ draft, taken: [] });
  });

  it('hostile 3: are taken out of whatever a recipe sends: under their names in JSON, in a login as a whole, and never out of what only tells', () => {
    const { sealer } = memorySecrets();
    const recipe = recipeSchema.parse({
      name: 'r',
      title: 'R',
      variables: [
        { name: 'key', title: 'Key', secret: true, value: `${planted}-a` },
        { name: 'room', title: 'Room', value: 'north' },
      ],
      talk: {
        open: [
          { send: `{ "type":"auth", "data": {"access_token" : "${planted}-b\\"c"}, "big": 12345678901234567890 }` },
          { send: `LOGIN me ${planted}-d`, login: true },
          { send: '{"token":"{{key}}"}', login: true },
          { send: '{"subscribe":"{{room}}","key":"temperature"}' },
        ],
        every: [{ seconds: 5, send: `{"op":"renew","sessionToken":"${planted}-e"}` }],
        answers: [{ when: [{ path: 'op', is: 'who' }], send: `https://h.test/?sig=${planted}-f` }],
      },
      ask: { subprotocols: ['bearer', `${planted}-g`], post: { body: `{"api_key":"${planted}-h"}` } },
      snapshot: `/now?key=${planted}-i`,
    });
    const { draft, taken } = sealer.take({ ...full('a'), recipe });
    expect(JSON.stringify(draft.recipe)).not.toContain(planted);
    const [auth, login, named, open] = draft.recipe?.talk.open ?? [];
    expect(auth?.send).toMatch(
      /^\{ "type":"auth", "data": \{"access_token" : "\*secret\.[\w.-]+\*"\}, "big": 12345678901234567890 \}$/,
    );
    expect(login?.send).toMatch(/^\*secret\.[\w.-]+\*$/);
    expect([named?.send, open?.send]).toEqual([recipe.talk.open[2]?.send, recipe.talk.open[3]?.send]);
    const values = taken.map(({ value }) => value);
    expect(values).toEqual(expect.arrayContaining([`${planted}-b"c`, `LOGIN me ${planted}-d`, `${planted}-a`]));
    expect(values.filter((value) => value.includes(planted)).length).toBe(values.length);
    expect(secretsOfSource(draft)).toEqual(expect.arrayContaining([...secretsIn(JSON.stringify(draft.recipe))]));
    expect(sourceSchema.safeParse(draft).success).toBe(true);
    expect(sealer.take(draft)).toEqual({ draft, taken: [] });
  });

  it('hostile 3: a private key among certificates is the key of the certificate, and no part of what is shown', () => {
    const { sealer } = memorySecrets();
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${planted}\n-----END RSA PRIVATE KEY-----\n`;
    const certificate = '-----BEGIN CERTIFICATE-----\nopen\n-----END CERTIFICATE-----\n';
    const reach = reachSchema.parse({
      tls: { certificate: `${certificate}${key}${certificate}`, ca: certificate + key },
    });
    const { draft, taken } = sealer.take({ ...full('a'), reach });
    expect(draft.reach?.tls).toMatchObject({ certificate: certificate + certificate, ca: certificate });
    expect(taken).toContainEqual({ name: draft.reach?.tls.key, value: key, field: 'reach.tls.certificate' });
  });

  it('hostile 3: that are typed again are kept under the name that they have', async () => {
    const { sealer } = memorySecrets();
    const first = sealer.take(full('a'));
    await sealer.keep(first.taken);
    expect(sealer.take(full('a'), first.draft)).toEqual({ draft: first.draft, taken: [] });
  });

  it('hostile 3: are out of the settings file, and of the backup beside it, at the first start after the upgrade', async () => {
    const file = join(folder, 'settings.json');
    await writeFile(file, JSON.stringify({ ...freshSettings(), sources: [full('a'), full('b')] }));
    await writeFile(`${file}.bak`, await readFile(file, 'utf8'));
    const { secrets, sealer, values } = memorySecrets();
    const settings = await openSettings(folder);
    const notices = await sealSettings(settings, secrets, sealer);
    await settings.settled();
    expect(await onDisk()).not.toContain(planted);
    expect(JSON.stringify(values())).toContain(`${planted}-12`);
    expect(notices).toHaveLength(2);
    expect(notices.join(' ')).toMatch(/address of Feed of .* kept by the keyring/);
    expect(notices.join(' ')).not.toContain(planted);
    const again = await openSettings(folder);
    expect(await sealSettings(again, secrets, sealer)).toEqual([]);
    expect(again.current().sources).toEqual(settings.current().sources);
  });

  it('hostile 3: without a keyring last for this run, and that is said', async () => {
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...freshSettings(), sources: [full('a')] }));
    const { secrets, sealer } = memorySecrets('none');
    const settings = await openSettings(folder);
    const notices = await sealSettings(settings, secrets, sealer);
    expect(await onDisk()).not.toContain(planted);
    expect(secrets.state().run.length).toBeGreaterThan(5);
    expect(notices[0]).toContain("enter it again in the source's form");
  });

  it('hostile 3: stay where they are when they cannot be kept elsewhere, and that is said', async () => {
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...freshSettings(), sources: [full('a')] }));
    const { secrets, sealer } = memorySecrets();
    const settings = await openSettings(folder);
    const full1 = settings.current();
    const notices = await sealSettings(settings, secrets, {
      ...sealer,
      keep: () => Promise.reject(new Error('ENOSPC')),
    });
    expect(notices.join()).toContain('could not be moved out of the settings file (ENOSPC)');
    expect(settings.current()).toEqual(full1);
  });

  it.each([
    `curl -H "Authorization: Bearer ${planted}" https://h/t`,
    `curl -H 'X-Api-Key: ${planted}' https://h/t`,
    `curl 'https://h/t?client_secret=${planted}'`,
    `curl https://me:${planted}@h/t`,
    `get-token --password ${planted}`,
    `get-token --api-key=${planted}`,
    `TOKEN=${planted} get-token`,
    `AWS_SECRET_ACCESS_KEY="${planted}" aws sts get-session-token`,
    `curl -d client_secret=${planted} https://h/t`,
    `curl -d '{"user":"me","password":"${planted}"}' https://h/t`,
    `curl -d "{\\"password\\": \\"${planted}\\"}" https://h/t`,
    `vault login token=${planted}`,
    `curl -u me:${planted} https://h/t`,
    `curl -ume:${planted} https://h/t`,
    `curl -s --user "me:${planted}" https://h/t`,
    `curl --proxy-user=me:${planted} https://h/t`,
    `sshpass -p ${planted} ssh h token`,
    `curl -H "X-Feed: Bearer ${planted}1" https://h/t`,
  ])('hostile 3: a command with a secret in it is refused, with its field: %s', (command) => {
    const reach = reachSchema.parse({ credential: { kind: 'token-command', command } });
    expect(credentialTrouble(reach)).toMatchObject([{ field: 'reach.credential.command' }]);
  });

  it.each([
    'gcloud auth print-access-token',
    'vault read -field=token secret/feed',
    'aws secretsmanager get-secret-value --secret-id prod/feed',
    'curl -H "Authorization: Bearer $TOKEN" https://h/t',
    'get-token --password-file /run/secret --token $TOKEN',
    'security find-generic-password -s feed -w',
    'TOKEN_FILE=secrets.txt get-token',
    'AUTH_URL=https://h/token get-token',
    'AWS_PROFILE=production aws sts get-session-token',
    'curl -d client_secret=$SECRET -u "me:$PASSWORD" https://h/t',
    'curl -d "password=@secret.txt" -u me https://h/t',
    'docker run -u 1000:1000 image token',
    'echo -p 8080 -u me',
    `curl -d '{"grant_type":"password"}' https://h/t`,
  ])('hostile 3: a command that reads its secret elsewhere is not: %s', (command) => {
    expect(credentialTrouble(reachSchema.parse({ credential: { kind: 'token-command', command } }))).toEqual([]);
  });

  it('hostile 3: one in another field of a credential that is open is refused, with its field', () => {
    const trouble = (credential: object) =>
      credentialTrouble(reachSchema.parse({ credential })).map(({ field }) => field);
    const oauth = { kind: 'oauth', tokenUrl: 'https://h/t', clientId: 'me', clientSecret: 'name' };
    expect(trouble({ ...oauth, scope: 'read write', audience: 'https://h/api' })).toEqual([]);
    expect(trouble({ ...oauth, audience: `https://me:${planted}@h/` })).toEqual(['reach.credential.audience']);
    expect(trouble({ ...oauth, scope: `read?token=${planted}` })).toEqual(['reach.credential.scope']);
    expect(trouble({ ...oauth, clientId: `Bearer ${planted}1` })).toEqual(['reach.credential.clientId']);
    expect(trouble({ kind: 'basic', user: 'me@h.test', password: 'name' })).toEqual([]);
    expect(trouble({ kind: 'basic', user: `me:${planted}`, password: 'name' })).toEqual(['reach.credential.user']);
    expect(trouble({ kind: 'bearer', token: 'name' })).toEqual([]);
  });
});
