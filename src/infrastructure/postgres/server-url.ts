/** Where a server is and whom it is told that we are, as a URL of our form says it. */
export interface ServerAddress {
  /** A name, an IP address, or the folder of the server's socket. */
  readonly host: string;
  /** Null: the usual one. */
  readonly port: number | null;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: TlsMode | null;
  /** Null: as long as we usually wait. */
  readonly connectWithinMs: number | null;
}

export interface TlsMode {
  /** Whether the server has to prove who it is. */
  readonly isVerified: boolean;
  /** Paths of PEM files. */
  readonly rootCert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** TLS from the first byte on, without asking the server for it in clear text. */
  readonly isDirect: boolean;
}

/**
 * Nothing but a login may hold an `@`: in any other place it is a part of a password that was not encoded. A colon behind the host,
 * but before a port, is one of a login that has lost its `@`.
 */
const PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<login>[^@/?#]*)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~,%-]*)(?::(?<port>[^@/?#]*))?(?:\/(?<database>[^@:/?#]*))?(?:\?(?<options>[^#]*))?$/;
const FORM = 'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for @ and the like in the password';
const ONE_HOST = 'several hosts are not tried in turn; name one, or a name that always leads to the primary';
const MOST_SECONDS = 600;

type Check = (value: string) => boolean;
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value);
const isGiven: Check = (value) => value !== '';

/** What may stand behind `?`. The driver would take anything, and pass over in silence what it does not know. */
const OPTIONS: Readonly<Record<string, Check>> = {
  host: isGiven,
  port: isPort,
  dbname: isGiven,
  user: isGiven,
  password: () => true,
  connect_timeout: (value) => /^[1-9][0-9]{0,2}$/.test(value) && Number(value) <= MOST_SECONDS,
  ssl: oneOf('true', 'false'),
  sslmode: oneOf('disable', 'require', 'verify-ca', 'verify-full', 'no-verify'),
  sslrootcert: isGiven,
  sslcert: isGiven,
  sslkey: isGiven,
  sslnegotiation: oneOf('postgres', 'direct'),
  // That one server has to be a primary in any case.
  target_session_attrs: oneOf('any', 'read-write', 'primary'),
};
/** Forms of libpq that are not ours, and what to write instead. */
const NOT_OURS: Readonly<Record<string, string>> = {
  service: 'service= is not looked up in a service file; write host and database into the URL',
  hostaddr: 'hostaddr= is not taken; write the address in the place of the host',
  passfile: 'passfile= is not read; write the password into the URL, or into PGPASSWORD',
  options: 'options= is not taken: the service sets up its sessions itself; see docs/postgresql.md',
};

/**
 * Looks for what the driver would misunderstand or ignore. Nothing of the URL stands in the answer but names of parameters
 * that are known: whatever else there is may be a part of a password.
 *
 * @returns what to do about it; null when there is nothing.
 */
export function faultOfPostgresUrl(text: string): string | null {
  const parts = PARTS.exec(text)?.groups;
  if (!parts) return FORM;
  const { login = '', host = '', port, database = '', options = '' } = parts;
  if (`${host}${port ?? ''}`.includes(',')) return ONE_HOST;
  if (![login, host, database, options].every(isDecodable)) return FORM;
  if (port !== undefined && port !== '' && !isPort(port)) return FORM;
  const pairs = pairsOf(options);
  const fault = pairs.map(([name, value]) => faultOfOption(name, value)).find((found) => found !== null);
  if (fault !== undefined) return fault;
  const given = new Map(pairs);
  if (given.size < pairs.length) return 'a parameter stands there twice; write each once';
  return faultOfPlace(host, database, given);
}

/** @param url in which `faultOfPostgresUrl` finds nothing. */
export function parseServerUrl(url: string): ServerAddress {
  const { login = '', host = '', port = '', database = '', options = '' } = PARTS.exec(url)?.groups ?? {};
  const given = new Map(pairsOf(options));
  const option = (name: string) => given.get(name);
  const [user, ...password] = login.split(':').map(decodeURIComponent);
  const givenPort = option('port') ?? port;
  const seconds = option('connect_timeout');
  return {
    host: option('host') ?? decodeURIComponent(host.replace(/^\[(.*)\]$/, '$1')),
    port: givenPort === '' ? null : Number(givenPort),
    user: option('user') ?? (user === '' ? undefined : user),
    password: option('password') ?? (password.length === 0 ? undefined : password.join(':')),
    database: option('dbname') ?? decodeURIComponent(database),
    tls: tlsOf(option),
    connectWithinMs: seconds === undefined ? null : Number(seconds) * 1_000,
  };
}

function faultOfOption(name: string, value: string): string | null {
  if (Object.hasOwn(NOT_OURS, name)) return NOT_OURS[name] ?? null;
  if (name === 'host' && value.includes(',')) return ONE_HOST;
  if (!Object.hasOwn(OPTIONS, name))
    return `of the parameters only ${Object.keys(OPTIONS).join(', ')} can be set; see docs/postgresql.md`;
  return OPTIONS[name]?.(value) && !value.includes('\0')
    ? null
    : `parameter ${name} does not take that value; see docs/postgresql.md`;
}

function faultOfPlace(host: string, database: string, given: ReadonlyMap<string, string>): string | null {
  if (host === '' && !given.has('host'))
    return 'name the host: postgres://HOST/DATABASE, or ?host=/FOLDER for a socket';
  if (database === '' && !given.has('dbname')) return 'add the name of the database: postgres://HOST/DATABASE';
  const isOff = given.get('ssl') === 'false' || given.get('sslmode') === 'disable';
  const files = ['sslrootcert', 'sslcert', 'sslkey'].filter((name) => given.has(name));
  if (isOff && files.length > 0) return `${files.join(', ')}: of no use without TLS; add sslmode=verify-full`;
  return null;
}

function tlsOf(option: (name: string) => string | undefined): TlsMode | null {
  const [mode, rootCert, cert, key] = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'].map(option);
  const isDirect = option('sslnegotiation') === 'direct';
  const isWanted =
    option('ssl') === 'true' || isDirect || [mode, rootCert, cert, key].some((each) => each !== undefined);
  if (!isWanted || mode === 'disable') return null;
  return { isVerified: mode !== 'no-verify', rootCert, cert, key, isDirect };
}

/** As libpq reads them: a plus sign is a plus sign. */
function pairsOf(options: string): [name: string, value: string][] {
  if (options === '') return [];
  return options.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
  });
}

function isPort(text: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535;
}

function isDecodable(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes('\0');
  } catch {
    return false; // A lone % sign.
  }
}
