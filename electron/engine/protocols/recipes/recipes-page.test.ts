import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recipeSchema } from '../../../../shared/recipe';
import { createRecipeProtocol } from '../recipe/recipe-protocol';
import { shippedRecipes } from './shipped';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/recipes.md'), 'utf8');

/** Names of all fields of a JSON schema, and the words that a field may be. */
function wordsIn(schema: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(schema)) for (const one of schema) wordsIn(one, found);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [name, inner] of Object.entries(schema)) {
      if (name === 'properties') for (const field of Object.keys(inner)) found.add(field);
      if (name === 'enum' || name === 'const') for (const word of [inner].flat()) found.add(String(word));
      wordsIn(inner, found);
    }
  }
  return found;
}

describe('docs/recipes.md', () => {
  it('speaks of every field and every word of the schema', () => {
    const words = [...wordsIn(z.toJSONSchema(recipeSchema, { io: 'input', unrepresentable: 'any' }))];
    expect(words.length).toBeGreaterThan(60);
    expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
  });

  it('shows recipes that keep to the schema', () => {
    const shown = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) =>
      recipeSchema.parse(JSON.parse(text ?? '')),
    );
    expect(shown.map(({ name }) => name)).toEqual(['weather']);
  });

  it('its worked example reads what stands above it', () => {
    const [frame = ''] = [...page.matchAll(/```\n(\{"topic"[\s\S]*?)```/g)].map(([, text]) => text ?? '');
    const [text = ''] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, recipe]) => recipe ?? '');
    const rung = { transport: 'websocket', url: 'ws://h/', intervalSeconds: 5 } as const;
    const protocol = createRecipeProtocol(recipeSchema.parse(JSON.parse(text)), [rung]);
    const messages = protocol
      .createDecoder(rung)
      .decode({ data: frame, bytes: frame.length, receivedAt: 0, event: null, id: null, headers: [] });
    expect(messages).toMatchObject([
      { kind: 'attached', attachment: { stream: 'roof', from: 40 } },
      {
        kind: 'event',
        event: {
          stream: 'roof',
          type: 'reading',
          position: { seq: 41 },
          sentAt: 1_760_000_000_000,
          body: '{"sensor":"t1","celsius":"21.5"}',
          measures: [{ name: 'temperature', labels: [['sensor', 't1']], value: 21.5, unit: '°C' }],
        },
      },
      { kind: 'heartbeat' },
      { kind: 'token', token: '41' },
    ]);
  });

  it('names every recipe that comes along', () => {
    expect([...shippedRecipes.keys()].filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
