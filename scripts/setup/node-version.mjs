// The first thing that runs, also on a Node far too old: keep the syntax of this file plain.

/** The oldest Node that runs the scripts and the tests, as [major, minor]. */
export const oldestNode = /** @type {const} */ ([20, 19]);

/**
 * Says why a Node version will not do.
 *
 * @param {string} version such as `20.20.2`
 * @returns {string} the sentence to show, or '' when the version will do
 */
export function whyTooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (enough) return '';
  return (
    'Node ' +
    version +
    ' is too old: Wirewatch needs ' +
    oldestNode.join('.') +
    ' or newer. ' +
    'Install it from https://nodejs.org or with your version manager, then run the same command again.'
  );
}

/** Ends this process with one sentence when its Node is too old. */
export function insistOnNode() {
  const why = whyTooOld(process.versions.node);
  if (!why) return;
  process.stderr.write(`set-up: ${why}\n`);
  process.exit(1);
}
