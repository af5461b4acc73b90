import type { RestoredSource } from '../core/journal';

/** Says once what went of each source with a damaged file: it is stored, and restored again with every edit. */
export function createDamageNews(): (source: string, stored: RestoredSource | null) => RestoredSource | null {
  const told = new Set<string>();
  return (source, stored) => {
    if (stored?.damage === undefined) return stored;
    const { damage, ...rest } = stored;
    const news = damage.filter(({ id }) => !told.has(`${source} ${id}`));
    for (const { id } of news) told.add(`${source} ${id}`);
    return news.length === 0 ? rest : { ...rest, damage: news };
  };
}
