import type { z } from 'zod';

/** Parts of a schema that lie within it, each with what its path goes on with. */
function innerOf(schema: z.core.$ZodType): readonly (readonly [string, z.core.$ZodType])[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).map(([name, inner]) => [`.${name}`, inner]);
    case 'array':
      return [['[]', def.element]];
    case 'tuple':
      return def.items.map((inner, at) => [`[${at}]`, inner]);
    case 'record':
      return [['{}', def.valueType]];
    case 'union':
      return def.options.map((inner) => [kindOf(inner), inner]);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return [['', def.innerType]];
    case 'pipe':
      return [
        ['', def.in],
        ['', def.out],
      ];
    default:
      return [];
  }
}

/** Which of a union's shapes it is, by its literal. */
function kindOf(schema: z.core.$ZodType): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const { def: kind } =
    def.type === 'object' ? ((def.shape.kind ?? def.shape.protocol) as z.core.$ZodTypes)._zod : { def: null };
  return kind?.type === 'literal' ? `<${String(kind.values[0])}>` : '';
}

/** Paths of everything in a schema that takes a text of any kind, as in `reach.credential<oauth>.tokenUrl`. */
export function textFieldsOf(schema: z.core.$ZodType, path = ''): readonly string[] {
  if ((schema as z.core.$ZodTypes)._zod.def.type === 'string') return [path.replace(/^\./, '')];
  const found = innerOf(schema).flatMap(([step, inner]) => textFieldsOf(inner, `${path}${step}`));
  return [...new Set(found)];
}
