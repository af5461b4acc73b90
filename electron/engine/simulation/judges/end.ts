import type { World } from '../world';

const second = 1000;

/** All is calm: what was published is accounted for, and the counters say the same. */
export function judgeRest(world: World, complain: (text: string) => void): void {
  for (const watch of world.watches) {
    const { id, feed, jury } = watch;
    const say = (text: string): void => complain(`${id} (${feed.kind}): ${text}`);
    const view = watch.view();
    if ((view !== null) !== (watch.wanted !== null))
      say(view ? 'is there, though it was removed last' : 'is missing, though it was added last');
    if (!view || !watch.wanted) continue;
    if (view.config.name !== watch.wanted.name) say(`is called ${view.config.name}, not ${watch.wanted.name}`);
    if (view.config.ladder.length !== watch.wanted.ladder.length) say('has another ladder than was said last');
    if (view.notYetStored !== 0) say(`${view.notYetStored} events are not stored though the journal is idle`);
    if (world.disk) continue;
    jury.settle(watch.firstPosition());
    const missing = jury.behind(watch.since(), world.clock.now() - 30 * second);
    if (missing !== null) say(missing);
    const { delivered, lost, gapsOpen } = view.counters;
    if (delivered !== jury.count()) say(`counted ${delivered} delivered, ${jury.count()} were`);
    if (gapsOpen !== 0) say(`counts ${gapsOpen} open gaps at the end`);
    if (feed.kind === 'gateway' && lost < jury.lost()) say(`counts ${lost} lost, ${jury.lost()} are in lost gaps`);
  }
}

/** After close nothing is left: no session, socket or timer. */
export async function judgeEnd(world: World, complain: (text: string) => void): Promise<void> {
  const { clock, watches, host } = world;
  // A disk that is slow at the end is waited for.
  if (world.disk) world.disk.slow = false;
  world.journal()?.catchUp();
  let closed = false;
  void world.close().then(() => {
    closed = true;
  });
  // A close handshake is bounded to 3 s, a commit notice to 60 ms.
  await world.runUntil(clock.now() + 5 * second);
  if (!closed) complain('the engine is not closed after 5 s');
  if (world.open() > 0) complain(`${world.open()} connections are open after close`);
  if (world.pending() > 0) complain(`${world.pending()} timers are left after close`);
  if (host.listeners() > 0) complain(`${host.listeners()} listeners are left after close`);
  for (const { sessions, id } of watches) {
    if (sessions.size > 0) complain(`${id}: ${[...sessions.values()].join(', ')} still open after close`);
  }
}
