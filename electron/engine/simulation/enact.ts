import type { SourceConfig } from '../../../shared/source';
import { applyWeather, cutsConnections, targetsOf } from './fault-effects';
import { factsOf, strikes } from './fault-kinds';
import type { Fault, Scenario } from './scenario';
import type { Watch } from './watch';
import type { MutableHost, World } from './world';

/** Called when a fault strikes, once per source it hits, before it takes effect: for coverage. */
export type FaultListener = (watch: Watch, fault: Fault) => void;

/** Sets every fault and publication of a scenario on the world's clock. Restarts are the run's: `onRestart` gets them. */
export function enact(
  world: World,
  scenario: Scenario,
  onFault: FaultListener,
  onRestart: (statements: number | null) => void,
): void {
  const active = new Map<MutableHost, Set<Fault>>(world.hosts.map((host) => [host, new Set()]));
  const { clock } = world;
  for (const { at, feed } of scenario.publications) clock.after(at, () => world.watches[feed]?.feed.publish());
  for (const fault of scenario.faults) {
    clock.after(fault.at, () => begin(fault));
    if (fault.lastsMs > 0) clock.after(fault.at + fault.lastsMs, () => end(fault));
  }

  for (let at = sendEveryMs; at < scenario.faultsEndAt; at += sendEveryMs) clock.after(at, sendAll);

  /** Somebody writes to every feed that takes messages. */
  function sendAll(): void {
    for (const watch of world.watches)
      if (strikes('send', watch.feed.kind) && watch.view())
        watch.send(JSON.stringify({ message: `${watch.id} at ${Math.round(clock.now())}` }));
  }

  /** Hosts a fault hits, each with the sources behind it. */
  function each(fault: Fault, act: (host: MutableHost, watches: readonly Watch[]) => void): void {
    for (const index of targetsOf(fault)) {
      const host = world.hosts[index];
      act(
        host,
        world.watches.filter((watch) => watch.host === host && strikes(fault.kind, watch.feed.kind)),
      );
    }
  }

  function setWeather(host: MutableHost): void {
    const faults = active.get(host) ?? [];
    applyWeather(host.weather, faults);
    host.active.clear();
    for (const { kind } of faults) host.active.add(kind);
    host.changedAt = clock.now();
  }

  function begin(fault: Fault): void {
    world.note(`FAULT ${fault.kind} ${fault.target} for ${fault.lastsMs} size ${fault.size}`);
    each(fault, (host, watches) => {
      for (const watch of watches) onFault(watch, fault);
      active.get(host)?.add(fault);
      setWeather(host);
      if (cutsConnections(fault.kind)) world.strike(host, 'reset');
      strikeWay(host, fault);
      for (const watch of watches) strikeSource(watch, fault, true);
      if (fault.lastsMs === 0) active.get(host)?.delete(fault);
    });
    strikeMachine(fault, true);
  }

  function end(fault: Fault): void {
    each(fault, (host, watches) => {
      active.get(host)?.delete(fault);
      setWeather(host);
      const lasts = [...(active.get(host) ?? [])].some(({ kind }) => kind === fault.kind);
      for (const watch of watches) if (!lasts) strikeSource(watch, fault, false);
    });
    strikeMachine(fault, false);
    if (stopsForGood.has(fault.kind)) clock.after(fault.size * 500, () => renew(fault));
  }

  /** A stop that only a person ends: somebody comes by after a while. */
  function renew(fault: Fault): void {
    each(fault, (_, watches) => {
      for (const watch of watches) {
        const view = watch.view();
        if (!view || view.state.kind === 'closed') continue;
        watch.renew();
        if (view.state.kind === 'stopped') watch.command('retry');
      }
    });
  }

  /** Faults that happen at once to every connection of a host. */
  function strikeWay(host: MutableHost, { kind, size }: Fault): void {
    switch (kind) {
      case 'reset':
      case 'truncate':
      case 'half-open':
      case 'reserved-close':
      case 'broken-frame':
        world.strike(host, kind);
        return;
      case 'server-restart':
        // Half of the time connections survive it (a proxy in front keeps them): events of another epoch come through.
        if (size % 2) clock.after(0, () => world.strike(host, 'reset'));
        return;
      case 'retention':
        // The log runs past the cursor while nobody listens.
        world.strike(host, size % 2 ? 'reset' : 'half-open');
        return;
      case 'token-expiry':
      case 'same-tick':
        world.strike(host, 'reset');
        return;
      case 'sleep':
      case 'suspend':
      case 'network-change':
        // The server gives up on a sleeper; the sleeper's socket still says OPEN.
        world.strike(host, 'half-open');
        return;
      case 'jam':
        if (size % 2) world.strike(host, 'half-open');
        return;
      default:
    }
  }

  /** Faults of a server, and what a person does. */
  function strikeSource(watch: Watch, fault: Fault, on: boolean): void {
    const { feed } = watch;
    if (factsOf(fault.kind).side === 'server') feed.fault(fault.kind, on, fault.size);
    switch (fault.kind) {
      case 'token-expiry':
        feed.setToken(`token-${fault.at}`);
        return;
      case 'sleep':
        for (let count = 0; count < 3; count += 1) feed.publish();
        return;
      case 'same-tick':
        feed.publish();
        feed.publish();
        watch.command('retry');
        return;
      case 'command-pause':
        watch.command(on ? 'pause' : 'resume');
        return;
      case 'command-pin':
        watch.command({ pin: on ? fault.size % (watch.wanted?.ladder.length ?? 1) : null });
        return;
      case 'command-retry':
        watch.command('retry');
        return;
      case 'command-probe':
        watch.command('probe');
        return;
      case 'snapshot':
        void world.engine().refreshState(watch.id);
        return;
      case 'send':
        for (let turn = 0; turn < 1 + (fault.size % 4); turn += 1)
          if (watch.view()) watch.send(JSON.stringify({ message: `${watch.id}-${Math.round(clock.now())}-${turn}` }));
        return;
      case 'rename':
        world.deed(watch, 'rename', (config) => ({ ...config, name: `${watch.id} ${fault.size}` }));
        return;
      case 'edit':
        world.deed(watch, 'edit', edited(fault.size));
        return;
      case 'remove':
        world.deed(watch, on ? 'remove' : 'add', (config) => config);
        return;
      case 'import':
        // A backup puts everything in place at once, on top of whatever is under way.
        world.deed(watch, 'remove', (config) => config);
        world.deed(watch, 'add', (config) => config);
        world.deed(watch, 'rename', (config) => ({ ...config, name: `imported ${fault.size}` }));
        world.deed(watch, 'edit', edited(fault.size));
        return;
      default:
    }
  }

  /** What happens to the machine as a whole, once per fault. */
  function strikeMachine(fault: Fault, on: boolean): void {
    const { host, disk } = world;
    switch (fault.kind) {
      case 'sleep':
        if (fault.size % 2) host.emit({ kind: 'suspend' });
        clock.sleep(3_600_000);
        if (fault.size % 2) host.emit({ kind: 'resume' });
        return;
      case 'suspend':
        host.emit({ kind: on ? 'suspend' : 'resume' });
        return;
      case 'clock-back':
        clock.shiftWall(-fault.size * 60_000);
        return;
      case 'clock-forward':
        clock.shiftWall(fault.size * 60_000);
        return;
      case 'late-timers':
        clock.setLateness(on ? fault.size * 20 : 0);
        return;
      case 'network-change':
        host.emit({ kind: 'network-changed', network: `net-${fault.size % 3}` });
        return;
      case 'offline':
        host.emit({ kind: on ? 'offline' : 'online' });
        return;
      case 'restart':
        onRestart(null);
        return;
      case 'crash':
        onRestart(fault.size % 41);
        return;
      case 'disk-full':
        if (disk) disk.full = on;
        world.outboxStore.full = on;
        return;
      case 'disk-slow':
        if (disk) disk.slow = on;
        if (!on) world.journal()?.catchUp();
        return;
      case 'disk-damaged':
        world.damage();
        return;
      case 'disk-unreadable':
        if (disk) disk.unreadable = on;
        if (on) onRestart(fault.size % 41);
        return;
      case 'worker-dead':
        world.journal()?.killWorker();
        return;
      default:
    }
  }
}

/** Messages to feeds come so often, ms. */
const sendEveryMs = 25_000;

/** Faults that may leave a source stopped until a person comes. */
const stopsForGood: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>([
  'answer-401',
  'login-refused',
  'answer-204',
  'proxy-auth',
  'proxy-login',
]);

/** Another ladder for the same feed: without its lowest rung, or polled at another pace. */
function edited(size: number): (config: SourceConfig) => SourceConfig {
  return (config) => {
    const { ladder } = config;
    if (size % 2 && ladder.length > 1) return { ...config, pinnedRung: null, ladder: ladder.slice(0, -1) };
    return { ...config, ladder: ladder.map((rung) => ({ ...rung, intervalSeconds: 3 + (size % 5) })) };
  };
}
