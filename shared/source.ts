import { z } from 'zod';
import { protocolNames } from './protocols';
import { reachSchema, secretsOf } from './reach';
import { recipeSchema, secretsOfRecipe } from './recipe';
import { secretsIn } from './secret-places';
import { timeSchema } from './time-schema';
import { transportKinds } from './transport';
import { parseUrl } from './url';

const schemesOf: Record<(typeof transportKinds)[number], readonly string[]> = {
  websocket: ['ws:', 'wss:'],
  sse: ['http:', 'https:'],
  'long-poll': ['http:', 'https:'],
  poll: ['http:', 'https:'],
  tcp: ['mqtt:', 'mqtts:', 'stomp:', 'stomps:'],
};

/** Schemes of every address that can be watched, each once. */
export const addressSchemes: readonly string[] = [...new Set(Object.values(schemesOf).flat())];

/** One rung: a transport at its own address. Poll rungs carry their interval. */
export const rungSchema = z
  .object({
    transport: z.enum(transportKinds),
    url: z
      .string()
      .trim()
      .max(4096)
      .refine((text) => parseUrl(text) !== null && !/[\t\n\r]/.test(text), {
        message: 'Not a URL. Write it whole, as in https://host/path.',
      }),
    /** Seconds between polls; only poll rungs use it. */
    intervalSeconds: z.number().min(1).max(3600).default(5),
  })
  .superRefine((rung, context) => {
    const scheme = parseUrl(rung.url)?.protocol ?? '';
    if (!schemesOf[rung.transport].includes(scheme)) {
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: `A ${rung.transport} rung needs ${schemesOf[rung.transport].join(' or ')}//, not ${scheme || 'this'}.`,
      });
    }
  });

export type RungConfig = z.output<typeof rungSchema>;

/** What the numbers of a feed mean (design.md, *Delivery*). Only contiguous ones can declare a gap. */
export const numberingKinds = ['contiguous', 'rising', 'none'] as const;

export type Numbering = (typeof numberingKinds)[number];

/** A configured feed. Secrets are never in here: `credential` names one kept elsewhere. */
export const sourceSchema = z
  .object({
    id: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/),
    name: z.string().trim().min(1, 'Give it a name.').max(80),
    /** The address the person typed. */
    url: z.string().max(4096),
    protocol: z.enum(protocolNames),
    /** Protocol and ladder were told from the address, not chosen: what answers there may prove them wrong. */
    inferred: z.boolean().optional(),
    /** Best first; all rungs share one numbering. */
    ladder: z.array(rungSchema).max(4),
    /** Rung index the person fixed, or null. */
    pinnedRung: z.number().int().min(0).max(3).nullable().default(null),
    paused: z.boolean().default(false),
    /** Built-in sources cannot be removed by hand and carry no address of their own. */
    builtIn: z.boolean().default(false),
    /** How it is reached: proxy, TLS, credential. Absent: as `defaultReach` says. */
    reach: reachSchema.optional(),
    /** How it is read, asked and spoken to; absent: as is guessed. */
    recipe: recipeSchema.optional(),
    /** Since when it is read as it is now, epoch ms; absent: since it was added. What is stored from before stays as it was read. */
    readSince: timeSchema.optional(),
  })
  .refine(({ protocol, ladder }) => (protocol === 'recording') === (ladder.length === 0), {
    path: ['ladder'],
    message: 'Every source has at least one rung, except for a recording, which has none.',
  })
  .refine(({ protocol, recipe }) => recipe?.speak === undefined || recipe.speak.protocol === protocol, {
    path: ['recipe', 'speak', 'protocol'],
    message: 'What is told is for another protocol than the source is read as.',
  });

export type SourceConfig = z.output<typeof sourceSchema>;

/** Names of the secrets that a source needs, in its addresses too; what they say is kept elsewhere. */
export function secretsOfSource({
  url,
  ladder,
  reach,
  recipe,
}: Pick<SourceConfig, 'url' | 'ladder' | 'reach' | 'recipe'>): readonly string[] {
  const addresses = [url, ...ladder.map((rung) => rung.url)];
  const named = [...(reach ? secretsOf(reach) : []), ...(recipe ? secretsOfRecipe(recipe) : [])];
  return [...new Set([...addresses.flatMap(secretsIn), ...named])];
}
