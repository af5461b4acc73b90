import { describe, expect, it } from 'vitest';
import type { FoundReading } from '../../../../shared/probe';
import { reachSchema } from '../../../../shared/reach';
import { recipeSchema } from '../../../../shared/recipe';
import { emptyReach, reachFieldsOf } from '../reach/reach-fields';
import { addingOf, pasted, taken, wholeOf } from './adding';

const url = 'https://feeds.test/v2/orders';
const fields = { name: '', url, kind: 'found', intervalSeconds: 30, reach: emptyReach } as const;
const recipe = (parts: object) => recipeSchema.parse({ name: 'own', title: 'Own', ...parts });
const newName = () => 'x';
const found: FoundReading = {
  title: 'JSON list',
  protocol: 'json',
  recipe: recipe({ read: { time: 'at' } }),
  ladder: [{ transport: 'poll', url, intervalSeconds: 5 }],
  confidence: 'likely',
  why: [],
  promise: '',
  wants: [],
  says: [],
};
const reach = reachSchema.parse({ credential: { kind: 'bearer', token: 'p1.token' } });
const command = {
  from: 'curl' as const,
  draft: { name: '', url, protocol: 'auto' as const, reach, recipe: recipe({ ask: { post: { body: '{"q":1}' } } }) },
  secrets: [{ name: 'p1.token', value: 'hush' }],
  notes: ['--compressed is always so.'],
};

describe('what is added', () => {
  it('is what was found, with the interval that was entered', () => {
    const { draft, secrets } = wholeOf(fields, taken(addingOf(undefined), found, url), newName);
    expect(draft).toMatchObject({ url, protocol: 'json', ladder: [{ intervalSeconds: 30 }], recipe: found.recipe });
    expect(secrets).toEqual([]);
  });

  it('holds the secrets of a pasted command by their names', () => {
    const adding = pasted(addingOf(undefined), command);
    const { draft, secrets } = wholeOf({ ...fields, reach: reachFieldsOf(adding.reach) }, adding, newName);
    expect(draft.reach).toMatchObject({ credential: { kind: 'bearer', token: 'p1.token' } });
    expect(secrets).toEqual(command.secrets);
    expect(JSON.stringify(draft)).not.toContain('hush');
  });

  it('keeps no secret of a pasted command that was taken out again', () => {
    const adding = pasted(addingOf(undefined), command);
    expect(wholeOf({ ...fields, reach: emptyReach }, adding, newName).secrets).toEqual([]);
  });

  it('asks as the pasted command does, whatever was found', () => {
    const adding = taken(pasted(addingOf(undefined), command), found, url);
    expect(adding.recipe).toMatchObject({ read: { time: 'at' }, ask: { post: { body: '{"q":1}' } } });
  });

  it('keeps nothing of a reading in whose place another is taken', () => {
    const json = taken(addingOf(undefined), found, url);
    const metrics = taken(json, { ...found, protocol: 'prometheus', recipe: null }, url);
    expect(metrics).toMatchObject({ recipe: null, reading: { protocol: 'prometheus' } });
    const posted = taken(pasted(addingOf(undefined), command), found, url);
    expect(taken(posted, { ...found, recipe: null }, url).recipe).toMatchObject({
      read: {},
      values: [],
      ask: { post: { body: '{"q":1}' } },
    });
  });

  it('forgets what was found when something else is pasted, and leaves what was entered beside an address', () => {
    const adding = taken(pasted(addingOf(undefined), command), found, url);
    const at = (address: string) =>
      pasted(adding, { from: 'address', draft: { name: '', url: address, protocol: 'auto' }, secrets: [], notes: [] });
    const kept = { found: null, reading: null, reach, secrets: command.secrets };
    expect(at('https://other.test/')).toMatchObject({ ...kept, recipe: null });
    // Looked at again, what a person has said of it stands.
    expect(at(url)).toMatchObject({ ...kept, recipe: adding.recipe });
  });
});
