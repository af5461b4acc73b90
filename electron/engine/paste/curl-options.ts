/** The options of a `curl` command, by their long names and in their order (curl's manual, curl(1)). */
export interface CurlOption {
  readonly name: string;
  /** Null for one that takes none. */
  readonly value: string | null;
}

export interface CurlLine {
  readonly options: readonly CurlOption[];
  readonly addresses: readonly string[];
  /** What a shell would have done behind the command: `| jq`, `> file`. Null where there is nothing. */
  readonly behind: string | null;
  /** Options without the value that they need. */
  readonly incomplete: readonly string[];
}

/** Short forms; a star stands for one that takes a value. */
const short: Readonly<Record<string, string>> = {
  '0': 'http1.0',
  '1': 'tlsv1',
  '2': 'sslv2',
  '3': 'sslv3',
  '4': 'ipv4',
  '6': 'ipv6',
  '#': 'progress-bar',
  ':': 'next',
  A: 'user-agent*',
  C: 'continue-at*',
  D: 'dump-header*',
  E: 'cert*',
  F: 'form*',
  G: 'get',
  H: 'header*',
  I: 'head',
  J: 'remote-header-name',
  K: 'config*',
  L: 'location',
  N: 'no-buffer',
  O: 'remote-name',
  P: 'ftp-port*',
  Q: 'quote*',
  S: 'show-error',
  T: 'upload-file*',
  U: 'proxy-user*',
  V: 'version',
  X: 'request*',
  Y: 'speed-limit*',
  Z: 'parallel',
  a: 'append',
  b: 'cookie*',
  c: 'cookie-jar*',
  d: 'data*',
  e: 'referer*',
  f: 'fail',
  g: 'globoff',
  h: 'help',
  i: 'include',
  j: 'junk-session-cookies',
  k: 'insecure',
  l: 'list-only',
  m: 'max-time*',
  n: 'netrc',
  o: 'output*',
  p: 'proxytunnel',
  q: 'disable',
  r: 'range*',
  s: 'silent',
  t: 'telnet-option*',
  u: 'user*',
  v: 'verbose',
  w: 'write-out*',
  x: 'proxy*',
  y: 'speed-time*',
  z: 'time-cond*',
};

/** Long forms that take a value; every other one takes none. */
const valued = new Set([
  ...Object.values(short)
    .filter((name) => name.endsWith('*'))
    .map((name) => name.slice(0, -1)),
  ...(
    'aws-sigv4 cacert capath cert-type ciphers connect-timeout connect-to create-file-mode crlfile curves data-ascii ' +
    'data-binary data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url ' +
    'engine etag-compare etag-save expect100-timeout form-string happy-eyeballs-timeout-ms haproxy-clientip hsts ' +
    'interface json keepalive-time key key-type limit-rate local-port login-options max-filesize max-redirs netrc-file ' +
    'noproxy oauth2-bearer pass pinnedpubkey preproxy proto proto-default proto-redir proxy-cacert proxy-cert ' +
    'proxy-header proxy-key proxy-pass proxy1.0 rate request-target resolve retry retry-delay retry-max-time ' +
    'service-name socks4 socks4a socks5 socks5-hostname stderr tls-max tls13-ciphers trace trace-ascii unix-socket ' +
    'url url-query variable'
  ).split(' '),
]);

/** What ends a command in a shell, where it stands alone. */
const operators = /^(\|\|?|&&?|;|\d?>>?.*|<.*|2>&1)$/;

/** Reads the words of a command behind `curl`. */
export function readOptions(words: readonly string[]): CurlLine {
  const options: CurlOption[] = [];
  const addresses: string[] = [];
  const incomplete: string[] = [];
  let at = 0;

  function take(name: string, attached: string | null): void {
    if (attached !== null) return void options.push({ name, value: attached });
    const next = words[at];
    if (next === undefined) return void incomplete.push(name);
    at += 1;
    options.push({ name, value: next });
  }

  /** `-sSL`, `-XPOST`, `-Hname: value`. */
  function cluster(letters: string): void {
    for (let index = 0; index < letters.length; index += 1) {
      const name = short[letters[index] ?? ''] ?? `-${letters[index]}`;
      if (name.endsWith('*')) {
        const rest = letters.slice(index + 1);
        take(name.slice(0, -1), rest === '' ? null : rest);
        return;
      }
      options.push({ name, value: null });
    }
  }

  while (at < words.length) {
    const word = words[at] ?? '';
    at += 1;
    if (operators.test(word)) {
      return { options, addresses, behind: words.slice(at - 1).join(' '), incomplete };
    }
    if (word.startsWith('--') && word.length > 2) {
      const [name = '', ...rest] = word.slice(2).split('=');
      const attached = rest.length > 0 ? rest.join('=') : null;
      if (valued.has(name)) take(name, attached);
      else options.push({ name, value: attached });
    } else if (word.startsWith('-') && word.length > 1) cluster(word.slice(1));
    else if (word !== '') addresses.push(word);
  }
  return { options, addresses, behind: null, incomplete };
}
