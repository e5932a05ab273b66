import type { LinePattern } from '../failure-rule';

/** Lines with which test tools tell that tests ran. Where one of them stands, an exit code is about the change. */
export const TESTS_RAN: LinePattern = new RegExp(
  [
    // pytest, unittest
    String.raw`=+ .{0,200}\b[1-9]\d{0,5} (?:passed|failed|errors?)\b`,
    String.raw`(?:FAILED|PASSED|ERROR) \S{1,200}::`,
    String.raw`Ran [1-9]\d{0,5} tests? in `,
    // jest, vitest, mocha, TAP
    String.raw`Test(?:s| Suites):\s{1,9}\d`,
    String.raw`\s{0,9}Test(?:s| Files)\s{1,9}\d`,
    String.raw`\s{1,4}\d{1,6} (?:passing|failing)`,
    String.raw`(?:not )?ok \d{1,6}\b`,
    String.raw`[#ℹ] (?:tests|pass|fail) \d`,
    // go, cargo
    String.raw`\s{0,40}--- (?:FAIL|PASS): `,
    String.raw`(?:ok {2}|FAIL)\t\S{1,200}\t\d`,
    String.raw`test result: `,
    // JUnit by Maven and Gradle, dotnet
    String.raw`(?:\[(?:ERROR|INFO|WARNING)\] )?Tests run: [1-9]`,
    String.raw`[1-9]\d{0,5} tests? completed`,
    String.raw`(?:Passed|Failed)! {1,4}- `,
    String.raw`Total tests: [1-9]`,
    // PHPUnit, RSpec
    String.raw`Tests: [1-9]\d{0,5}, Assertions: `,
    String.raw`[1-9]\d{0,5} examples?, `,
  ]
    .map((pattern) => `^(?:${pattern})`)
    .join('|'),
);

/** What the C library, curl, Node, Python, Java, Go and Rust say when a network does not work. */
export const NETWORK: LinePattern =
  /\b(?:E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTCACHED)|ERR_SOCKET_TIMEOUT)\b|[Cc]ould(?: not|n't) (?:resolve (?:host|proxy|')|connect)|[Ff]ailed to connect to |[Tt]emporary failure (?:in name resolution|resolving)|[Nn]ame or service not known|Name does not resolve|no such host|nodename nor servname|UnknownHostException|[Cc]onnection (?:refused|reset|timed out|aborted|closed)|[Nn]etwork is unreachable|[Nn]o route to host|[Oo]peration timed out|i\/o timeout|Read timed out|TLS handshake (?:timeout|failed)|SSL_ERROR_SYSCALL|gnutls_handshake|spurious network error|early EOF|remote end hung up|Transport endpoint is not connected|Host is down|Stale file handle|Cannot connect to the Docker daemon/;

/** What a server answers that is there and cannot serve. */
export const SERVER_ERROR: LinePattern =
  /\b(?:HTTP(?:\/[\d.]{1,3})?[ :]|HTTP [Ss]tatus:? |[Ss]tatus code:? |status |returned error: |error: |Error |E|ERR_PNPM_FETCH_|success: |code )(?:429|50[0234])\b|\b(?:429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service (?:Temporarily )?Unavailable|504 Gateway Time-?out)|toomanyrequests:|rate limit exceeded/i;

export const NO_SPACE: LinePattern =
  /\b(?:ENOSPC|EDQUOT)\b|No space left on device|[Dd]isk quota exceeded|There is not enough space on the disk/;

/** What tools say of a child that SIGKILL has ended. */
export const KILLED: LinePattern =
  /^(?:.{0,200}[ :])?(?:Killed|SIGKILL)$|signal: (?:killed|9)|SIGKILL|[Kk]illed signal terminated program|\] (?:Error 137|Killed)|(?:exit code|exit status|code) 137\b/;
