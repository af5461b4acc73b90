import type { ReactNode } from 'react';
import type { FieldPath, UseFormReturn } from 'react-hook-form';
import type { CommandArgs } from '../../../../shared/ipc';
import type { ReachPart } from '../../../../shared/secrets';
import { Field, fieldProps } from '../field';
import styles from './reach.module.css';
import type { CredentialKind, ReachFields, SecretField, SecretNames } from './reach-fields';
import { TestButton } from './test-button';

/** The form these sections are part of. */
export interface WithReach {
  readonly reach: ReachFields;
}

interface SectionsProps {
  readonly form: UseFormReturn<WithReach>;
  /** Secrets that are kept already. */
  readonly kept: SecretNames;
  /** The form as it stands, for a test. */
  readonly draft: () => Omit<CommandArgs<'sources.test'>, 'part'>;
}

const credentialTexts: Readonly<Record<CredentialKind, string>> = {
  none: 'None',
  bearer: 'Bearer token',
  basic: 'User and password',
  header: 'Header',
  query: 'Query parameter',
  cookie: 'Cookie',
  'first-message': 'First message (WebSocket)',
  oauth: 'OAuth client credentials',
  'token-url': 'Token from a URL',
  'token-command': 'Token from a command',
};

const secretLabels: Readonly<Record<CredentialKind, string>> = {
  none: '',
  bearer: 'Token',
  basic: 'Password',
  header: 'Value',
  query: 'Value',
  cookie: 'Value',
  'first-message': 'Message',
  oauth: 'Client secret',
  'token-url': 'Authorization sent to that URL (optional)',
  'token-command': '',
};

/** How the source is reached: three sections, each with a test that answers in a sentence. */
export function ReachSections(props: SectionsProps) {
  return (
    <div className={styles.sections}>
      <ProxySection {...props} />
      <TlsSection {...props} />
      <CredentialSection {...props} />
    </div>
  );
}

function ProxySection(props: SectionsProps) {
  const { form } = props;
  const [kind, url] = form.watch(['reach.proxyKind', 'reach.proxyUrl']);
  const summary = { system: 'As the system says', direct: 'None', manual: url || 'Its own' }[kind];
  return (
    <Section
      title="Proxy"
      summary={summary}
      part="proxy"
      props={props}
      open={hasError(form, ['proxyUrl', 'proxyUser'])}
    >
      <Field id="proxyKind" label="Proxy" error={undefined}>
        <select {...fieldProps('proxyKind', undefined)} {...form.register('reach.proxyKind')}>
          <option value="system">As the system says (PAC scripts too)</option>
          <option value="direct">None</option>
          <option value="manual">This one</option>
        </select>
      </Field>
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
  const summary = client === 'none' ? trust : `${trust}, client certificate`;
  const fields = ['ca', 'fingerprint', 'serverName', 'certificate'] as const;
  return (
    <Section
      title="TLS"
      summary={summary}
      part="tls"
      props={props}
      open={hasError(form, fields)}
      onTrust={(seen) => form.setValue('reach.fingerprint', seen, { shouldDirty: true })}
    >
      <Area form={form} name="ca" label="Authorities trusted besides the system's (PEM)" />
      <Text form={form} name="fingerprint" label="Trust this one certificate and no other (SHA-256)" />
      <Text form={form} name="serverName" label="Name asked for and expected, if not the address's" />
      <Field id="minVersion" label="Oldest version spoken" error={undefined}>
        <select {...fieldProps('minVersion', undefined)} {...form.register('reach.minVersion')}>
          <option value="TLSv1.3">TLS 1.3</option>
          <option value="TLSv1.2">TLS 1.2</option>
          <option value="TLSv1.1">TLS 1.1 (old and weak)</option>
          <option value="TLSv1">TLS 1.0 (old and weak)</option>
        </select>
      </Field>
      <Field id="clientKind" label="Client certificate" error={undefined}>
        <select {...fieldProps('clientKind', undefined)} {...form.register('reach.clientKind')}>
          <option value="none">None</option>
          <option value="pem">PEM</option>
          <option value="pkcs12">PKCS#12 file</option>
        </select>
      </Field>
      {client === 'pem' ? (
        <>
          <Area form={form} name="certificate" label="Certificate (PEM)" />
          <Area form={form} name="key" label="Private key (PEM)" kept={props.kept.key !== null} />
        </>
      ) : null}
      {client === 'pkcs12' ? <Archive {...props} /> : null}
      {client === 'none' ? null : <Secret {...props} name="passphrase" label="Passphrase (where there is one)" />}
      <Check form={form} name="http2" label="Offer HTTP/2 for SSE and polls" />
    </Section>
  );
}

function CredentialSection(props: SectionsProps) {
  const { form } = props;
  const kind = form.watch('reach.credential');
  const named = kind === 'header' || kind === 'query' || kind === 'cookie';
  const fields = ['user', 'carrier', 'tokenUrl', 'clientId', 'command', 'secret'] as const;
  return (
    <Section
      title="Credential"
      summary={credentialTexts[kind]}
      part="credential"
      props={props}
      open={hasError(form, fields)}
    >
      <Field id="credential" label="Kind of credential" error={undefined}>
        <select {...fieldProps('credential', undefined)} {...form.register('reach.credential')}>
          {Object.entries(credentialTexts).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </Field>
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
      {kind === 'oauth' ? <Text form={form} name="scope" label="Scope (where there is one)" /> : null}
      <Check form={form} name="cookies" label="Keep the server's cookies for this run" />
      <Check form={form} name="compression" label="Offer compression (costs memory for each connection)" />
    </Section>
  );
}

interface SectionProps {
  readonly title: string;
  readonly summary: string;
  readonly part: ReachPart;
  readonly props: SectionsProps;
  /** Something in it needs the person. */
  readonly open: boolean;
  readonly onTrust?: (fingerprint: string) => void;
  readonly children: ReactNode;
}

function Section({ title, summary, part, props, open, onTrust, children }: SectionProps) {
  return (
    <details className={styles.section} {...(open ? { open: true } : {})} data-section={part}>
      <summary>
        {title}
        <span>{summary}</span>
      </summary>
      <div className={styles.fields}>
        {children}
        <TestButton part={part} draft={props.draft} {...(onTrust ? { onTrust } : {})} />
      </div>
    </details>
  );
}

type Form = SectionsProps['form'];
type TextName = {
  [Name in keyof ReachFields]: ReachFields[Name] extends string ? Name : never;
}[keyof ReachFields];

interface InputProps<Name extends keyof ReachFields> {
  readonly form: Form;
  readonly name: Name;
  readonly label: string;
}

function Text({ form, name, label, placeholder }: InputProps<TextName> & { readonly placeholder?: string }) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error}>
      <input
        {...fieldProps(name, error)}
        {...form.register(`reach.${name}` as FieldPath<WithReach>)}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
      />
    </Field>
  );
}

function Area({ form, name, label, kept = false }: InputProps<TextName> & { readonly kept?: boolean }) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error}>
      <textarea
        {...fieldProps(name, error)}
        {...form.register(`reach.${name}` as FieldPath<WithReach>)}
        placeholder={kept ? 'Kept. Paste another to replace it.' : '-----BEGIN …'}
        spellCheck={false}
        autoComplete="off"
      />
    </Field>
  );
}

function Secret({ form, kept, name, label }: SectionsProps & { readonly name: SecretField; readonly label: string }) {
  const error = errorOf(form, name);
  return (
    <Field id={name} label={label} error={error}>
      <input
        {...fieldProps(name, error)}
        {...form.register(`reach.${name}` as FieldPath<WithReach>)}
        type="password"
        placeholder={kept[name] === null ? '' : 'Kept. Type another to replace it.'}
        autoComplete="new-password"
      />
    </Field>
  );
}

function Archive({ form, kept }: SectionsProps) {
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    let binary = '';
    for (const byte of new Uint8Array(await file.arrayBuffer())) binary += String.fromCharCode(byte);
    form.setValue('reach.pkcs12', btoa(binary), { shouldDirty: true });
  };
  return (
    <Field id="pkcs12" label="Archive (.p12, .pfx)" error={undefined} hint={kept.pkcs12 === null ? '' : 'One is kept.'}>
      <input
        {...fieldProps('pkcs12', undefined)}
        type="file"
        accept=".p12,.pfx"
        onChange={(event) => void read(event.target.files?.[0])}
      />
    </Field>
  );
}

function Check({ form, name, label }: InputProps<'http2' | 'cookies' | 'compression'>) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...form.register(`reach.${name}`)} /> {label}
    </label>
  );
}

function errorOf(form: Form, name: keyof ReachFields): string | undefined {
  return form.formState.errors.reach?.[name]?.message;
}

function hasError(form: Form, names: readonly (keyof ReachFields)[]): boolean {
  return names.some((name) => errorOf(form, name) !== undefined);
}
