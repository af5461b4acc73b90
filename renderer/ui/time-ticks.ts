/** Instants for the time axis, at round local times, leaving room at the right end for *now*. */
export function timeTicks(from: number, to: number, step: number): readonly number[] {
  const offset = -new Date(to).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  const room = (to - from) * 0.07;
  for (let tick = Math.ceil((from + offset) / step) * step - offset; tick < to - room; tick += step) {
    if (tick > from + room / 2) ticks.push(tick);
  }
  return [...ticks, to];
}
