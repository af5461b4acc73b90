import { Age, Countdown } from './countdown';
import { clock, fullTime } from './format/time';
import { visible } from './format/visible';
import type { Part } from './sentence';

/** Renders a sentence with its countdowns running. */
export function SentenceText({ parts }: { readonly parts: readonly Part[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
  return parts.map((part, index) => <PartText key={`${index}${part.kind}`} part={part} />);
}

function PartText({ part }: { readonly part: Part }) {
  switch (part.kind) {
    case 'text':
      return visible(part.text);
    case 'bold':
      return <strong>{visible(part.text)}</strong>;
    case 'until':
      return <Countdown until={part.at} />;
    case 'ago':
      return <Age at={part.at} />;
    case 'at':
      return <strong title={fullTime(part.at)}>{clock(part.at)}</strong>;
  }
}
