import { compose, type Values } from './sentence';

/** What may follow a feed's promise, or stand in its place: what it has not shown, and what is wrong with it. */
const remarks = {
  'resume-unproven': 'Quiet, resume unproven: nothing shows that the server knows where it was asked to go on.',
  'resume-not-shown':
    'Resumed, unproven: its ids do not tell whether it went on where it was asked to; events may be missing without a gap ({breaks} so far).',
  'asked-to-go-on':
    'In order of arrival. After a break it is asked to go on behind its last id; nothing shows that it did, so that no gap tells what a break cost.',
  'login-asked': 'The feed asks for a login ({asked}), and has said nothing else since.',
  'open-silent':
    'Open and silent: nothing that was expected has come for {seconds} s. What usually helps: a message on open that subscribes, the subprotocol that the feed wants, or a credential.',
  'did-not-resume': 'It does not resume: asked to go on behind id {asked}, it went on with {got}.',
  'ids-went-back': 'Its ids went back from {from} to {to}: its numbering began anew.',
  'instances-do-not-share-a-log': 'Its instances do not share a log: stream {stream} changed its epoch back and forth.',
  'numbers-went-back': 'Its numbers went back: stream {stream} gives them out a second time.',
  'too-many-streams': 'It has more than {limit} streams; the others pass without order or dedupe.',
} as const;

export function remark(name: keyof typeof remarks, values: Values = {}): string {
  return compose(remarks[name], values).text;
}
