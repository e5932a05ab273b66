import { addressOf } from '../../../src/infrastructure/postgres/address';
import { faultOfPostgresUrl, parseServerUrl } from '../../../src/infrastructure/postgres/server-url';

const SECRET = 'S3cr3t';

describe('forms that are taken', () => {
  it.each([
    ['postgres://ann:S3cr3t@db.example:5433/log', { host: 'db.example', port: 5433, user: 'ann', password: SECRET }],
    ['postgresql://ann@db/log', { host: 'db', port: null, user: 'ann', password: undefined }],
    ['postgres://ann:p%40%3A%2F%3F%23x@db/log', { user: 'ann', password: 'p@:/?#x' }],
    ['postgres://[::1]:5433/log', { host: '::1', port: 5433, user: undefined }],
    ['postgres:///log?host=/run/postgresql', { host: '/run/postgresql' }],
    ['postgres://ann:S3cr3t@/log?host=/run/postgresql&port=5433', { host: '/run/postgresql', port: 5433 }],
    ['postgres://localhost/log?host=%2Frun%2Fpostgresql', { host: '/run/postgresql' }],
    ['postgres://%2Frun%2Fpostgresql/log', { host: '/run/postgresql' }],
    ['postgres://db?dbname=log&user=ann&password=a+b', { user: 'ann', password: 'a+b' }],
    ['postgres://db/log?connect_timeout=3', { connectWithinMs: 3_000 }],
    ['postgres://db/log?target_session_attrs=read-write', { host: 'db' }],
    ['postgres://db/log?sslmode=disable', { tls: null }],
    ['postgres://db/log?ssl=true', { tls: expect.objectContaining({ isVerified: true }) as unknown }],
    ['postgres://db/log?sslmode=no-verify', { tls: expect.objectContaining({ isVerified: false }) as unknown }],
    [
      'postgres://db/log?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem&sslnegotiation=direct',
      { tls: { isVerified: true, rootCert: '/etc/ssl/db.pem', cert: undefined, key: undefined, isDirect: true } },
    ],
  ])('%s', (url, address) => {
    expect(faultOfPostgresUrl(url)).toBeNull();
    expect(parseServerUrl(url)).toMatchObject({ database: 'log', ...address });
    expect(addressOf(url)).not.toContain(SECRET);
  });

  it('are shown by where they lead and as whom, and by nothing else', () => {
    expect(addressOf('postgres://ann:S3cr3t@db:5433/log?sslmode=require')).toBe('postgres://ann@db:5433/log');
    expect(addressOf('postgres:///log?host=/run/pg&user=bob&password=S3cr3t')).toBe('postgres://bob@/run/pg/log');
    expect(addressOf('postgres://[::1]/log')).toBe('postgres://[::1]/log');
  });
});

describe('forms that are refused in one line', () => {
  it.each([
    ['postgres://one,two/log', 'several hosts'],
    ['postgres://one:5432,two:5433/log', 'several hosts'],
    ['postgres://ann:S3cr3t@/log?host=one,two', 'several hosts'],
    ['postgres:///log?service=prod', 'service= is not looked up'],
    ['postgres://db/log?hostaddr=10.0.0.1', 'hostaddr= is not taken'],
    ['postgres://db/log?passfile=/home/ann/.pgpass', 'passfile= is not read'],
    ['postgres://db/log?options=-c%20work_mem%3D1GB', 'options= is not taken'],
    ['postgres://db/log?query_timeout=1', 'of the parameters only host, port,'],
    ['postgres://db/log?sslmode=prefer', 'parameter sslmode does not take that value'],
    ['postgres://db/log?connect_timeout=0', 'parameter connect_timeout does not take that value'],
    ['postgres://db/log?target_session_attrs=standby', 'parameter target_session_attrs'],
    ['postgres://db/log?sslmode=disable&sslrootcert=/x', 'sslrootcert: of no use without TLS'],
    ['postgres://db/log?port=1&port=2', 'stands there twice'],
    ['postgres://db', 'add the name of the database'],
    ['postgres:///log', 'name the host'],
    // Without its `@` a login looks like a database.
    ['postgres:///ann:S3cr3t127.0.0.1?host=/run/postgresql', 'write it as'],
    ['postgres://ann:S3cr3t@@db/log', 'write it as'],
    ['postgres://ann:S3cr3t/12@db/log', 'write it as'],
    ['postgres://ann:12/S3cr3t@db/log', 'write it as'],
    ['postgres://ann:1#S3cr3t@db/log', 'write it as'],
    ['postgres://ann:1?S3cr3t@db/log', 'of the parameters only'],
    ['postgres://ann:%S3cr3t@db/log', 'write it as'],
    ['postgres://db:99999/log', 'write it as'],
    ['postgres://db/a%00b', 'write it as'],
    ['postgres:db', 'write it as'],
  ])('%s', (url, advice) => {
    const fault = faultOfPostgresUrl(url);
    expect(fault).toContain(advice);
    expect(fault).not.toMatch(/S3cr3t|\n/);
  });
});
