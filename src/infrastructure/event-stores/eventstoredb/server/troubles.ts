import { plainLine } from '../../../../domain/staging/plain-text';
import { optionOf } from './address';
import { withinSentence } from '../../../../domain/within-sentence';

/** Why a server cannot be reached, in words of ours, and what to do about it. */
export interface Trouble {
  readonly seen: string;
  readonly cure: string;
}

const MOST_CHARACTERS = 300;
const PORT = 'correct host and port of the URL (the port is 2113 unless it was changed)';

const NO_SERVER = `${PORT}; no EventStoreDB answers there`;

type Kind = { readonly words: RegExp } & ({ readonly cure: string } | { readonly cureFor: (url: string) => string });

/** By the words of Node and OpenSSL, which the client hands on. The first that fits counts. */
const KINDS: readonly Kind[] = [
  { words: /Name resolution failed|ENOTFOUND|EAI_AGAIN/, cure: 'correct the host of the URL, or what resolves it' },
  {
    words: /altnames|ALTNAME_INVALID/,
    cure: 'write a host in the URL that the certificate names, or make a certificate for this one',
  },
  { words: /certificate has expired|CERT_HAS_EXPIRED/, cure: "renew the node's certificate" },
  { words: /not yet valid|CERT_NOT_YET_VALID/, cure: 'set the clock of this machine or of the node' },
  {
    words: /unable to (verify|get)|self[- ]signed|UNABLE_TO_|SELF_SIGNED|issuer certificate/,
    cureFor: (url) =>
      optionOf(url, 'tlsCAFile') === undefined
        ? 'add tlsCAFile=/PATH/ca.crt to the URL, the certificate of the authority that signed it'
        : 'name in tlsCAFile the certificate of the authority that signed it',
  },
  {
    words: /wrong version number|packet length too long|WRONG_VERSION_NUMBER/,
    cure: `${PORT}; it speaks no TLS, so for a server in insecure mode add tls=false`,
  },
  { words: /speaks TLS/, cure: 'take tls=false out of the URL, and add USER:PASSWORD@ and tlsCAFile' },
  { words: /no.application.protocol|no HTTP\/2|Protocol error|larger than max/i, cure: NO_SERVER },
  { words: /HTTP status code 5/, cure: 'look at the proxy in between: it cannot reach the server' },
  { words: /HTTP status code|UNIMPLEMENTED/, cure: NO_SERVER },
  { words: /alert number|alert |handshake failure/i, cure: `${PORT}; it takes no part in TLS with this program` },
  {
    words: /No leader info|Failed to discover/,
    cure: 'look at the nodes: a majority has to run, reach each other and be in the URL',
  },
  { words: /Leader info available/, cure: 'name every node in the URL: this one does not lead' },
  { words: /ECONNREFUSED/, cure: `start it, or ${PORT}` },
  {
    words: /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|no connection within/,
    cure: 'look at the network and at firewalls in between, or correct the URL',
  },
  {
    words: /disconnected before secure|ECONNRESET|Failed to connect|socket hang up/,
    cureFor: (url) =>
      `look at the log of the server and at proxies in between${optionOf(url, 'tls') === 'false' ? '; it may want TLS' : ''}`,
  },
  {
    words: /no answer within/,
    cure: 'look at the server: it may be starting, or have too much to do; or correct the URL',
  },
  { words: /Not Ready|Too Busy/, cure: 'wait, or look at the log of the server' },
];

/** @param words of the client, or of whoever looked at the server. */
export function troubleOf(words: string, url: string): Trouble {
  const kind = KINDS.find((candidate) => candidate.words.test(words));
  const seen = inShort(words);
  if (!kind) return { seen, cure: 'look at the log of the server' };
  return { seen, cure: 'cure' in kind ? kind.cure : kind.cureFor(url) };
}

/** One line, without what only says where in a library it was. */
export function inShort(words: string): string {
  const short = words
    .replace(/^(\d+ [A-Z_]+: )?No connection established\. Last error: (Error: )?/, '')
    .replace(/\s*\.? Resolution note:.*$/s, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/, '')
    .replace(/[0-9A-F]{8,}:error:[0-9A-F]{8}:[^:]*:[^:]*:([^:]*):\S*?:\d+:(SSL alert number \d+)?/, '$1 $2');
  return withinSentence(plainLine(short, MOST_CHARACTERS));
}
