import type { Evidence } from '../../../shared/evidence';
import type { SourceView } from '../../../shared/view';

/** Bytes a view takes in a structured-clone message, roughly: fixed parts by count, texts by length. */
export function viewSize(view: SourceView): number {
  let size =
    1600 + view.config.url.length + view.config.name.length + 2 * view.reason.text.length + view.promise.length;
  for (const rung of view.ladder) {
    size += 300 + 2 * rung.url.length + (rung.reason?.text.length ?? 0) + evidenceSize(rung.evidence);
  }
  return size + evidenceSize(view.evidence);
}

/** The same for a list of evidence. */
export function evidenceSize(evidence: readonly Evidence[]): number {
  let size = 0;
  for (const piece of evidence) {
    size += 200;
    if (piece.kind === 'address') size += 2 * piece.url.length;
    if (piece.kind !== 'http') continue;
    size += piece.bodyStart.length * 2;
    for (const [name, value] of piece.headers) size += name.length + value.length + 20;
  }
  return size;
}
