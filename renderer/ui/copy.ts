/**
 * Puts text on the clipboard exactly as it is. Through a `copy` event and not the asynchronous clipboard, since the
 * window grants no permission to anyone; needs a click just before. False when the system refused.
 */
export function copyText(text: string): boolean {
  let done = false;
  const put = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
    done = true;
  };
  document.addEventListener('copy', put, { capture: true, once: true });
  document.execCommand('copy');
  document.removeEventListener('copy', put, { capture: true });
  return done;
}
