import { execFileSync } from 'node:child_process';

/**
 * Keys of git's configuration that name a command, a program or a place to load one from, by the documentation of git 2.39
 * to 2.51. Where a key has a free part it is `canary`, which the planted attributes select.
 */
export const COMMAND_KEYS = [
  'alias.canary',
  'alias.fetch',
  'alias.rebase',
  'browser.canary.cmd',
  'browser.canary.path',
  'core.alternateRefsCommand',
  'core.askPass',
  'core.attributesFile',
  'core.editor',
  'core.excludesFile',
  'core.fsmonitor',
  'core.gitProxy',
  'core.hooksPath',
  'core.pager',
  'core.sshCommand',
  'credential.helper',
  'diff.canary.command',
  'diff.canary.textconv',
  'diff.external',
  'diff.guitool',
  'diff.tool',
  'difftool.canary.cmd',
  'difftool.canary.path',
  'filter.canary.clean',
  'filter.canary.process',
  'filter.canary.smudge',
  'gpg.openpgp.program',
  'gpg.program',
  'gpg.ssh.defaultKeyCommand',
  'gpg.ssh.program',
  'gpg.x509.program',
  'guitool.canary.cmd',
  'hook.canary.command',
  'imap.tunnel',
  'init.templateDir',
  'instaweb.browser',
  'instaweb.httpd',
  'interactive.diffFilter',
  'man.canary.cmd',
  'man.canary.path',
  'merge.canary.driver',
  'merge.canary.recursive',
  'merge.guitool',
  'merge.tool',
  'mergetool.canary.cmd',
  'mergetool.canary.path',
  'pager.canary',
  'pager.fetch',
  'pager.status',
  'receive.procReceiveRefs',
  'remote.origin.proxy',
  'remote.origin.receivepack',
  'remote.origin.uploadpack',
  'remote.origin.vcs',
  'sendemail.aliasFileType',
  'sendemail.canary.smtpServer',
  'sendemail.ccCmd',
  'sendemail.headerCmd',
  'sendemail.sendmailCmd',
  'sendemail.smtpServer',
  'sendemail.toCmd',
  'sequence.editor',
  'ssh.variant',
  'submodule.canary.update',
  'tar.canary.command',
  'trailer.canary.cmd',
  'trailer.canary.command',
  'uploadpack.packObjectsHook',
  'url.canary.insteadOf',
  'web.browser',
] as const;

/** With these on, something that is off by default runs a command. */
export const TRIGGERS: Readonly<Record<string, string>> = {
  'commit.gpgSign': 'true',
  'tag.gpgSign': 'true',
  'push.gpgSign': 'true',
  'log.showSignature': 'true',
  'merge.verifySignatures': 'true',
  'filter.canary.required': 'true',
  'merge.default': 'canary',
  'diff.canary.cachetextconv': 'true',
  'gc.auto': '1',
  'maintenance.auto': 'true',
  'submodule.recurse': 'true',
  'status.submoduleSummary': 'true',
  'protocol.ext.allow': 'always',
  'protocol.allow': 'always',
  'core.untrackedCache': 'true',
};

/** What a name looks like that could stand for a command. */
const SUSPICIOUS =
  /cmd|command|program|helper|hook|editor|pager|driver|proxy|textconv|clean$|smudge|process$|external|uploadpack$|receivepack$|vcs|^alias|tunnel|askpass|tool$|browser|httpd|difffilter|insteadof|templatedir|\.path$/i;
/** Names that look like it and are none: numbers, switches, lists of names. */
const NO_COMMANDS =
  /^(?:advice|color|completion|fsck|gui|help|http|notes|fetch\.fsck|receive\.fsck|guitool\.<name>\.(?!cmd))|^rebase\.abbreviateCommands$|proxyAuthMethod$|^core\.fsmonitorHookVersion$|^clean\.|^diff\.(?:guitool|tool)$|^mergetool\.vimdiff|^credential\.(?:protectProtocol|username|useHttpPath)|pushInsteadOf$|^remote\.<name>\.proxy$|^sendemail\.|^receive\.|^gc\.|^pack\.|^core\.pager$|^column\.|^gitcvs\.|^merge\.<driver>\.name$|^diff\.<driver>\.(?!command|textconv)|^include/;

/** Keys as this git documents them, with their free parts filled in. */
export function documentedKeys(): readonly string[] {
  const lines = execFileSync('git', ['help', '-c'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => /^[a-z][A-Za-z0-9]*\.\S+$/.test(line));
}

/** A key of the documentation as one that can be written: `filter.<driver>.clean` as `filter.canary.clean`. */
export function filledIn(key: string): string {
  const name = key
    .replace(/<name>/g, 'origin')
    .replace(/<format>/g, 'openpgp')
    .replace(/<[^>]*>|\*/g, 'canary');
  return /^[A-Za-z0-9-]+\.(?:.*\.)?[A-Za-z][A-Za-z0-9-]*$/.test(name) ? name : '';
}

/** Those of them that look as if they named a command, and are in neither of the lists above. */
export function unknownCommandKeys(): readonly string[] {
  const known = new Set(COMMAND_KEYS.map((key) => key.toLowerCase()));
  return documentedKeys().filter((key) => {
    if (!SUSPICIOUS.test(key) || NO_COMMANDS.test(key)) return false;
    const plain = filledIn(key).toLowerCase();
    return !known.has(plain) && !known.has(plain.replace('.canary.', '.origin.'));
  });
}

/** The text of a configuration file. Each value is a shell command that `sing` makes of the key's name. */
export function configText(keys: readonly string[], sing: (key: string) => string): string {
  const entries = keys.map((key): [string, string] => [key, TRIGGERS[key] ?? sing(key)]);
  return entries.map(([key, value]) => sectionOf(key, value)).join('');
}

/** Attributes that select every driver that is planted. */
export const ATTRIBUTES = '* filter=canary diff=canary merge=canary\n';

function sectionOf(key: string, value: string): string {
  const [section = '', ...rest] = key.split('.');
  const name = rest.pop() ?? '';
  const part = rest.length > 0 ? ` ${quoted(rest.join('.'))}` : '';
  return `[${section}${part}]\n\t${name} = ${quoted(value)}\n`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
