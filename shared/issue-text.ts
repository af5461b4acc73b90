import type { z } from 'zod';

/** What is wrong with a value that a file holds, in a sentence. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value')
    return `It has to be ${issue.values
      .map(String)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1')}.`;
  if (issue.code === 'invalid_type') {
    return issue.message.endsWith('received undefined') ? 'It is missing.' : `It has to be of type ${issue.expected}.`;
  }
  return issue.message.endsWith('.') ? issue.message : `${issue.message}.`;
}
