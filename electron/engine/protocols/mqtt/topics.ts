/** Whether a topic is meant by a filter (MQTT 5 §4.7): `+` is one level, `#` all that follow and the level above them. */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = plainFilter(filter).split('/');
  const levels = topic.split('/');
  for (let at = 0; at < wanted.length; at += 1) {
    const level = wanted[at];
    if (level === '#') return true;
    if (levels[at] === undefined || (level !== '+' && level !== levels[at])) return false;
  }
  return wanted.length === levels.length;
}

/** Of a shared subscription (§4.8.2) what it is of. */
function plainFilter(filter: string): string {
  return /^\$share\/[^/]+\/(.+)$/.exec(filter)?.[1] ?? filter;
}
