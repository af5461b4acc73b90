import styles from './reach.module.css';
import { type CredentialKind, emptyReach } from './reach-fields';
import { Archive, Area, Check, Choice, Secret, Section, type SectionsProps, Text } from './reach-inputs';

const credentialTexts: Readonly<Record<CredentialKind, string>> = {
  none: 'None',
  bearer: 'Bearer token',
  basic: 'User and password',
  header: 'Header',
  query: 'Query parameter',
  cookie: 'Cookie',
  oauth: 'OAuth client credentials',
  'token-url': 'Token from a URL',
  'token-command': 'Token from a command',
};

const credentialHints: Readonly<Partial<Record<CredentialKind, string>>> = {
  'token-command': 'Runs on this machine with your rights. Wirewatch asks you once before it runs.',
};

const secretLabels: Readonly<Record<CredentialKind, string>> = {
  none: '',
  bearer: 'Token',
  basic: 'Password',
  header: 'Value',
  query: 'Value',
  cookie: 'Value',
  oauth: 'Client secret',
  'token-url': 'Authorization sent to that URL (optional)',
  'token-command': '',
};

/** How the source is reached: four sections, each with a test that answers in a sentence. */
export function ReachSections(props: SectionsProps) {
  return (
    <div className={styles.sections}>
      <ProxySection {...props} />
      <TlsSection {...props} />
      <CredentialSection {...props} />
      <RequestsSection {...props} />
    </div>
  );
}

function ProxySection(props: SectionsProps) {
  const { form } = props;
  const [kind, url] = form.watch(['reach.proxyKind', 'reach.proxyUrl']);
  const summary = { system: 'As the system says', direct: 'None', manual: url || 'Its own' }[kind];
  return (
    <Section title="Proxy" summary={summary} part="proxy" props={props} fields={['proxyUrl', 'proxyUser']}>
      <Choice
        form={form}
        name="proxyKind"
        label="Proxy"
        options={[
          ['system', 'As the system says (PAC scripts too)'],
          ['direct', 'None'],
          ['manual', 'This one'],
        ]}
      />
      {kind === 'manual' ? (
        <Text
          form={form}
          name="proxyUrl"
          label="Proxy address"
          placeholder="http://proxy:3128 or socks5://proxy:1080"
        />
      ) : null}
      {kind === 'direct' ? null : (
        <>
          <Text form={form} name="proxyUser" label="User (where the proxy wants one)" />
          <Secret {...props} name="proxyPassword" label="Password" />
        </>
      )}
    </Section>
  );
}

function TlsSection(props: SectionsProps) {
  const { form } = props;
  const [client, fingerprint, ca] = form.watch(['reach.clientKind', 'reach.fingerprint', 'reach.ca']);
  const trust = fingerprint !== '' ? 'One certificate' : ca.trim() !== '' ? 'An authority of its own' : 'As the system';
  return (
    <Section
      title="TLS"
      summary={client === 'none' ? trust : `${trust}, client certificate`}
      part="tls"
      props={props}
      fields={['ca', 'fingerprint', 'serverName', 'certificate']}
      onTrust={(seen) => form.setValue('reach.fingerprint', seen, { shouldDirty: true })}
    >
      <Area
        form={form}
        name="ca"
        label="Authorities trusted besides the system's (PEM)"
        placeholder="-----BEGIN CERTIFICATE-----"
      />
      <Text form={form} name="fingerprint" label="Trust this one certificate and no other (SHA-256)" />
      <Text form={form} name="serverName" label="Name asked for (SNI) and expected, if not the address's" />
      <Choice
        form={form}
        name="minVersion"
        label="Oldest version spoken"
        options={[
          ['TLSv1.3', 'TLS 1.3'],
          ['TLSv1.2', 'TLS 1.2'],
          ['TLSv1.1', 'TLS 1.1 (old and weak)'],
          ['TLSv1', 'TLS 1.0 (old and weak)'],
        ]}
      />
      <Choice
        form={form}
        name="clientKind"
        label="Client certificate"
        options={[
          ['none', 'None'],
          ['pem', 'PEM'],
          ['pkcs12', 'PKCS#12 file'],
        ]}
      />
      {client === 'pem' ? (
        <>
          <Area form={form} name="certificate" label="Certificate (PEM)" placeholder="-----BEGIN CERTIFICATE-----" />
          <Area
            form={form}
            name="key"
            label="Private key (PEM)"
            placeholder={props.kept.key === null ? '-----BEGIN PRIVATE KEY-----' : 'Kept. Paste another to replace it.'}
          />
        </>
      ) : null}
      {client === 'pkcs12' ? <Archive {...props} /> : null}
      {client === 'none' ? null : <Secret {...props} name="passphrase" label="Passphrase (where there is one)" />}
    </Section>
  );
}

function CredentialSection(props: SectionsProps) {
  const { form } = props;
  const kind = form.watch('reach.credential');
  const named = kind === 'header' || kind === 'query' || kind === 'cookie';
  const renewed = kind === 'oauth' || kind === 'token-url' || kind === 'token-command';
  const hint = credentialHints[kind];
  return (
    <Section
      title="Credential"
      summary={credentialTexts[kind]}
      part="credential"
      props={props}
      fields={[
        'credential',
        'user',
        'carrier',
        'tokenUrl',
        'clientId',
        'command',
        'secret',
        'scope',
        'audience',
        'account',
      ]}
    >
      <Choice
        form={form}
        name="credential"
        label="Kind of credential"
        options={Object.entries(credentialTexts)}
        {...(hint ? { hint } : {})}
      />
      {kind === 'basic' ? <Text form={form} name="user" label="User" /> : null}
      {named ? <Text form={form} name="carrier" label="Name" /> : null}
      {kind === 'oauth' || kind === 'token-url' ? (
        <Text form={form} name="tokenUrl" label="Address of the token" />
      ) : null}
      {kind === 'oauth' ? <Text form={form} name="clientId" label="Client id" /> : null}
      {kind === 'token-command' ? (
        <Text form={form} name="command" label="Command that prints a token" />
      ) : kind === 'none' ? null : (
        <Secret {...props} name="secret" label={secretLabels[kind]} />
      )}
      {kind === 'oauth' ? (
        <>
          <Choice
            form={form}
            name="clientIn"
            label="Client id and secret go in"
            options={[
              ['header', 'the Authorization header'],
              ['body', 'the body of the request'],
            ]}
          />
          <Text form={form} name="scope" label="Scope (where there is one)" />
          <Text form={form} name="audience" label="Audience (where there is one)" />
        </>
      ) : null}
      {renewed ? (
        <Text
          form={form}
          name="account"
          label="Account (optional)"
          hint="Sources with the same credential and account share one token; another name gets one of its own."
        />
      ) : null}
    </Section>
  );
}

function RequestsSection(props: SectionsProps) {
  const { form } = props;
  const [headers, subprotocols, connectTo, stopCodes, sendsPerSecond, http2, compression] = form.watch([
    'reach.headers',
    'reach.subprotocols',
    'reach.connectTo',
    'reach.stopCodes',
    'reach.sendsPerSecond',
    'reach.http2',
    'reach.compression',
  ]);
  const count = headers.split('\n').filter((line) => line.trim() !== '').length;
  const own = [
    ...(count > 0 ? [`${count} ${count === 1 ? 'header' : 'headers'}`] : []),
    ...(subprotocols.trim() ? [`speaks ${subprotocols.trim()}`] : []),
    ...(connectTo.trim() ? [`to ${connectTo.trim()}`] : []),
    ...(compression ? ['compressed'] : []),
    ...(http2 ? [] : ['HTTP/1.1 only']),
    ...(stopCodes.trim() ? ['own stop codes'] : []),
    ...(sendsPerSecond.trim() !== emptyReach.sendsPerSecond ? [`${sendsPerSecond.trim()} sends a second`] : []),
  ];
  return (
    <Section
      title="Requests"
      summary={own.length === 0 ? 'As usual' : own.join(', ')}
      part="requests"
      props={props}
      fields={['headers', 'subprotocols', 'connectTo', 'stopCodes', 'sendsPerSecond']}
    >
      <Area
        form={form}
        name="headers"
        label="Headers sent with every request"
        hint="One a line. What is named like a secret moves to where secrets are kept."
        placeholder="X-Site: north"
      />
      <Text
        form={form}
        name="subprotocols"
        label="Subprotocols of a WebSocket"
        hint="Offered in the handshake, best first; the test says which one the server chose."
        placeholder="graphql-transport-ws"
      />
      <Text
        form={form}
        name="connectTo"
        label="Connect to this host and port instead of the address's"
        hint="The name asked for and expected stays the address's."
        placeholder="10.0.0.7:8443"
      />
      <Text
        form={form}
        name="stopCodes"
        label="Close codes of a WebSocket that mean stop"
        hint="From 4000 to 4999. After one of them the feed is asked again only every 10 minutes."
        placeholder="4401, 4403"
      />
      <Text
        form={form}
        name="sendsPerSecond"
        label="Messages and pings a second, at most"
        hint="What one WebSocket may send over time; twice as many at once. What is over it waits."
        placeholder="10"
      />
      <Check form={form} name="http2" label="Offer HTTP/2 for server-sent events and polls" />
      <Check form={form} name="compression" label="Offer compression (costs memory for each connection)" />
      <Check form={form} name="cookies" label="Keep the server's cookies for this run" />
    </Section>
  );
}
