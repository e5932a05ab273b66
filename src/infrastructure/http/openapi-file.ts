import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the document says of a code. */
interface DocumentedCode {
  readonly const: string;
  readonly title: string;
  readonly description: string;
}

const NAME = 'openapi.json';

/** The document of all routes: made when the program is built, and read when somebody first asks for it. */
export class OpenapiFile {
  private read: Promise<Buffer> | null = null;

  constructor(private readonly folder = __dirname) {}

  bytes(): Promise<Buffer> {
    this.read ??= readFile(pathAbove(this.folder));
    return this.read;
  }

  /** @returns null for a code that no problem has. */
  async code(code: string): Promise<DocumentedCode | null> {
    const document = JSON.parse((await this.bytes()).toString('utf8')) as {
      readonly components: {
        readonly schemas: { readonly ProblemCode: { readonly oneOf: readonly DocumentedCode[] } };
      };
    };
    return document.components.schemas.ProblemCode.oneOf.find((known) => known.const === code) ?? null;
  }
}

/** It stands beside package.json, whichever file of the program asks. */
function pathAbove(folder: string): string {
  const path = join(folder, NAME);
  if (existsSync(path)) return path;
  if (dirname(folder) === folder) throw new Error(`expected ${NAME} above ${__dirname}, saw none`);
  return pathAbove(dirname(folder));
}
