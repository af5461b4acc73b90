import { describe, expect, it } from 'vitest';
import { reachSchema } from '../../../../shared/reach';
import { emptyReach, reachDraftOf, reachFieldOf, reachFieldsOf, secretNamesOf } from './reach-fields';

let count = 0;
const newName = () => {
  count += 1;
  return `n${count}`;
};

describe('fields of how a source is reached', () => {
  it('an untouched form asks for what is the default', () => {
    const { reach, secrets } = reachDraftOf(emptyReach, undefined, newName);
    expect(reachSchema.parse(reach)).toEqual(reachSchema.parse({}));
    expect(secrets).toEqual([]);
  });

  it('typed secrets travel beside the profile, never in it', () => {
    const { reach, secrets } = reachDraftOf(
      {
        ...emptyReach,
        proxyKind: 'manual',
        proxyUrl: 'http://proxy.test:3128',
        proxyUser: 'me',
        proxyPassword: 'planted-1',
        credential: 'bearer',
        secret: 'planted-2',
      },
      undefined,
      newName,
    );
    expect(JSON.stringify(reach)).not.toContain('planted');
    expect(secrets.map(({ value }) => value)).toEqual(['planted-1', 'planted-2']);
    expect(secretNamesOf(reachSchema.parse(reach))).toMatchObject({
      proxyPassword: secrets[0]?.name,
      secret: secrets[1]?.name,
    });
  });

  it('what is not typed again stays, unless the kind of credential changed', () => {
    const before = reachSchema.parse({
      headers: [['x-site', 'north']],
      tls: { certificate: '-----BEGIN CERTIFICATE-----', key: 'kept.key', passphrase: 'kept.pass' },
      credential: { kind: 'basic', user: 'me', password: 'kept.secret' },
    });
    const same = reachDraftOf(reachFieldsOf(before), before, newName);
    expect(reachSchema.parse(same.reach)).toEqual(before);
    const other = reachDraftOf({ ...reachFieldsOf(before), credential: 'bearer' }, before, newName);
    expect(other.reach.credential).toEqual({ kind: 'bearer', token: 'missing' });
  });

  it('promise 23: how much is sent a second is a setting, and what is no rate is told at its field', () => {
    const before = reachSchema.parse({ sendsPerSecond: 2.5 });
    expect(reachSchema.parse(reachDraftOf(reachFieldsOf(before), before, newName).reach).sendsPerSecond).toBe(2.5);
    for (const sendsPerSecond of ['', '0', 'many', '2000']) {
      const { reach } = reachDraftOf({ ...emptyReach, sendsPerSecond }, undefined, newName);
      const [issue] = reachSchema.safeParse(reach).error?.issues ?? [];
      expect(issue?.message).toBe('Messages and pings per second lie from 1 to 1000.');
      expect(reachFieldOf(`reach.${issue?.path.join('.')}`)).toBe('sendsPerSecond');
    }
  });

  it('errors of main find their field', () => {
    expect(reachFieldOf('draft.reach.proxy.url')).toBe('proxyUrl');
    expect(reachFieldOf('reach.credential.tokenUrl')).toBe('tokenUrl');
    expect(reachFieldOf('name')).toBeNull();
  });
});
