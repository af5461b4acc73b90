import { expect, it } from 'vitest';
import { isNamedProtocol, protocolNames } from '../../../shared/protocols';
import { inferLadder } from './ladder';
import { entryOf, protocolOf } from './registry';

const addresses: Partial<Record<(typeof protocolNames)[number], string>> = {
  gateway: 'http://feeds.test/v1/orders',
  mqtt: 'mqtt://broker.test',
};

it.each(protocolNames.filter(isNamedProtocol))(
  '%s says what it sends of its own accord, where it sends anything',
  (name) => {
    const inferred = inferLadder(addresses[name] ?? 'wss://feeds.test/app/key', name);
    if (!inferred.ok) throw new Error(`${name}: no ladder`);
    const { protocol, ladder } = inferred;
    const [rung] = ladder;
    if (rung === undefined) throw new Error(`${name}: no rung`);
    const speaks = Boolean(protocolOf({ protocol, ladder }).createDecoder(rung).conversation);
    const { says = [] } = entryOf(name);
    expect(says.length > 0).toBe(speaks);
    expect(says.filter((sentence) => !/^\S.*\.$/.test(sentence))).toEqual([]);
  },
);
