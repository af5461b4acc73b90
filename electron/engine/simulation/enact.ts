import { applyWeather, cutsConnections, targetsOf } from './fault-effects';
import type { Fault, Scenario } from './scenario';
import type { Watch, World } from './world';

/** Called when a fault strikes, once per source it hits, before it takes effect: for coverage. */
export type FaultListener = (watch: Watch, fault: Fault) => void;

/** Sets every fault and publication of a scenario on the world's clock. */
export function enact(world: World, scenario: Scenario, onFault: FaultListener): void {
  const active: [Set<Fault>, Set<Fault>] = [new Set(), new Set()];
  const { clock } = world;
  for (const { at, stream } of scenario.publications) {
    const watch = world.watches[stream];
    clock.after(at, () => watch.gateway.publish(watch.stream));
  }
  for (const fault of scenario.faults) {
    clock.after(fault.at, () => begin(fault));
    if (fault.lastsMs > 0) clock.after(fault.at + fault.lastsMs, () => end(fault));
  }

  function begin(fault: Fault): void {
    world.trace.push(
      `${clock.now().toFixed(1)} FAULT ${fault.kind} ${fault.target} for ${fault.lastsMs} size ${fault.size}`,
    );
    for (const index of targetsOf(fault)) {
      const watch = world.watches[index];
      onFault(watch, fault);
      active[index].add(fault);
      applyWeather(watch.weather, active[index]);
      serverFault(watch, fault, true);
      if (cutsConnections(fault.kind)) world.network.strike(watch.authority, 'reset');
      strikeOnce(watch, fault);
    }
    machineFault(fault, true);
  }

  function end(fault: Fault): void {
    for (const index of targetsOf(fault)) {
      const watch = world.watches[index];
      active[index].delete(fault);
      applyWeather(watch.weather, active[index]);
      serverFault(
        watch,
        fault,
        [...active[index]].some(({ kind }) => kind === fault.kind),
      );
    }
    machineFault(fault, false);
    if (fault.kind === 'answer-401' || fault.kind === 'answer-204') clock.after(fault.size * 500, () => renew(fault));
  }

  /** A stop that only a person ends: somebody comes by after a while. */
  function renew(fault: Fault): void {
    for (const index of targetsOf(fault)) {
      const watch = world.watches[index];
      if (watch.source.view().state.kind === 'closed') continue;
      watch.renew();
      if (watch.source.view().state.kind === 'stopped') watch.command('retry');
    }
  }

  /** Faults of the server and commands of the person, which begin and end. */
  function serverFault(watch: Watch, fault: Fault, on: boolean): void {
    const { gateway } = watch;
    switch (fault.kind) {
      case 'duplicate':
        gateway.faults.duplicate = on;
        break;
      case 'reorder':
        gateway.faults.reorder = on;
        break;
      case 'lose':
        gateway.faults.lose = on;
        gateway.faults.deaf = on && fault.size % 2 === 1;
        break;
      case 'server-stopped':
        gateway.faults.stopped = on;
        break;
      case 'command-pause':
        watch.command(on ? 'pause' : 'resume');
        break;
      case 'command-pin':
        watch.command({ pin: on ? fault.size % 4 : null });
        break;
      default:
    }
  }

  /** Faults that happen at once to a server or its connections, or are commands. */
  function strikeOnce(watch: Watch, fault: Fault): void {
    const { authority, gateway, stream } = watch;
    const { network } = world;
    switch (fault.kind) {
      case 'reset':
      case 'truncate':
      case 'half-open':
        network.strike(authority, fault.kind);
        break;
      case 'server-restart':
        gateway.restart();
        // Half of the time connections survive it (a proxy in front keeps them): events of another epoch come through.
        if (fault.size % 2) network.strike(authority, 'reset');
        break;
      case 'server-shutdown':
        gateway.shutDown(fault.size * 100);
        break;
      case 'retention': {
        // The log runs past the cursor while nobody listens.
        network.strike(authority, fault.size % 2 ? 'reset' : 'half-open');
        const { retain } = gateway.faults;
        gateway.faults.retain = 3;
        for (let count = 0; count < 12; count += 1) gateway.publish(stream);
        gateway.faults.retain = retain;
        break;
      }
      case 'token-expiry':
        gateway.faults.token = `token-${fault.at}`;
        network.strike(authority, 'reset');
        break;
      case 'same-tick':
        gateway.publish(stream);
        network.strike(authority, 'reset');
        gateway.publish(stream);
        watch.command('retry');
        break;
      case 'sleep':
        // The server gives up on a sleeper; the sleeper's socket still says OPEN.
        network.strike(authority, 'half-open');
        for (let count = 0; count < 3; count += 1) gateway.publish(stream);
        break;
      case 'jam':
        if (fault.size % 2) network.strike(authority, 'half-open');
        break;
      case 'network-change':
        network.strike(authority, 'half-open');
        break;
      case 'command-retry':
        watch.command('retry');
        break;
      case 'command-probe':
        watch.command('probe');
        break;
      default:
    }
  }

  /** What happens to the machine as a whole, once per fault. */
  function machineFault(fault: Fault, on: boolean): void {
    const { host } = world;
    switch (fault.kind) {
      case 'sleep':
        if (fault.size % 2) host.emit({ kind: 'suspend' });
        clock.sleep(3_600_000);
        if (fault.size % 2) host.emit({ kind: 'resume' });
        break;
      case 'clock-back':
        clock.shiftWall(-fault.size * 60_000);
        break;
      case 'clock-forward':
        clock.shiftWall(fault.size * 60_000);
        break;
      case 'late-timers':
        clock.setLateness(on ? fault.size * 20 : 0);
        break;
      case 'network-change':
        host.emit({ kind: 'network-changed', network: `net-${fault.size % 3}` });
        break;
      case 'offline':
        host.emit({ kind: on ? 'offline' : 'online' });
        break;
      default:
    }
  }
}
