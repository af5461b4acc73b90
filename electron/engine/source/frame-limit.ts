/** Largest frame taken from a feed, bytes. Over it the frame is refused with its size and this limit. */
export const maxFrameBytes = 16 * 1024 * 1024;
