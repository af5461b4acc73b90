/** Rows of a classic hex dump: offset, sixteen bytes, their printable ASCII. `limit` bytes at most. */
export function hexRows(base64: string, limit: number): readonly string[] {
  const binary = atob(base64).slice(0, limit);
  const rows: string[] = [];
  for (let offset = 0; offset < binary.length; offset += 16) {
    const part = binary.slice(offset, offset + 16);
    const codes = Array.from(part, (character) => character.charCodeAt(0));
    const hex = codes.map((code) => code.toString(16).padStart(2, '0'));
    const left = hex.slice(0, 8).join(' ').padEnd(23);
    const right = hex.slice(8).join(' ').padEnd(23);
    const ascii = codes.map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·')).join('');
    rows.push(`${offset.toString(16).padStart(8, '0')}  ${left}  ${right}  ${ascii}`);
  }
  return rows;
}
