/** The major of Electron that Wirewatch is built for and released with, as package.json pins it. */
export const builtForElectron = 45;

/** Electron mends faults in its three newest majors (electronjs.org/docs/latest/tutorial/electron-timelines). */
const majorsMended = 3;

/**
 * Whether faults of this Electron are no longer mended, as far as this version of Wirewatch can know.
 *
 * @param version such as `25.1.1`
 */
export function isPastSupport(version: string): boolean {
  const major = Number.parseInt(version, 10);
  return Number.isNaN(major) || major <= builtForElectron - majorsMended;
}
