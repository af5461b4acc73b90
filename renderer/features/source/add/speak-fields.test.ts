import { describe, expect, it } from 'vitest';
import type { Speak } from '../../../../shared/speak';
import { emptySpeak, isKept, speakFields, speakText, withTyped } from './speak-fields';

const protocols = Object.keys(speakFields) as readonly Speak['protocol'][];
const field = (protocol: Speak['protocol'], name: string) => {
  const found = speakFields[protocol].find((one) => one.name === name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

describe('what a protocol is told, as it is entered', () => {
  it('asks for every member that there is', () => {
    for (const protocol of protocols) {
      const members = Object.keys(emptySpeak(protocol)).filter((name) => name !== 'protocol');
      expect(speakFields[protocol].map(({ name }) => name).sort(), protocol).toEqual(members.sort());
    }
  });

  it('shows what was entered as it was entered', () => {
    for (const [protocol, name, typed] of [
      ['mqtt', 'topics', 'a/+/t\nb/#'],
      ['mqtt', 'qos', '2'],
      ['socket-io', 'emit', '["join","r1"]'],
      ['signalr', 'invoke', 'Join ["r 1",2]\nstream Counter [10]'],
      ['phoenix', 'topics', 'room:lobby {"a": 1}\nroom:2'],
      ['graphql-ws', 'query', 'subscription { a }'],
    ] as const) {
      const read = withTyped(emptySpeak(protocol), field(protocol, name), typed);
      expect(read.ok && speakText(read.speak, field(protocol, name)), name).toBe(typed);
    }
  });

  it('has the default again where everything is taken out', () => {
    const one = withTyped(emptySpeak('mqtt'), field('mqtt', 'topics'), 'a');
    expect(one.ok && withTyped(one.speak, field('mqtt', 'topics'), ' \n')).toMatchObject({ speak: { topics: ['#'] } });
  });

  it('does not show a secret that is kept', () => {
    const read = withTyped(emptySpeak('mqtt'), field('mqtt', 'password'), '*secret.a1*');
    if (!read.ok) throw new Error(read.message);
    expect(isKept(read.speak, field('mqtt', 'password'))).toBe(true);
    expect(speakText(read.speak, field('mqtt', 'password'))).toBe('');
  });

  it('says what cannot be', () => {
    expect(withTyped(emptySpeak('socket-io'), field('socket-io', 'namespace'), 'chat')).toMatchObject({ ok: false });
  });
});
