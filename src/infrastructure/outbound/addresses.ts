import { BlockList, isIP } from 'node:net';

/** Who can be reached at an address. */
export type Reach = 'public' | 'private' | 'loopback' | 'nobody';

/** Of IANA's registries of special addresses: what is no place of a server that anybody means. */
const NOBODY = listOf([
  '0.0.0.0/8',
  // Where clouds answer with credentials of the machine.
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b:1::/48',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  '100::/64',
  '2001:db8::/32',
  // Ways for version 4 through version 6, whose ends nobody can tell.
  '2001::/32',
  '2002::/16',
  // The same, of a cloud in its private range.
  'fd00:ec2::/32',
]);
const LOOPBACK = listOf(['127.0.0.0/8', '::1/128']);
const PRIVATE = listOf(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15', 'fc00::/7']);

/** @returns 0 for what is no address. */
export function familyOf(text: string): 0 | 4 | 6 {
  return isIP(text) as 0 | 4 | 6;
}

/** @param address as the resolver writes it. One of version 4 within one of version 6 is what it stands for. */
export function reachOf(address: string): Reach {
  const plain = embedded(address);
  const family = isIP(plain);
  if (family === 0) return 'nobody';
  const isIn = (list: BlockList) => list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  if (isIn(LOOPBACK)) return 'loopback';
  if (isIn(NOBODY)) return 'nobody';
  return isIn(PRIVATE) ? 'private' : 'public';
}

/** Whom somebody may lead us to: nobody who is nearer to this machine than himself. */
export function mayLeadTo(from: Reach, to: Reach): boolean {
  const allowed: Readonly<Record<Reach, readonly Reach[]>> = {
    public: ['public'],
    private: ['public', 'private'],
    loopback: ['public', 'private', 'loopback'],
    nobody: [],
  };
  return allowed[from].includes(to);
}

/** The address of version 4 in `::ffff:1.2.3.4`, `64:ff9b::1.2.3.4`, and in their spellings with hexadecimal digits. */
function embedded(address: string): string {
  const [plain = ''] = address.split('%');
  if (isIP(plain) !== 6) return plain;
  const full = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(full) ?? [];
  if (high === undefined || low === undefined) return full;
  const bits = [high, low].map((group) => Number.parseInt(group, 16));
  return bits.flatMap((group) => [group >> 8, group & 255]).join('.');
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
