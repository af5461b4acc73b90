/** Made once: `localeCompare` makes one for each two names, which costs a hundred times what comparing them does. */
const collator = new Intl.Collator(undefined, { numeric: true });

/** Names in the order that a person expects, numbers in them by their size. */
export function byName(left: string, right: string): number {
  return collator.compare(left, right);
}
