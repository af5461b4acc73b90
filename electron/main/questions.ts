import { inPlainSight } from './plain-sight';
import type { SendQuestion } from './sources/consent';
import type { PostQuestion } from './sources/posts';

/** What main asks a person in a dialog of the system. All that is not ours in it stands in plain sight. */
export interface Question {
  readonly message: string;
  readonly detail: string;
  /** No, then yes where there is something to say yes to. */
  readonly buttons: readonly [no: string, yes?: string];
}

/** More than this, characters, is taller than a screen in the dialogs of some systems: what hides in it is not seen. */
const mostShown = 5_000;

/** Every question of main's that a person agrees to. A question that is not here is not asked (a test holds that). */
export const questions = {
  run(command: string, places: readonly string[]): Question {
    const text = `It runs with your rights, each time a token is needed:\n\n${inPlainSight(command)}`;
    return whole({
      message: 'Run this command to get a token?',
      detail: `${text}\n\nIts tokens go to:\n${listed(places)}`,
      buttons: ['Do not run', 'Run'],
    });
  },
  send({ source, commands, held, more }: SendQuestion): Question {
    const what = commands.length === 0 ? 'What is kept secret' : 'What is kept secret, or a token of its command,';
    const known = held.length === 0 ? 'for no source that is known any more.' : `for:\n${listed(held)}`;
    const run = commands.length === 0 ? '' : `\n\nIts command:\n${listed(commands)}`;
    return whole({
      message: 'Send a secret to another address?',
      detail: `${what} for the source “${inPlainSight(source)}” would go to:\n${listed(more)}\n\nIt was entered ${known}${run}`,
      buttons: ['Do not send', 'Send'],
    });
  },
  post({ source, body, to, billed }: PostQuestion): Question {
    const cost = billed
      ? 'Each answer may be billed: one that ended on purpose is not asked for again by itself.\n\n'
      : '';
    return whole({
      message: 'Ask the feed by a POST?',
      detail: `It may change something there, or cost something. It is sent for the source “${inPlainSight(source)}” each time it connects or polls.\n\n${cost}It goes to:\n${listed(to)}\n\nIts body:\n\n${inPlainSight(body)}`,
      buttons: ['Do not send', 'Send'],
    });
  },
  open(url: string): Question {
    return whole({
      message: 'Open this recording?',
      detail: `The backup names a file of this machine:\n\n${inPlainSight(url)}`,
      buttons: ['Do not open', 'Open'],
    });
  },
  outside(url: string): Question {
    return whole({
      message: 'Open this address in your browser?',
      detail: `What stands in the address is shown to its server:\n\n${inPlainSight(url)}`,
      buttons: ['Do not open', 'Open'],
    });
  },
};

/** A question that is seen whole, or word that it cannot be. */
function whole(question: Question): Question {
  const { length } = question.detail;
  if (length <= mostShown) return question;
  return {
    message: 'Too long to be agreed to',
    detail: `“${question.message}” would take ${length} characters to be shown in full, and no more than ${mostShown} are sure to be seen. It is taken for a no.`,
    buttons: ['Close'],
  };
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `  ${inPlainSight(line)}`).join('\n');
}
